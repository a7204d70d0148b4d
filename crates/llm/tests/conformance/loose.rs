//! Streams that follow the protocol loosely, in every protocol.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use kaiwa_llm::{
    Error, ErrorKind, Event, EventStream, Finish, NoText, anthropic, gemini, ollama, openai, responses,
};
use serde_json::{Value, json};

use crate::adapter::Body;

/// How a protocol writes a reply.
pub(crate) struct Wire {
    pub(crate) name: &'static str,
    pub(crate) events: fn(Body) -> EventStream,
    /// A piece of text, as the JSON of its events.
    pub(crate) text: fn(u32, &str) -> Vec<Value>,
    /// The model's finish.
    pub(crate) finish: fn() -> Vec<Value>,
    /// The protocol's last event.
    close: &'static str,
    /// Lines of JSON, not server-sent events.
    is_lines: bool,
}

pub(crate) fn wires() -> [Wire; 5] {
    [
        Wire {
            name: "openai",
            events: |body| openai::events(body),
            text: |_, text| vec![json!({ "choices": [{ "index": 0, "delta": { "content": text } }] })],
            finish: || vec![json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] })],
            close: "[DONE]",
            is_lines: false,
        },
        Wire {
            name: "anthropic",
            events: |body| anthropic::events(body),
            text: |index, text| {
                vec![
                    json!({ "type": "content_block_start", "index": index, "content_block": { "type": "text", "text": "" } }),
                    json!({ "type": "content_block_delta", "index": index, "delta": { "type": "text_delta", "text": text } }),
                    json!({ "type": "content_block_stop", "index": index }),
                ]
            },
            finish: || vec![json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" } })],
            close: r#"{"type":"message_stop"}"#,
            is_lines: false,
        },
        Wire {
            name: "gemini",
            events: |body| gemini::events(body),
            text: |_, text| vec![json!({ "candidates": [{ "content": { "parts": [{ "text": text }] } }] })],
            finish: || vec![json!({ "candidates": [{ "finishReason": "STOP" }] })],
            close: "",
            is_lines: false,
        },
        Wire {
            name: "ollama",
            events: |body| ollama::events(body),
            text: |_, text| vec![json!({ "message": { "content": text }, "done": false })],
            finish: || vec![json!({ "done": true, "done_reason": "stop" })],
            close: "",
            is_lines: true,
        },
        Wire {
            name: "responses",
            events: |body| responses::events(body),
            text: |_, text| {
                vec![
                    json!({ "type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": text }),
                ]
            },
            finish: || vec![json!({ "type": "response.completed", "response": { "status": "completed" } })],
            close: "",
            is_lines: false,
        },
    ]
}

/// A piece of a stream.
#[derive(Clone, Copy)]
pub(crate) enum Piece {
    Text(&'static str),
    Finish,
    Close,
    /// Silence of as many seconds.
    Pause(u64),
    /// These bytes as they are.
    Raw(&'static str),
    /// This data in an event of its own.
    Data(&'static str),
}
use Piece::{Close, Data, Finish as End, Pause, Raw, Text};

impl Wire {
    pub(crate) fn data(&self, piece: Piece, index: u32) -> Vec<String> {
        let written = |values: Vec<Value>| values.iter().map(Value::to_string).collect();
        match piece {
            Piece::Text(text) => written((self.text)(index, text)),
            Piece::Finish => written((self.finish)()),
            Piece::Close if self.close.is_empty() => Vec::new(),
            Piece::Close => vec![self.close.to_owned()],
            Piece::Data(data) => vec![data.to_owned()],
            Piece::Pause(_) | Piece::Raw(_) => Vec::new(),
        }
    }

    pub(crate) fn frame(&self, data: &str) -> String {
        if self.is_lines { format!("{data}\n") } else { format!("data: {data}\n\n") }
    }

    /// The reply in a stream of these pieces, with `write` for the data of each event.
    async fn read_as(&self, pieces: &[Piece], write: impl Fn(&Self, &str) -> String) -> Reply {
        let mut chunks = Vec::new();
        for (&piece, index) in pieces.iter().zip(0..) {
            let bytes = match piece {
                Raw(raw) => raw.to_owned(),
                piece => self.data(piece, index).iter().map(|data| write(self, data)).collect(),
            };
            let pause = if let Pause(seconds) = piece { seconds } else { 0 };
            chunks.push((pause, Bytes::from(bytes)));
        }
        let body = stream::iter(chunks).then(|(pause, chunk)| async move {
            tokio::time::sleep(Duration::from_secs(pause)).await;
            Ok::<_, Error>(chunk)
        });
        Reply::of((self.events)(Box::pin(body)).collect().await)
    }

    pub(crate) async fn read(&self, pieces: &[Piece]) -> Reply {
        self.read_as(pieces, Self::frame).await
    }
}

/// A reply as a reader sees it.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Reply {
    pub(crate) text: String,
    pub(crate) finish: Option<Finish>,
    pub(crate) no_text: Option<NoText>,
    pub(crate) error: Option<(ErrorKind, String)>,
}

impl Reply {
    pub(crate) fn of(events: Vec<Result<Event, Error>>) -> Self {
        let mut reply = Self::default();
        for event in events {
            match event {
                Ok(Event::Text(text)) => reply.text.push_str(&text),
                Ok(Event::Finish(finish)) => reply.finish = Some(finish),
                Ok(Event::NoText(why)) => reply.no_text = Some(why),
                Ok(_) => {}
                Err(error) => reply.error = Some((error.kind, error.detail)),
            }
        }
        reply
    }

    pub(crate) fn said(text: &str) -> Self {
        Self { text: text.to_owned(), finish: Some(Finish::Stop), ..Self::default() }
    }
}

#[tokio::test(start_paused = true)]
async fn an_end_before_any_text_or_followed_by_more_is_not_the_end() {
    for wire in wires() {
        for pieces in [
            &[End, Pause(7), Text("The tide "), Text("turns."), End, Close][..],
            &[End, End, Pause(110), Text("The tide turns."), End],
            &[Close, Text("The tide turns."), End, Close],
        ] {
            assert_eq!(wire.read(pieces).await, Reply::said("The tide turns."), "{}", wire.name);
        }
        // A response has only one kind of end.
        if wire.name == "responses" {
            continue;
        }
        for pieces in [
            &[Text("The tide "), End, Pause(7), Text("turns."), End, Close][..],
            &[Text("The "), End, Text("tide "), End, Pause(60), Text("turns."), End],
        ] {
            assert_eq!(wire.read(pieces).await, Reply::said("The tide turns."), "{}", wire.name);
        }
        let cut = wire.read(&[Text("The tide "), End, Pause(7), Text("tur")]).await;
        assert_eq!(cut.error.map(|error| error.0), Some(ErrorKind::CutOff), "{}", wire.name);
    }
}

#[tokio::test]
async fn an_error_outside_the_protocol_is_told_in_the_hosts_words() {
    for wire in wires() {
        for (piece, kind, words) in [
            (
                Data(r#"{"base_resp":{"status_code":1004,"status_msg":"login fail"}}"#),
                ErrorKind::Auth,
                "login fail",
            ),
            (
                Data(r#"{"base_resp":{"status_code":1002,"status_msg":"slow down"}}"#),
                ErrorKind::RateLimit,
                "slow down",
            ),
            (
                Data(r#"{"base_resp":{"status_code":2013,"status_msg":"bad"},"id":"x"}"#),
                ErrorKind::InvalidRequest,
                "bad",
            ),
            (Data(r#"{"success":false,"message":"busy"}"#), ErrorKind::Unavailable, "busy"),
            (Data(r#"{"success":false,"code":40101,"msg":"who?"}"#), ErrorKind::Auth, "who?"),
            (
                Data(r#"{"success":false,"errorMessage":"Invalid parameter: top_p"}"#),
                ErrorKind::InvalidRequest,
                "Invalid parameter: top_p",
            ),
            (Data(r#"{"code":400,"message":"no"}"#), ErrorKind::InvalidRequest, "no"),
            (Data(r#"{"error":"no"}"#), ErrorKind::Unavailable, "no"),
        ] {
            for (before, after) in [
                (&[][..], &[][..]),
                (&[Text("Half")], &[]),
                (&[Text("Half")], &[End, Close]),
                (&[Text("Half")], &[Text(" more"), End, Close]),
            ] {
                let reply = wire.read(&[before, &[piece], after].concat()).await;
                assert_eq!(reply.error, Some((kind, words.to_owned())), "{}", wire.name);
            }
        }
        let fine = wire
            .read(&[
                Data(r#"{"base_resp":{"status_code":0,"status_msg":""},"success":true}"#),
                Text("Hi"),
                End,
            ])
            .await;
        assert_eq!(fine, Reply::said("Hi"), "{}", wire.name);
        if wire.is_lines {
            continue;
        }
        for (raw, kind, words) in [
            (
                "error: {\"code\":400,\"message\":\"the request exceeds the available context size\",\"type\":\"invalid_request_error\"}\n\n",
                ErrorKind::ContextLength,
                "the request exceeds the available context size",
            ),
            (
                "error: {\"error\":{\"code\":503,\"message\":\"Loading model\"}}\n",
                ErrorKind::Unavailable,
                "Loading model",
            ),
            ("Error: upstream timed out\n\n", ErrorKind::Unavailable, "upstream timed out"),
            ("event: error\ndata: no such key\n\n", ErrorKind::Unavailable, "no such key"),
        ] {
            let reply = wire.read(&[Raw(raw)]).await;
            assert_eq!(reply.error, Some((kind, words.to_owned())), "{} {raw}", wire.name);
        }
    }
}

#[tokio::test]
async fn documents_without_blank_lines_or_fields_are_events() {
    let pieces = [Text("Good "), Text("morning"), Text("."), End, Close];
    for wire in wires() {
        let ways: [fn(&Wire, &str) -> String; 5] = [
            |wire, data| if wire.is_lines { format!("{data}\r\n") } else { format!("data: {data}\n") },
            |wire, data| if wire.is_lines { format!("{data}\n\n") } else { format!("data:{data}\r\n") },
            |_, data| format!("{data}\n"),
            |wire, data| if wire.is_lines { data.to_owned() } else { format!("id: 1\ndata: {data}\n: x\n") },
            |_, data| format!("{data}\n\n"),
        ];
        for (write, way) in ways.into_iter().zip(0..) {
            assert_eq!(
                wire.read_as(&pieces, write).await,
                Reply::said("Good morning."),
                "{} {way}",
                wire.name
            );
        }
    }
}

#[tokio::test]
async fn json_is_read_as_loosely_as_other_clients_read_it() {
    for wire in wires() {
        for (written, expected) in [
            (["Sailing \\ud83d", "\\udea2 is fun"], "Sailing 🚢 is fun"),
            (["Sailing \\uD83D", " is\\ude00 fun"], "Sailing \u{fffd} is\u{fffd} fun"),
            (["Sailing\u{1b}[1m\t", "is\u{0}fun"], "Sailing\u{1b}[1m\tis\u{0}fun"),
        ] {
            let write = |wire: &Wire, data: &str| {
                wire.frame(&data.replace("ONE", written[0]).replace("TWO", written[1]))
            };
            let reply = wire.read_as(&[Text("ONE"), Text("TWO"), End, Close], write).await;
            assert_eq!(reply, Reply::said(expected), "{} {written:?}", wire.name);
        }
        for number in ["NaN", "Infinity", "-Infinity", "1e999", "[1,NaN]"] {
            let write = |wire: &Wire, data: &str| {
                wire.frame(&data.replacen('{', &format!("{{\"cost\":{number},\"cost\":1,"), 1))
            };
            assert_eq!(
                wire.read_as(&[Text("Hi"), End], write).await,
                Reply::said("Hi"),
                "{} {number}",
                wire.name
            );
        }
    }
}

#[tokio::test]
async fn an_unreadable_event_costs_itself_only() {
    for wire in wires() {
        for broken in ["{\"choices\":[}", "{\"a\":", "{'a':1}", "{}{", "{\"a\":tru}"] {
            let pieces = [Data(broken), Text("Hi "), Data(broken), Text("there"), End, Close];
            assert_eq!(wire.read(&pieces).await, Reply::said("Hi there"), "{} {broken}", wire.name);
        }
        let nothing = wire.read(&[Data("{\"choices\":[}"), Data("{'a':1}")]).await;
        assert_eq!(nothing.error.map(|error| error.0), Some(ErrorKind::Protocol), "{}", wire.name);
        let joined = |_: &Wire, data: &str| data.to_owned();
        if wire.is_lines {
            let reply = wire.read_as(&[Text("Hi "), Text("there"), End], joined).await;
            assert_eq!(reply, Reply::said("Hi there"), "two in a line");
        }
    }
}

#[tokio::test]
async fn a_reply_without_text_says_why() {
    let unexplained = |words: &str| NoText::Unexplained(words.to_owned());
    for wire in wires() {
        let reply = wire.read(&[Text(""), End, Close]).await;
        let words = match wire.name {
            "anthropic" => "end_turn",
            "gemini" => "STOP",
            "responses" => "completed",
            _ => "stop",
        };
        assert_eq!(reply.no_text, Some(unexplained(words)), "{}", wire.name);
        assert_eq!(reply.finish, Some(Finish::Stop));
        assert_eq!(
            wire.read(&[Text(" \n"), End, Close]).await.no_text,
            Some(unexplained(words)),
            "{}",
            wire.name
        );
    }
}

#[tokio::test]
async fn the_reason_for_a_reply_without_text_is_found() {
    let unexplained = |words: &str| NoText::Unexplained(words.to_owned());
    let of = |name: &str| wires().into_iter().find(|wire| wire.name == name).unwrap();
    let unknown = |kind: &str| NoText::UnknownContent(kind.to_owned());
    for (name, data, expected) in [
        ("openai", r#"{"choices":[{"delta":{"reasoning":"Hm"},"finish_reason":"length"}]}"#, NoText::Limit),
        ("openai", r#"{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}"#, NoText::MalformedCall),
        (
            "openai",
            r#"{"choices":[{"delta":{},"finish_reason":"malformed_function_call"}]}"#,
            NoText::MalformedCall,
        ),
        ("openai", r#"{"choices":[{"delta":{"answer":"Hi"},"finish_reason":"stop"}]}"#, unknown("answer")),
        ("openai", r#"{"choices":[{"text":"Hi","finish_reason":"stop"}]}"#, unknown("text")),
        (
            "openai",
            r#"{"choices":[{"delta":{"content":[{"type":"video","url":"x"}]},"finish_reason":"stop"}]}"#,
            unknown("video"),
        ),
        (
            "openai",
            r#"{"choices":[{"delta":{"images":[{"image_url":{"url":"data:image/png;base64,AA"}}]},"finish_reason":"stop"}]}"#,
            unknown("image"),
        ),
        ("anthropic", r#"{"type":"message_delta","delta":{"stop_reason":"max_tokens"}}"#, NoText::Limit),
        (
            "anthropic",
            r#"{"type":"message_delta","delta":{"stop_reason":"pause_turn"}}"#,
            unexplained("pause_turn"),
        ),
        ("gemini", r#"{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}]}"#, NoText::MalformedCall),
        (
            "gemini",
            r#"{"candidates":[{"finishReason":"MAX_TOKENS"}],"usageMetadata":{"thoughtsTokenCount":9}}"#,
            NoText::Limit,
        ),
        (
            "gemini",
            r#"{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"AA"}}]},"finishReason":"STOP"}]}"#,
            unknown("image/png"),
        ),
        (
            "ollama",
            r#"{"message":{"content":"","thinking":"Hm"},"done":true,"done_reason":"length"}"#,
            NoText::Limit,
        ),
        (
            "ollama",
            r#"{"message":{"content":"","audio":"AA"},"done":true,"done_reason":"stop"}"#,
            unknown("audio"),
        ),
        (
            "responses",
            r#"{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}}}"#,
            NoText::Limit,
        ),
        (
            "responses",
            r#"{"type":"response.completed","response":{"status":"completed","output":[{"type":"image_generation_call","id":"i"}]}}"#,
            unknown("image_generation_call"),
        ),
    ] {
        let reply = of(name).read(&[Data(data)]).await;
        assert_eq!(reply.no_text, Some(expected), "{name} {data}");
    }
    let call = r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}"#;
    assert_eq!(of("openai").read(&[Data(call)]).await.no_text, None);
}

#[tokio::test]
async fn one_choice_is_the_reply_whatever_its_index() {
    let of = |name: &str| wires().into_iter().find(|wire| wire.name == name).unwrap();
    for (name, pieces) in [
        (
            "openai",
            [
                r#"{"choices":[{"index":0,"delta":{"reasoning_content":"Hm."}}]}"#,
                r#"{"choices":[{"index":1,"delta":{"content":"It is "}}]}"#,
                r#"{"choices":[{"index":7,"delta":{"content":"Bern."},"finish_reason":"stop"}]}"#,
            ],
        ),
        (
            "openai",
            [
                r#"{"choices":[{"index":"1","delta":{"content":"It "}}]}"#,
                r#"{"choices":[{"index":-1,"delta":{"content":"is "}}]}"#,
                r#"{"choices":[{"index":1,"delta":{"content":"no"}},{"index":0,"delta":{"content":"Bern."},"finish_reason":"stop"}]}"#,
            ],
        ),
        (
            "openai",
            [
                r#"{"choices":[{"index":3,"message":{"content":"It is Bern."},"finish_reason":"stop"}]}"#,
                "[DONE]",
                "",
            ],
        ),
        (
            "gemini",
            [
                r#"{"candidates":[{"index":1,"content":{"parts":[{"text":"It is "}]}}]}"#,
                r#"{"candidates":[{"index":2,"content":{"parts":[{"text":"Bern."}]}}]}"#,
                r#"{"candidates":[{"index":1,"finishReason":"STOP"}]}"#,
            ],
        ),
    ] {
        assert_eq!(of(name).read(&pieces.map(Data)).await, Reply::said("It is Bern."), "{pieces:?}");
    }
}
