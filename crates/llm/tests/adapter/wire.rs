//! Recorded streams of real hosts, split at every byte.
//!
//! Each file in `fixtures/hosts` is a recording of one host; its reply is here. To add a host, add both.

use kaiwa_shared::message::{Citation, ToolResult, Usage};
use std::{collections::BTreeSet, fs, path::Path};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use kaiwa_llm::{Error, ErrorKind, Event, Finish, ToolCallDelta, openai};
use proptest::prelude::*;

use crate::support::Reply;

fn usage(input_tokens: u64, output_tokens: u64, cached_tokens: u64, reasoning_tokens: u64) -> Usage {
    Usage { input_tokens, output_tokens, cached_tokens, reasoning_tokens, ..Usage::default() }
}

fn cited(url: &str, title: &str, excerpt: &str) -> Citation {
    Citation { url: url.into(), title: title.into(), excerpt: excerpt.into() }
}

fn call(index: u32, id: &str, name: &str, arguments: &str) -> ToolCallDelta {
    ToolCallDelta { index, id: id.into(), name: name.into(), arguments: arguments.into() }
}

fn thought(reasoning: &str, text: &str) -> Reply {
    Reply { reasoning: reasoning.into(), ..Reply::said(text) }
}

fn expectations() -> Vec<(&'static str, Reply)> {
    [plain_replies(), replies_with_thoughts(), replies_with_calls(), replies_with_sources()]
        .into_iter()
        .flatten()
        .collect()
}

fn plain_replies() -> Vec<(&'static str, Reply)> {
    vec![
        ("openai", Reply { usage: usage(9, 12, 4, 0), ..Reply::said("Hello, 世界 🌍") }),
        ("openai_refusal", Reply { finish: Some(Finish::Refusal), ..Reply::said("I'm sorry, I can't.") }),
        ("azure", Reply { finish: Some(Finish::ContentFilter), ..Reply::said("Paris.") }),
        ("lm_studio", Reply::said("One two")),
        (
            "perplexity",
            Reply {
                usage: usage(4, 2, 0, 0),
                citations: vec![cited("https://example.com", "", "")],
                ..Reply::said("AB")
            },
        ),
        (
            "openrouter_error",
            Reply {
                text: "Half".into(),
                error: Some(Error {
                    status: Some(502),
                    ..Error::new(ErrorKind::Unavailable, "Provider returned error: upstream overloaded")
                }),
                ..Reply::default()
            },
        ),
    ]
}

fn replies_with_thoughts() -> Vec<(&'static str, Reply)> {
    vec![
        ("deepseek", Reply { usage: usage(20, 40, 16, 25), ..thought("比较两数。", "9.8 更大。") }),
        ("qwen", Reply { usage: usage(13, 7, 0, 0), ..thought("嗯…", "你好！") }),
        (
            "openrouter",
            Reply {
                usage: Usage { cache_write_tokens: 3, cost_micros: Some(140), ..usage(8, 10, 2, 6) },
                ..thought("Let me see.", "42")
            },
        ),
        ("openrouter_summary", thought("**Adding**", "4")),
        ("groq", Reply { usage: usage(11, 5, 0, 0), ..thought("Quick thought.", "Fast") }),
        ("vllm", Reply { usage: usage(5, 10, 0, 0), ..thought("The user greets.\n", "Hello") }),
        (
            "vllm_reasoning",
            Reply { finish: Some(Finish::Length), ..thought("Old and new", "Say </think> to close") },
        ),
        ("llama_cpp", Reply { usage: usage(10, 4, 0, 0), ..thought("Aha\n", "Yes") }),
        ("moonshot", Reply { usage: usage(8, 3, 8, 0), ..thought("想", "月球") }),
        // xAI's total shows that the reasoning is not part of the reply's 2 tokens.
        ("xai", Reply { usage: usage(10, 102, 3, 100), ..thought("Grok", "ok") }),
        (
            "zhipu",
            Reply {
                usage: usage(6, 2, 0, 0),
                finish: Some(Finish::ContentFilter),
                ..thought("\n先想", "答")
            },
        ),
    ]
}

fn replies_with_calls() -> Vec<(&'static str, Reply)> {
    let calling = |calls: &[ToolCallDelta]| Reply {
        calls: calls.to_vec(),
        finish: Some(Finish::ToolCalls),
        ..Reply::default()
    };
    let weather = call(0, "call_a", "weather", "{\"city\":\"北京\"}");
    let meteo = call(0, "D681PevKs", "weather", "{\"city\": \"Paris\"}");
    let heure = call(1, "E1", "time", "{\"zone\": \"Europe/Paris\"}");
    vec![
        ("openai_tools", calling(&[weather, call(1, "call_b", "time", "{}")])),
        ("openai_function_call", calling(&[call(0, "call_0", "weather", "{\"city\":\"Bonn\"}")])),
        ("gemini", calling(&[call(0, "a", "f", "{\"x\":1}"), call(1, "b", "f", "{\"x\":2}")])),
        (
            "mistral",
            Reply {
                reasoning: "Hm, yes.".into(),
                text: "Oui.".into(),
                usage: usage(30, 20, 0, 0),
                ..calling(&[meteo, heure])
            },
        ),
        (
            "ollama",
            Reply {
                reasoning: "Hm".into(),
                text: "Hi".into(),
                usage: usage(26, 298, 0, 0),
                ..calling(&[call(0, "call_9", "f", "{\"a\":1}")])
            },
        ),
    ]
}

fn replies_with_sources() -> Vec<(&'static str, Reply)> {
    let hosted = ToolResult { id: "t1".into(), output: "{\"rows\": 3}".into(), is_error: false };
    vec![
        (
            "fastgpt",
            Reply {
                text: "Hello, 世界".into(),
                reasoning: "Hm.".into(),
                calls: vec![call(0, "t1", "库查询", "{\"sql\":\"select 1\"}")],
                results: vec![hosted],
                citations: vec![cited("", "guide.md", "How to greet")],
                usage: usage(110, 24, 0, 0),
                ..Reply::said("")
            },
        ),
        ("fastgpt_interactive", Reply::said("Which one?\n- The first\n- The second")),
        (
            "zhipu_search",
            Reply { citations: vec![cited("https://example.com/a", "A", "aaa")], ..Reply::said("Found.") },
        ),
        (
            "groq_error",
            Reply { error: Some(Error::new(ErrorKind::Unavailable, "Tool use failed")), ..Reply::default() },
        ),
    ]
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/hosts"))
}

fn recorded(name: &str) -> Vec<u8> {
    fs::read(folder().join(name).with_extension("sse")).unwrap()
}

fn events<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Result<Event, Error>> {
    let chunks: Vec<_> = chunks.into_iter().map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(openai::events(stream::iter(chunks)).collect())
}

fn reply(events: Vec<Result<Event, Error>>) -> Reply {
    let mut reply = Reply::default();
    for event in events {
        reply.take_result(event);
    }
    reply
}

#[test]
fn every_recorded_stream_is_read_correctly() {
    let mut names = BTreeSet::new();
    for (name, expected) in expectations() {
        assert_eq!(reply(events([recorded(name).as_slice()])), expected, "{name}");
        names.insert(format!("{name}.sse"));
    }
    let files: BTreeSet<_> = fs::read_dir(folder())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.'))
        .collect();
    assert_eq!(files, names, "each recorded stream needs its expectation");
}

#[test]
fn a_split_at_any_byte_changes_nothing() {
    for (name, _) in expectations() {
        let bytes = recorded(name);
        let whole = events([bytes.as_slice()]);
        for cut in 0..=bytes.len() {
            let (head, tail) = bytes.split_at(cut);
            assert_eq!(events([head, tail]), whole, "{name} cut at {cut}");
        }
        assert_eq!(events(bytes.chunks(1)), whole, "{name} byte by byte");
    }
}

#[test]
fn line_ends_and_a_byte_order_mark_change_nothing() {
    for (name, _) in expectations() {
        let bytes = recorded(name);
        let whole = events([bytes.as_slice()]);
        let lines: Vec<&[u8]> =
            bytes.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect();
        for line_end in [b"\n".as_slice(), b"\r\n", b"\r"] {
            let mut other = b"\xef\xbb\xbf".to_vec();
            other.extend(lines.join(line_end));
            assert_eq!(events(other.chunks(7)), whole, "{name} with {line_end:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_splits_change_nothing(which in 0usize..26, mut cuts in prop::collection::vec(0usize..4000, 0..20)) {
        let expectations = expectations();
        let (name, _) = expectations.get(which).unwrap();
        let bytes = recorded(name);
        cuts.extend([0, bytes.len()]);
        cuts.retain(|&cut| cut <= bytes.len());
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]).collect();
        prop_assert_eq!(events(pieces), events([bytes.as_slice()]));
    }
}
