//! Streams that are odd but valid.

use crate::{PROTOCOLS, ask, client::Answer, start, streamed, text};

/// The data of the events, parsed by the standard for server-sent events.
fn standard(answer: &Answer) -> Vec<String> {
    let text = answer.text().trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let data = |block: &str| {
        let lines = block.lines().filter_map(|line| line.strip_prefix("data:"));
        lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
    };
    text.split("\n\n").map(data).filter(|data| !data.is_empty()).collect()
}

#[test]
fn line_ends_marks_and_comments_change_nothing() {
    let mock = start();
    for protocol in PROTOCOLS.into_iter().filter(|protocol| *protocol != "ollama") {
        let plain = standard(&ask(&mock, protocol, "mock-tokens-5-rate-0", true));
        for oddity in ["crlf", "cr", "bom", "lines", "drip", "lines-crlf-bom"] {
            let odd = ask(&mock, protocol, &format!("mock-tokens-5-rate-0-{oddity}"), true);
            assert_ne!(odd.text().replace(&format!("-{oddity}"), ""), plain.join("\n"));
            let odd: Vec<_> = standard(&odd)
                .iter()
                .map(|data| data.replace(&format!("-{oddity}"), "").replace("{\n", "{"))
                .collect();
            assert_eq!(odd, plain, "{oddity} on {protocol}");
        }
    }
}

#[test]
fn lines_of_json_survive_their_oddities_too() {
    let mock = start();
    for oddity in ["crlf", "cr", "drip", "empty"] {
        let lines = streamed(&mock, "ollama", &format!("mock-tokens-5-rate-0-{oddity}"));
        assert_eq!(text("ollama", &lines), "t0 t1 t2 t3 t4", "{oddity}");
    }
    assert!(ask(&mock, "ollama", "mock-tokens-5-rate-0-garbage", true).text().contains("\n\n"));
    assert!(ask(&mock, "ollama", "mock-bom-rate-0", true).body.starts_with(b"\xef\xbb\xbf{"));
}

#[test]
fn the_end_can_be_missing_doubled_or_followed() {
    let mock = start();
    let chat = |oddity: &str| ask(&mock, "chat", &format!("mock-tokens-2-rate-0-{oddity}"), true);
    assert!(!chat("nodone").text().contains("[DONE]"));
    assert_eq!(chat("twice").text().matches("[DONE]").count(), 2);
    for (protocol, end) in [
        ("responses", "\"type\":\"response.completed\""),
        ("messages", "\"type\":\"message_stop\""),
        ("gemini", "\"finishReason\":\"STOP\""),
        ("ollama", "\"done\":true"),
    ] {
        let twice = ask(&mock, protocol, "mock-tokens-2-rate-0-twice", true);
        assert_eq!(twice.text().matches(end).count(), 2, "{protocol}");
        let trailing = ask(&mock, protocol, "mock-tokens-2-rate-0-trailing", true);
        let (_, after) = trailing.text().split_once(end).unwrap();
        assert!(after.contains("after the end") && after.contains(end), "{protocol}");
    }
}

#[test]
fn provider_headers_are_sent_only_if_scripted() {
    let mock = start();
    for protocol in PROTOCOLS {
        for stream in [true, false] {
            let answer = ask(&mock, protocol, "mock-tokens-1-headers", stream);
            assert!(answer.header("set-cookie").is_some() && answer.header("location").is_some());
            assert!(answer.header("www-authenticate").is_some());
            assert_eq!(ask(&mock, protocol, "mock-tokens-1", stream).header("set-cookie"), None);
        }
    }
}

#[test]
fn a_stamped_token_contains_its_sending_time() {
    let mock = start();
    let before = kaiwa_mock_llm::monotonic_nanos();
    let said = text("chat", &streamed(&mock, "chat", "mock-tokens-3-stamp"));
    let stamps: Vec<u64> = said
        .split(' ')
        .map(|token| u64::from_str_radix(token.split_once('@').unwrap().1, 16).unwrap())
        .collect();
    assert!(stamps.is_sorted() && stamps.len() == 3 && stamps[0] >= before, "{said}");
}
