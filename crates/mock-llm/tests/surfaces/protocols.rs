//! The same replies in each protocol.

use kaiwa_mock_llm::SIGNATURE;
use serde_json::{Value, json};

use crate::{PROTOCOLS, ask, call, joined, start, streamed, text};

fn numbered(word: &str, count: u64) -> String {
    (0..count).map(|n| format!("{word}{n}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn text_arrives_whole_and_in_order_on_every_protocol() {
    let mock = start();
    for protocol in PROTOCOLS {
        let events = streamed(&mock, protocol, "mock-tokens-500-rate-0");
        assert_eq!(text(protocol, &events), numbered("t", 500), "{protocol}");
        let events = streamed(&mock, protocol, "echo-rate-0");
        assert_eq!(text(protocol, &events), "Hello, 世界!", "{protocol}");
    }
}

#[test]
fn chat_completions_stream_and_answer() {
    let mock = start();
    let events = streamed(&mock, "chat", "tools-thinking-2-rate-0");
    assert_eq!(joined(&events, "/choices/0/delta/reasoning_content"), "r0 r1");
    let first_call = &events
        .iter()
        .find(|event| event.pointer("/choices/0/delta/tool_calls").is_some())
        .unwrap()["choices"][0]["delta"]["tool_calls"][0];
    assert_eq!(
        (&first_call["id"], &first_call["function"]["name"]),
        (&json!("call_0"), &json!("get_weather"))
    );
    let (finish, usage) = (&events[events.len() - 2], &events[events.len() - 1]);
    assert_eq!(finish["choices"][0]["finish_reason"], "tool_calls");
    assert_eq!((&usage["choices"], &usage["usage"]["prompt_tokens"]), (&json!([]), &json!(3)));
    assert_eq!(usage["usage"]["completion_tokens_details"]["reasoning_tokens"], 2);
    let whole = ask(&mock, "chat", "tools-thinking-2-rate-0", false).json();
    let message = &whole["choices"][0]["message"];
    assert_eq!(
        (&message["content"], &message["reasoning_content"]),
        (&json!("I look that up."), &json!("r0 r1"))
    );
    assert_eq!(message["tool_calls"][1]["function"]["arguments"], "{\"zone\":\"Asia/Tokyo\"}");
    assert_eq!(whole["usage"], usage["usage"]);
    let details = streamed(&mock, "chat", "mock-tokens-1-thinking-1-details-rate-0");
    assert_eq!(joined(&details, "/choices/0/delta/reasoning_details/0/signature"), SIGNATURE);
}

#[test]
fn responses_stream_what_their_last_event_holds() {
    let mock = start();
    for script in
        ["tools-thinking-2-rate-0", "citations-redacted-rate-0", "refusal-rate-0", "tools-interleaved-rate-0"]
    {
        let events = streamed(&mock, "responses", script);
        for (number, event) in events.iter().enumerate() {
            assert_eq!(event["sequence_number"], number, "{script}");
        }
        let last = &events[events.len() - 1];
        assert_eq!(last["type"], "response.completed");
        let whole = ask(&mock, "responses", script, false).json();
        assert_eq!(whole, last["response"], "{script}");
        let done: Vec<&Value> =
            events.iter().filter(|event| event["type"] == "response.output_item.done").collect();
        assert_eq!(done.len(), whole["output"].as_array().unwrap().len());
        for event in done {
            let index = usize::try_from(event["output_index"].as_u64().unwrap()).unwrap();
            assert_eq!(event["item"], whole["output"][index], "{script}");
        }
    }
    let whole = ask(&mock, "responses", "tools-thinking-2", false).json();
    let kinds: Vec<_> =
        whole["output"].as_array().unwrap().iter().map(|item| item["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["reasoning", "message", "function_call", "function_call"]);
    assert_eq!(whole["output"][0]["encrypted_content"], SIGNATURE);
}

#[test]
fn messages_stream_blocks_that_open_and_close_in_order() {
    let mock = start();
    for script in ["tools-thinking-redacted-rate-0", "citations-rate-0", "refusal-rate-0", "mock-rate-0"] {
        let events = streamed(&mock, "messages", script);
        let mut open = None;
        let mut blocks = 0;
        for event in &events {
            match event["type"].as_str().unwrap() {
                "content_block_start" => {
                    assert_eq!((open, &event["index"]), (None, &json!(blocks)), "{script}");
                    (open, blocks) = (Some(blocks), blocks + 1);
                }
                "content_block_delta" => assert_eq!(event["index"], json!(open.unwrap()), "{script}"),
                "content_block_stop" => assert_eq!(event["index"], json!(open.take().unwrap()), "{script}"),
                _ => assert_eq!(open, None, "{script}"),
            }
        }
        let whole = ask(&mock, "messages", script, false).json();
        let stop = &events[events.len() - 2];
        assert_eq!(stop["type"], "message_delta");
        assert_eq!(stop["delta"]["stop_reason"], whole["stop_reason"], "{script}");
        assert_eq!(stop["usage"], whole["usage"], "{script}");
        assert_eq!(events[events.len() - 1], json!({ "type": "message_stop" }));
    }
    let events = streamed(&mock, "messages", "tools-thinking-2-rate-0");
    assert_eq!(joined(&events, "/delta/thinking"), "r0 r1");
    assert_eq!(joined(&events, "/delta/signature"), SIGNATURE);
    assert_eq!(joined(&events, "/delta/partial_json"), "{\"city\":\"東京\"}{\"zone\":\"Asia/Tokyo\"}");
    let whole = ask(&mock, "messages", "tools-thinking-2", false).json();
    assert_eq!(
        whole["content"][0],
        json!({ "type": "thinking", "thinking": "r0 r1", "signature": SIGNATURE })
    );
    assert_eq!(whole["content"][2]["input"], json!({ "city": "東京" }));
}

#[test]
fn gemini_signs_the_first_call_or_the_last_part() {
    let mock = start();
    let events = streamed(&mock, "gemini", "tools-thinking-2-rate-0");
    let parts: Vec<&Value> =
        events.iter().filter_map(|event| event.pointer("/candidates/0/content/parts/0")).collect();
    assert_eq!((&parts[0]["text"], &parts[0]["thought"]), (&json!("r0"), &json!(true)));
    let signed: Vec<_> = parts.iter().filter(|part| part["thoughtSignature"] == SIGNATURE).collect();
    assert_eq!((signed.len(), &signed[0]["functionCall"]["name"]), (1, &json!("get_weather")));
    let plain = streamed(&mock, "gemini", "reasoning-tokens-2-rate-0");
    let last = &plain[plain.len() - 1]["candidates"][0]["content"]["parts"][0];
    assert_eq!(last, &json!({ "text": "", "thoughtSignature": SIGNATURE }));
    assert_eq!(joined(&events, "/candidates/0/content/parts/0/functionCall/name"), "get_weatherget_time");
    let last = &events[events.len() - 1];
    assert_eq!(last["candidates"][0]["finishReason"], "STOP");
    assert_eq!(last["usageMetadata"]["thoughtsTokenCount"], 2);
    let cited = ask(&mock, "gemini", "citations", false).json();
    let grounding = &cited["candidates"][0]["groundingMetadata"];
    let answer = cited["candidates"][0]["content"]["parts"][0]["text"].as_str().unwrap();
    for support in grounding["groundingSupports"].as_array().unwrap() {
        let at = |field: &str| usize::try_from(support["segment"][field].as_u64().unwrap()).unwrap();
        assert_eq!(answer[at("startIndex")..at("endIndex")], *support["segment"]["text"].as_str().unwrap());
    }
    let blocked = ask(&mock, "gemini", "blocked", false).json();
    assert_eq!(blocked["promptFeedback"]["blockReason"], "PROHIBITED_CONTENT");
    assert_eq!(blocked["candidates"], Value::Null);
}

#[test]
fn ollama_streams_lines_and_streams_unless_told_otherwise() {
    let mock = start();
    let lines = streamed(&mock, "ollama", "tools-thinking-2-rate-0");
    assert_eq!(joined(&lines, "/message/thinking"), "r0 r1");
    assert_eq!(
        lines[lines.len() - 2]["message"]["tool_calls"][0]["function"]["arguments"],
        json!({ "zone": "Asia/Tokyo" })
    );
    let last = &lines[lines.len() - 1];
    assert_eq!(
        (&last["done"], &last["done_reason"], &last["prompt_eval_count"]),
        (&json!(true), &json!("stop"), &json!(3))
    );
    let body = json!({ "model": "mock-tokens-2:latest", "messages": [] });
    assert_eq!(call(&mock, "POST", "/api/chat", "", &body.to_string()).lines().len(), 3);
    let whole = ask(&mock, "ollama", "tools-thinking-2", false).json();
    assert_eq!(whole["message"]["tool_calls"].as_array().unwrap().len(), 2);
}

#[test]
fn every_protocol_says_why_a_reply_ended() {
    let mock = start();
    let reason = |protocol: &str, script: &str| {
        let whole = ask(&mock, protocol, script, false).json();
        let at =
            |pointer: &str| whole.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        match protocol {
            "chat" => at("/choices/0/finish_reason"),
            "responses" => at("/status") + &at("/incomplete_details/reason"),
            "messages" => at("/stop_reason"),
            "gemini" => at("/candidates/0/finishReason"),
            _ => at("/done_reason"),
        }
    };
    for (script, reasons) in [
        ("mock", ["stop", "completed", "end_turn", "STOP", "stop"]),
        ("mock-length", ["length", "incompletemax_output_tokens", "max_tokens", "MAX_TOKENS", "length"]),
        ("tools", ["tool_calls", "completed", "tool_use", "STOP", "stop"]),
        ("refusal", ["stop", "completed", "refusal", "SAFETY", "stop"]),
        ("blocked", ["content_filter", "incompletecontent_filter", "refusal", "", "stop"]),
    ] {
        for (protocol, expected) in PROTOCOLS.into_iter().zip(reasons) {
            assert_eq!(reason(protocol, script), expected, "{script} on {protocol}");
        }
    }
}

#[test]
fn usage_is_counted_cached_negative_or_missing() {
    let mock = start();
    for protocol in PROTOCOLS {
        let usage = |modifier: &str| {
            let whole = ask(&mock, protocol, &format!("mock-tokens-7{modifier}"), false).json();
            match protocol {
                "gemini" => whole["usageMetadata"].clone(),
                "ollama" => whole.get("eval_count").cloned().unwrap_or_default(),
                _ => whole["usage"].clone(),
            }
            .to_string()
        };
        assert!(usage("").contains('7'), "{protocol}");
        assert!(usage("-negative").contains("-7"), "{protocol}");
        assert_eq!(usage("-nousage"), "null", "{protocol}");
    }
    let cached = ask(&mock, "messages", "mock-cached-2", false).json();
    assert_eq!(
        (&cached["usage"]["input_tokens"], &cached["usage"]["cache_read_input_tokens"]),
        (&json!(1), &json!(2))
    );
}

#[test]
fn a_title_is_answered_on_every_protocol() {
    let mock = start();
    let system = "Give this conversation a title.";
    let user = json!({ "role": "user", "content": "How do I bake bread without an oven?" });
    let chat = json!([{ "role": "system", "content": system }, user]);
    for (path, body) in [
        ("/v1/chat/completions", json!({ "model": "tools", "messages": chat })),
        ("/v1/responses", json!({ "model": "tools", "instructions": system, "input": [user] })),
        ("/v1/messages", json!({ "model": "tools", "system": system, "messages": [user], "max_tokens": 9 })),
        (
            "/v1beta/models/tools:generateContent",
            json!({ "systemInstruction": { "parts": [{ "text": system }] },
                    "contents": [{ "parts": [{ "text": user["content"] }] }] }),
        ),
        ("/api/chat", json!({ "model": "tools", "messages": chat, "stream": false })),
    ] {
        let answer = call(&mock, "POST", path, "anthropic-version: 2023-06-01\r\n", &body.to_string());
        assert!(answer.text().contains("\"How do I bake bread without\""), "{path}: {}", answer.text());
    }
}
