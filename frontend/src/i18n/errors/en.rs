//! English.

use kaiwa_shared::Code;

use super::ErrorsWords;
use crate::i18n::duration::english as duration;

pub(in crate::i18n) const WORDS: ErrorsWords = ErrorsWords {
    not_found_title: "Nothing here",
    not_found_detail: "This page does not exist, or you don’t have access to it.",
    back_to_start: "Start a new chat",
    unreachable_title: "Kaiwa isn’t responding",
    network: "Can’t reach the server. Check your connection and try again.",
    unexpected: |status| {
        format!("Something between you and the server sent an unexpected response (HTTP {status}).")
    },
    problem,
    wait: |seconds| format!(" Try again in {}.", duration(seconds)),
    field,
};

const fn problem(code: Code) -> &'static str {
    match code {
        Code::BadRequest => "The server could not read the request. Reload the page and try again.",
        Code::Invalid => "Some of what you entered is not valid.",
        Code::NotSignedIn => "Your session has ended. Sign in again.",
        Code::WrongCredentials => "The username or password is wrong.",
        Code::Forbidden => "You don’t have permission to do this.",
        Code::CrossSite => {
            "The server was reached under another address than the one in your browser. Ask the administrator to set SITE_URL to the address that you see, then reload the page."
        }
        Code::NotFound => "This does not exist, or you don’t have access to it.",
        Code::MethodNotAllowed => "This server does not support that.",
        Code::AlreadyExists => "That name is taken. Choose another.",
        Code::Conflict => "Something changed in the meantime. Reload the page and try again.",
        Code::TooManyPrompts => "You have 200 prompts, and that is the limit. Delete one to add another.",
        Code::RegistrationClosed => {
            "Registration is closed on this server. Ask the administrator for an account."
        }
        Code::SetupCodeRequired => {
            "The server doesn’t know this address. Enter the set-up code from its log, then try again."
        }
        Code::TooLarge => "That is too large to send. Shorten it and try again.",
        Code::UnsupportedMediaType => "This type of content is not supported.",
        Code::UnsupportedFile => {
            "Kaiwa can’t read this kind of file. It takes JPEG, PNG, WebP and GIF pictures, PDF, Word, Excel, PowerPoint and text files."
        }
        Code::HeicPicture => "Kaiwa can’t read HEIC pictures. Save it as JPEG and add that.",
        Code::PictureTooLarge => "This picture has too many pixels. Make it smaller and add it again.",
        Code::DamagedFile => "This file is damaged. Save it again and add that.",
        Code::StorageQuota => "Your storage is full. Delete conversations with files to make room.",
        Code::DiskFull => "The server’s disk is full. Tell the administrator.",
        Code::FileNotFound => "A file of this message is no longer on the server. Add it again.",
        Code::ModelCannotRead => {
            "This model can’t read the attached files. Choose another model, or remove them."
        }
        Code::RangeNotSatisfiable => "The file has changed. Load it again.",
        Code::TooManyRequests => "Too many requests.",
        Code::TooManyGenerations => "Too many answers are being generated. Stop one or wait a moment.",
        Code::NothingToContinue => "There is nothing to continue in this message.",
        Code::RequestTimeout => "The request took too long. Try again.",
        Code::ModelNotFound => "This model is no longer available. Choose another one below.",
        Code::ProviderAuth => "The provider rejected the API key. Ask the administrator to check it.",
        Code::ProviderRateLimit => "The provider is limiting requests right now.",
        Code::ProviderQuota => "The provider account is out of credit. Ask the administrator to top it up.",
        Code::ContextLength => {
            "This conversation is too long for the model. Start a new one or choose a model with a larger context window."
        }
        Code::ContentFilter => {
            "The provider’s content filter blocked the answer. Rephrase your message and try again."
        }
        Code::ProviderRejected => "The provider rejected the request.",
        Code::ProviderUnavailable => "The provider is unavailable right now. Try again shortly.",
        Code::ProviderTimeout => "The model did not answer in time. Try again.",
        Code::ProviderUnreachable => "Can’t reach the provider. Check its address and the server’s network.",
        Code::ProviderProtocol => "The provider sent a response that Kaiwa could not read.",
        Code::ProviderCutOff => "The provider’s connection dropped in the middle of the answer.",
        Code::EmptyReply => "The model ended its answer without writing anything. Try again.",
        Code::OutputLimit => {
            "The model’s thinking used up the whole length of the answer. Try again with less thinking or a higher limit."
        }
        Code::MalformedCall => "The model tried to use a tool, but got the call wrong. Try again.",
        Code::UnknownContent => {
            "The answer is of a kind that Kaiwa can’t show. Try again or choose another model."
        }
        Code::Interrupted => "The server stopped while it was writing the answer.",
        Code::Unavailable => "Part of the server is down right now. Try again shortly.",
        Code::Internal => {
            "Something went wrong on the server. Try again; if it keeps happening, tell the administrator."
        }
        Code::Unknown => "Something went wrong. Reload the page and try again.",
    }
}

fn field(field: &str, code: &str) -> Option<&'static str> {
    let is_password = field.ends_with("password");
    Some(match (is_password, code) {
        (_, "required") => "This is required.",
        (true, "too_short") => "Use at least 8 characters.",
        (true, "too_long") => "This password is too long.",
        (true, "too_common") => "This password is too common. Choose another.",
        (_, "wrong") if field == "setup_code" => {
            "This code is wrong, or it has been used. Check the server’s log."
        }
        (true, "wrong") => "This is not your current password.",
        (false, "too_short") => "Use at least 2 characters.",
        (_, "too_long") if field == "text" => "This text is too long. 16 KB fit into a prompt.",
        (false, "too_long") => "Use at most 64 characters.",
        (false, "malformed") if field == "email" => "This is not an e-mail address.",
        (_, "malformed") if matches!(field, "name" | "text") => "Remove the control characters.",
        (false, "malformed") => "Use letters, digits, dots, dashes and underscores.",
        (false, "taken" | "already_exists") => "That name is taken. Choose another.",
        _ => return None,
    })
}
