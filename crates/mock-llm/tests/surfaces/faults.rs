//! Faults, in every protocol.

use std::io::Read as _;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::{PROTOCOLS, ask, call, client::Answer, joined, question, start, streamed, text};

/// The JSON pointer of a protocol's error message.
fn error_message(answer: &Answer) -> String {
    let body = answer.json();
    let words = body.pointer("/error/message").unwrap_or(&body["error"]);
    words.as_str().unwrap_or_else(|| panic!("no error in {body}")).to_owned()
}

#[test]
fn an_error_has_the_protocols_format_and_repeats_the_key() {
    let mock = start();
    for protocol in PROTOCOLS {
        for stream in [true, false] {
            let answer = ask(&mock, protocol, "mock-error-429-after-7", stream);
            assert_eq!((answer.status, answer.header("retry-after")), (429, Some("7")), "{protocol}");
            assert!(error_message(&answer).contains("secret-key"), "{protocol}");
        }
        assert_eq!(ask(&mock, protocol, "mock-error-200", true).status, 200);
        let unknown = ask(&mock, protocol, "gpt-4o", true);
        assert_eq!(unknown.status, 404, "{protocol}");
        assert!(error_message(&unknown).contains("gpt-4o"));
    }
    let anthropic = ask(&mock, "messages", "mock-error-529", true).json();
    assert_eq!(
        (&anthropic["type"], &anthropic["error"]["type"]),
        (&json!("error"), &json!("overloaded_error"))
    );
    let gemini = ask(&mock, "gemini", "mock-error-429-after-3", true).json();
    assert_eq!(gemini["error"]["status"], "RESOURCE_EXHAUSTED");
    assert_eq!(gemini["error"]["details"][0]["retryDelay"], "3s");
    let date = ask(&mock, "chat", "mock-error-503-afterdate", true);
    assert_eq!(date.header("retry-after"), Some("Thu, 31 Dec 2099 23:59:59 GMT"));
}

#[test]
fn pages_blanks_and_redirects_have_their_status() {
    let mock = start();
    for protocol in PROTOCOLS {
        let page = ask(&mock, protocol, "mock-html-502", true);
        assert_eq!((page.status, page.header("content-type")), (502, Some("text/html; charset=utf-8")));
        let blank = ask(&mock, protocol, "mock-blank-403", true);
        assert_eq!((blank.status, blank.body.len()), (403, 0));
        for status in [301, 302, 303, 307, 308] {
            let answer = ask(&mock, protocol, &format!("mock-redirect-{status}"), true);
            assert_eq!((answer.status, answer.header("location")), (status, Some("http://mock/redirected")));
            assert!(answer.header("set-cookie").unwrap().starts_with("mock_session="));
        }
    }
    mock.redirect_to(Some("https://elsewhere.example/x".into()));
    let answer = ask(&mock, "messages", "mock-redirect-307", true);
    assert_eq!(answer.header("location"), Some("https://elsewhere.example/x"));
}

#[test]
fn only_the_first_requests_of_a_name_fail() {
    let mock = start();
    for (number, protocol) in PROTOCOLS.into_iter().enumerate() {
        let name = format!("mock-tokens-{}-rate-0-fail-2-429-after-0", number + 1);
        let statuses: Vec<u16> = (0..4).map(|_| ask(&mock, protocol, &name, true).status).collect();
        assert_eq!(statuses, [429, 429, 200, 200], "{protocol}");
    }
    let torn = "mock-tokens-9-rate-0-first-1-cut-3";
    assert!(!ask(&mock, "chat", torn, true).is_complete);
    assert!(ask(&mock, "chat", torn, true).text().ends_with("[DONE]\n\n"));
}

#[test]
fn a_stream_breaks_where_the_script_says() {
    let mock = start();
    for protocol in PROTOCOLS {
        let cut = ask(&mock, protocol, "mock-tokens-9-rate-0-cut-4", true);
        assert!(!cut.is_complete && cut.text().contains("t3") && !cut.text().contains("t4"), "{protocol}");
        let torn = ask(&mock, protocol, "mock-tokens-9-rate-0-utf8-tear-4", true);
        let error = std::str::from_utf8(&torn.body).unwrap_err();
        assert!(!torn.is_complete && error.error_len().is_none(), "{protocol}");
        let ended = ask(&mock, protocol, "mock-tokens-9-rate-0-end-4", true);
        assert!(ended.is_complete && ended.text().contains("t3") && !ended.text().contains("t4"));
        let failed = ask(&mock, protocol, "mock-tokens-9-rate-0-fail-4", true);
        assert!(failed.is_complete && failed.text().contains("error"), "{protocol}");
    }
    for protocol in ["chat", "responses", "messages"] {
        let ended = streamed(&mock, protocol, "tools-rate-0-endcall");
        let pointer = match protocol {
            "chat" => "/choices/0/delta/tool_calls/0/function/arguments",
            "responses" => "/delta",
            _ => "/delta/partial_json",
        };
        assert!(joined(&ended, pointer).ends_with("{\"city"), "{protocol}");
        assert!(!ask(&mock, protocol, "tools-rate-0-cutcall", true).is_complete);
    }
}

#[test]
fn compressed_bodies_are_valid_unless_truncated() {
    let mock = start();
    let unpack = |answer: &Answer| {
        assert_eq!(answer.header("content-encoding"), Some("gzip"));
        let mut unpacked = Vec::new();
        GzDecoder::new(answer.body.as_slice()).read_to_end(&mut unpacked).map(|_| unpacked)
    };
    for protocol in PROTOCOLS {
        let plain = ask(&mock, protocol, "mock-tokens-9-rate-0", true);
        let packed = ask(&mock, protocol, "mock-tokens-9-rate-0-gzip", true);
        let unpacked = String::from_utf8(unpack(&packed).unwrap()).unwrap();
        assert_eq!(unpacked.replace("-gzip", ""), plain.text(), "{protocol}");
        assert!(unpack(&ask(&mock, protocol, "mock-tokens-9-rate-0-gzipcut", true)).is_err());
        assert!(unpack(&ask(&mock, protocol, "mock-tokens-9-rate-0-misencoded", true)).is_err());
        let bomb = ask(&mock, protocol, "mock-tokens-1-rate-0-bomb-20", true);
        assert!(bomb.body.len() < 1024 * 1024);
        assert!(unpack(&bomb).unwrap().len() > 20 * 1024 * 1024);
    }
}

#[test]
fn long_and_deep_events_come_before_the_reply() {
    let mock = start();
    for protocol in PROTOCOLS {
        let huge = ask(&mock, protocol, "mock-tokens-1-rate-0-huge-64", true);
        assert!(huge.text().lines().any(|line| line.len() > 64 * 1024), "{protocol}");
        let nested = ask(&mock, protocol, "mock-tokens-1-rate-0-nested", true);
        assert!(nested.text().contains(&"[".repeat(100_000)), "{protocol}");
        assert!(nested.text().contains("t0"));
    }
}

#[test]
fn replayed_tool_calls_need_results_and_if_strict_signatures() {
    let mock = start();
    let asked = |body: &Value, path: &str| {
        let answer = call(&mock, "POST", path, "anthropic-version: 2023-06-01\r\n", &body.to_string());
        (answer.status, answer.text().to_owned())
    };
    let model = "tools-thinking-strict";
    let user = json!({ "role": "user", "content": "?" });
    let result = json!({ "type": "tool_result", "tool_use_id": "call_0", "content": "rain" });
    let tool = json!({ "type": "tool_use", "id": "call_0", "name": "f", "input": {} });
    let thought = |signature: &str| json!({ "type": "thinking", "thinking": "r0", "signature": signature });
    let messages = |blocks: Value| {
        let turns = [
            user.clone(),
            json!({ "role": "assistant", "content": blocks }),
            json!({ "role": "user", "content": [result] }),
        ];
        json!({ "model": model, "max_tokens": 9, "messages": turns })
    };
    let signed = messages(json!([thought(kaiwa_mock_llm::SIGNATURE), tool]));
    let (status, body) = asked(&signed, "/v1/messages");
    assert!(status == 200 && body.contains("The tools said: rain"), "{body}");
    for blocks in [json!([tool]), json!([thought("other"), tool])] {
        assert_eq!(asked(&messages(blocks), "/v1/messages").0, 400);
    }
    let call = json!({ "id": "call_0", "type": "function", "function": { "name": "f", "arguments": "{}" } });
    let lonely = json!({ "model": "tools", "messages": [
        user, { "role": "assistant", "tool_calls": [call] }, { "role": "user", "content": "and?" } ] });
    let (status, body) = asked(&lonely, "/v1/chat/completions");
    assert!(status == 400 && body.contains("has no tool result"), "{body}");
}

#[test]
fn each_protocol_checks_its_required_fields() {
    let mock = start();
    let (path, _, body) = question("messages", "mock", true);
    assert_eq!(call(&mock, "POST", &path, "", &body.to_string()).status, 400);
    let without_limit = json!({ "model": "mock", "messages": [] }).to_string();
    assert_eq!(call(&mock, "POST", &path, "anthropic-version: 1\r\n", &without_limit).status, 400);
    for protocol in PROTOCOLS {
        let (path, headers, _) = question(protocol, "mock", true);
        for body in ["", "no json", "[]", "{}"] {
            assert_eq!(call(&mock, "POST", &path, headers, body).status, 400, "{protocol}: {body}");
        }
    }
}

#[test]
fn invalid_events_do_not_affect_the_others() {
    let mock = start();
    for protocol in PROTOCOLS {
        let weird = ask(&mock, protocol, "mock-tokens-9-rate-0-weird", true);
        assert!(weird.text().contains("t8"), "{protocol}");
        let broken = ask(&mock, protocol, "mock-tokens-9-rate-0-broken", true);
        let data = broken.text().lines().map(|line| line.strip_prefix("data: ").unwrap_or(line));
        let halves =
            data.filter(|data| data.starts_with('{') && serde_json::from_str::<Value>(data).is_err());
        assert_eq!(halves.count(), 1, "{protocol}");
    }
    assert_eq!(text("chat", &streamed(&mock, "chat", "mock-tokens-3-rate-0-empty")), "t0 t1 t2");
}
