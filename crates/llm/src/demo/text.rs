//! The demonstration's texts, in English and Chinese.

const SETUP_EN: &str = include_str!("setup.en.md");
const SETUP_ZH: &str = include_str!("setup.zh.md");
const OLLAMA_EN: &str = include_str!("ollama.en.md");
const OLLAMA_ZH: &str = include_str!("ollama.zh.md");
const CODE_EN: &str = include_str!("code.en.md");
const CODE_ZH: &str = include_str!("code.zh.md");
const TABLE_EN: &str = include_str!("table.en.md");
const TABLE_ZH: &str = include_str!("table.zh.md");

const HELLO_EN: &str = "Hello! I am Kaiwa's built-in **demonstration**, not a language model. You wrote:";
const HELLO_ZH: &str = "你好！我是 Kaiwa 内置的**演示**，不是语言模型。你写的是：";
const CLOSE_EN: &str = "I understand only a few words. Ask me about *setup*, *Ollama*, *code* or a *table*, and connect \
    a model for everything else.";
const CLOSE_ZH: &str =
    "我只认得几个词：可以问我“配置”、“Ollama”、“代码”或“表格”。其他问题，请先连接一个模型。";

/// Maximum characters of the quotation.
const QUOTE_MAX_CHARS: usize = 400;

/// A topic: the words that ask for it in either language, and the reply.
struct Subject {
    words: &'static [&'static str],
    english: &'static str,
    chinese: &'static str,
}

/// The first match is used.
const SUBJECTS: [Subject; 4] = [
    Subject { words: &["ollama", "llama.cpp", "本地"], english: OLLAMA_EN, chinese: OLLAMA_ZH },
    Subject {
        words: &[
            "set up",
            "setup",
            "connect",
            "configure",
            "api key",
            "openai",
            "llm_",
            "配置",
            "设置",
            "连接",
            "密钥",
        ],
        english: SETUP_EN,
        chinese: SETUP_ZH,
    },
    Subject { words: &["code", "rust", "program", "代码", "程序"], english: CODE_EN, chinese: CODE_ZH },
    Subject { words: &["table", "表格"], english: TABLE_EN, chinese: TABLE_ZH },
];

/// The reply to `said`. The first reply of a conversation always explains how to connect a model.
pub(super) fn answer(said: &str, is_first: bool) -> String {
    let chinese = is_chinese(said);
    let choose = |english, chinese_text| if chinese { chinese_text } else { english };
    let lower = said.to_lowercase();
    let subject = SUBJECTS.iter().find(|subject| subject.words.iter().any(|word| lower.contains(word)));
    let body = match subject {
        Some(subject) => choose(subject.english, subject.chinese),
        None if is_first => choose(SETUP_EN, SETUP_ZH),
        None => "",
    };
    let parts = [choose(HELLO_EN, HELLO_ZH), &quote(said), body.trim_end(), choose(CLOSE_EN, CLOSE_ZH)]
        .map(str::to_owned);
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}'))
}

fn quote(said: &str) -> String {
    let mut short: String = said.trim().chars().take(QUOTE_MAX_CHARS).collect();
    if short.len() < said.trim().len() {
        short.push('…');
    }
    short.lines().map(|line| format!("> {line}").trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}
