//! 简体中文。

use kaiwa_shared::Code;

use super::ErrorsWords;
use crate::i18n::duration::chinese as duration;

pub(in crate::i18n) const WORDS: ErrorsWords = ErrorsWords {
    not_found_title: "这里什么都没有",
    not_found_detail: "页面不存在，或者你无权查看。",
    back_to_start: "开始新会话",
    unreachable_title: "Kaiwa 没有响应",
    network: "连不上服务器，请检查网络后重试。",
    unexpected: |status| format!("你和服务器之间的代理返回了无法识别的内容（HTTP {status}）。"),
    problem,
    wait: |seconds| format!("请在 {}后重试。", duration(seconds)),
    field,
};

const fn problem(code: Code) -> &'static str {
    match code {
        Code::BadRequest => "服务器无法识别这个请求，请刷新页面后重试。",
        Code::Invalid => "填写的内容有误，请检查后再试。",
        Code::NotSignedIn => "登录已失效，请重新登录。",
        Code::WrongCredentials => "用户名或密码不正确。",
        Code::Forbidden => "你没有权限进行这项操作。",
        Code::CrossSite => {
            "服务器收到的地址和浏览器里的不一样。请管理员把 SITE_URL 设成地址栏里的地址，再刷新页面。"
        }
        Code::NotFound => "内容不存在，或者你无权查看。",
        Code::MethodNotAllowed => "这台服务器不支持这项操作。",
        Code::AlreadyExists => "这个名字已被使用，请换一个。",
        Code::Conflict => "内容刚刚有变动，请刷新页面后重试。",
        Code::TooManyPrompts => "最多保存 200 条提示词，请先删掉一条。",
        Code::RegistrationClosed => "这台服务器没有开放注册，请联系管理员开通账号。",
        Code::SetupCodeRequired => "服务器不认识这个网址，请填写服务器日志里的安装码再试。",
        Code::TooLarge => "内容太大，请精简后再发送。",
        Code::UnsupportedMediaType => "不支持这种类型的内容。",
        Code::UnsupportedFile => {
            "读不了这种文件。可以添加 JPEG、PNG、WebP、GIF 图片，PDF、Word、Excel、PPT 文档和文本文件。"
        }
        Code::HeicPicture => "读不了 HEIC 图片，请转成 JPEG 后再添加。",
        Code::PictureTooLarge => "图片的像素太多，请缩小后再添加。",
        Code::DamagedFile => "文件已损坏，请重新保存后再添加。",
        Code::StorageQuota => "你的存储空间已满，请删除一些带文件的会话。",
        Code::DiskFull => "服务器的磁盘已满，请联系管理员。",
        Code::FileNotFound => "消息里有文件已经不在服务器上了，请重新添加。",
        Code::ModelCannotRead => "这个模型读不了所附的文件，请换一个模型，或去掉这些文件。",
        Code::RangeNotSatisfiable => "文件有变动，请重新加载。",
        Code::TooManyRequests => "操作太频繁了。",
        Code::TooManyGenerations => "同时生成的回答太多了，请先停止一个，或稍后再试。",
        Code::NothingToContinue => "这条消息没有可以继续的内容。",
        Code::RequestTimeout => "请求超时，请重试。",
        Code::ModelNotFound => "这个模型已不可用，请在下方换一个。",
        Code::ProviderAuth => "模型服务商拒绝了 API 密钥，请联系管理员检查配置。",
        Code::ProviderRateLimit => "模型服务商正在限流。",
        Code::ProviderQuota => "模型服务商的额度已用完，请联系管理员充值。",
        Code::ContextLength => "会话太长，超出了模型的上下文。请开始新会话，或换一个上下文更长的模型。",
        Code::ContentFilter => "回答被服务商的内容审核拦截了，换个说法再试试。",
        Code::ProviderRejected => "模型服务商拒绝了这个请求。",
        Code::ProviderUnavailable => "模型服务暂时不可用，请稍后重试。",
        Code::ProviderTimeout => "模型响应超时，请重试。",
        Code::ProviderUnreachable => "连不上模型服务商，请检查地址和服务器的网络。",
        Code::ProviderProtocol => "模型服务商返回了无法识别的内容。",
        Code::ProviderCutOff => "模型服务商在回答途中断开了连接。",
        Code::EmptyReply => "模型什么都没写就结束了，请重试。",
        Code::OutputLimit => "模型光是思考就用完了回答的长度。请降低思考强度或调高长度上限后重试。",
        Code::MalformedCall => "模型想调用工具，但调用的格式不对，请重试。",
        Code::UnknownContent => "这个回答的内容 Kaiwa 还显示不了，请重试或换一个模型。",
        Code::Interrupted => "服务器在回答途中停止了运行。",
        Code::Unavailable => "部分服务暂时不可用，请稍后重试。",
        Code::Internal => "服务器出错了，请重试。如果一直这样，请联系管理员。",
        Code::Unknown => "出了点问题，请刷新页面后重试。",
    }
}

fn field(field: &str, code: &str) -> Option<&'static str> {
    let is_password = field.ends_with("password");
    Some(match (is_password, code) {
        (_, "required") => "请填写这一项。",
        (true, "too_short") => "密码至少要有 8 个字符。",
        (true, "too_long") => "密码太长了。",
        (true, "too_common") => "这个密码太常见，很容易被猜到，请换一个。",
        (_, "wrong") if field == "setup_code" => "安装码不对，或者已经用过。请查看服务器日志。",
        (true, "wrong") => "当前密码不正确。",
        (false, "too_short") => "至少要有 2 个字符。",
        (_, "too_long") if field == "text" => "内容太长，一条提示词最多 16 KB。",
        (false, "too_long") => "最多 64 个字符。",
        (false, "malformed") if field == "email" => "邮箱地址格式不正确。",
        (_, "malformed") if matches!(field, "name" | "text") => "请去掉里面的控制字符。",
        (false, "malformed") => "只能使用文字、数字、点、短横线和下划线。",
        (false, "taken" | "already_exists") => "这个名字已被使用，请换一个。",
        _ => return None,
    })
}
