//! Google's Gemini.

use bytes::BytesMut;
use serde_json::{Value, json};

use super::{
    SIGNATURE, Usage, Writer,
    output::{put_data, put_string},
};
use crate::{
    ask::{Ask, Role, Turn, required_list, text_of},
    plan::{Call, Citation, End, Gathered, Item, Piece, Search},
    script::{Oddity, Script},
};

pub(super) fn ask(body: &Value, call: &str) -> Result<Ask, String> {
    let (model, action) = call.rsplit_once(':').unwrap_or((call, ""));
    let stream = match action {
        "streamGenerateContent" => true,
        "generateContent" => false,
        _ => return Err(format!("Unknown method '{action}'.")),
    };
    let contents = required_list(body, "contents")?;
    let mut turns = Vec::new();
    let system = &body["systemInstruction"];
    if !system.is_null() {
        turns.push(Turn::new(Role::System, text_of(&system["parts"])));
    }
    for content in contents {
        turns.extend(turns_of(content)?);
    }
    let tools = body["tools"].as_array().map(Vec::as_slice).unwrap_or_default();
    let functions = tools.iter().filter_map(|tool| tool["functionDeclarations"].as_array()).flatten();
    Ok(Ask {
        model: model.to_owned(),
        stream,
        turns,
        tools: functions.filter_map(|function| Some(function["name"].as_str()?.to_owned())).collect(),
        wants_usage: true,
        unsigned: contents.iter().any(is_unsigned),
        ..Ask::default()
    })
}

fn parts_of(content: &Value) -> &[Value] {
    content["parts"].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn turns_of(content: &Value) -> Result<Vec<Turn>, String> {
    let role = match content["role"].as_str() {
        Some("user" | "function") | None => Role::User,
        Some("model") => Role::Assistant,
        Some(other) => return Err(format!("Please use a valid role: user, model. Found: {other}")),
    };
    let results = parts_of(content).iter().filter_map(|part| part.get("functionResponse"));
    let text = |result: &Value| match &result["response"] {
        Value::Object(fields) if fields.len() == 1 => fields
            .values()
            .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            .collect(),
        other => other.to_string(),
    };
    let mut turns: Vec<Turn> = results.map(|result| Turn::new(Role::Tool, text(result))).collect();
    let text = text_of(&content["parts"]);
    if turns.is_empty() || !text.is_empty() {
        turns.push(Turn::new(role, text));
    }
    Ok(turns)
}

/// Whether the first call of a reply lacks the signature of the reasoning that led to it.
fn is_unsigned(content: &Value) -> bool {
    let call = parts_of(content).iter().find(|part| part.get("functionCall").is_some());
    call.is_some_and(|part| part["thoughtSignature"] != SIGNATURE)
}

/// Writes chunks.
pub(super) struct GeminiWriter {
    model: String,
    /// The end of a chunk, after its parts.
    tail: Vec<u8>,
    grounding: Grounding,
    has_ids: bool,
    /// Reasoning has been sent, but its signature has not.
    unsigned: bool,
}

/// The sources of the reply, which are sent with its last chunk.
#[derive(Default)]
struct Grounding {
    search: Option<Search>,
    citations: Vec<Citation>,
}

const HEAD: &[u8] = b"data: {\"candidates\":[{\"content\":{\"parts\":[";

impl GeminiWriter {
    pub(super) fn new(ask: &Ask, script: &Script) -> Self {
        let model = json!(ask.model);
        let tail = format!(
            "],\"role\":\"model\"}},\"index\":0}}],\"modelVersion\":{model},\"responseId\":\"mock\"}}\n\n"
        );
        Self {
            model: ask.model.clone(),
            tail: tail.into_bytes(),
            grounding: Grounding::default(),
            has_ids: script.is(Oddity::Details),
            unsigned: false,
        }
    }

    fn text(&self, text: &str, is_thought: bool, out: &mut BytesMut) {
        out.extend_from_slice(HEAD);
        out.extend_from_slice(b"{\"text\":");
        put_string(out, text);
        if is_thought {
            out.extend_from_slice(b",\"thought\":true");
        }
        out.extend_from_slice(b"}");
        out.extend_from_slice(&self.tail);
    }

    /// The first call carries the signature; without calls, the last part does.
    fn call(&mut self, call: &Call, out: &mut BytesMut) {
        let mut part = call_part(call, self.has_ids);
        if std::mem::take(&mut self.unsigned) {
            part["thoughtSignature"] = SIGNATURE.into();
        }
        out.extend_from_slice(HEAD);
        super::output::put_json(out, &part);
        out.extend_from_slice(&self.tail);
    }
}

impl Writer for GeminiWriter {
    fn begin(&mut self, _usage: Option<&Usage>, _out: &mut BytesMut) {}

    fn piece(&mut self, piece: Piece<'_>, out: &mut BytesMut) {
        match piece {
            Piece::Text(text) | Piece::Refusal(text) => self.text(text, false, out),
            Piece::Reasoning(text) => {
                self.unsigned = true;
                self.text(text, true, out);
            }
            Piece::Sealed => self.unsigned = true,
            Piece::Search(search) => self.grounding.search = Some(search.clone()),
            Piece::Citation(citation) => self.grounding.citations.push(citation.clone()),
            Piece::CallWhole(call) => self.call(call, out),
            // Calls are requested whole.
            Piece::CallStart(_) | Piece::CallArguments(..) | Piece::CallEnd(_) => {}
        }
    }

    fn end(&mut self, end: End, usage: Option<&Usage>, out: &mut BytesMut) {
        let mut part = json!({ "text": "" });
        if std::mem::take(&mut self.unsigned) {
            part["thoughtSignature"] = SIGNATURE.into();
        }
        put_data(out, &answer(&self.model, &[part], &self.grounding, end, usage));
    }

    fn fail(&mut self, out: &mut BytesMut) {
        put_data(out, &error(503, "The model is overloaded. Please try again later.", None));
    }

    fn empty(&mut self, out: &mut BytesMut) {
        put_data(out, &json!({ "usageMetadata": { "promptTokenCount": 1 }, "modelVersion": self.model }));
        put_data(out, &json!({ "candidates": [{ "index": 0 }] }));
    }

    fn weird(&self) -> &'static [&'static str] {
        &[
            r#"{"candidates":"none"}"#,
            r#"{"candidates":[null]}"#,
            r#"{"candidates":[{"content":null}]}"#,
            r#"{"candidates":[{"content":{"parts":[null,7,{"text":7},{"functionCall":"f"}]}}],"usageMetadata":[]}"#,
        ]
    }
}

/// The whole reply in one response.
pub(super) fn whole(ask: &Ask, script: &Script, reply: &Gathered, end: End, usage: Option<&Usage>) -> Value {
    let mut grounding = Grounding::default();
    let mut parts = Vec::new();
    let mut unsigned = false;
    for item in &reply.items {
        match item {
            Item::Reasoning(text) => {
                unsigned = true;
                parts.push(json!({ "text": text, "thought": true }));
            }
            Item::Sealed => unsigned = true,
            Item::Text { text, citations } => {
                grounding.citations.extend(citations.iter().cloned());
                parts.push(json!({ "text": text }));
            }
            Item::Refusal(text) => parts.push(json!({ "text": text })),
            Item::Search(search) => grounding.search = Some(search.clone()),
            Item::Call(call) => parts.push(call_part(call, script.is(Oddity::Details))),
        }
    }
    let first_call = parts.iter().position(|part| part.get("functionCall").is_some());
    let signed = first_call.unwrap_or(parts.len().saturating_sub(1));
    if let Some(part) = parts.get_mut(signed).filter(|_| unsigned) {
        part["thoughtSignature"] = SIGNATURE.into();
    }
    answer(&ask.model, &parts, &grounding, end, usage)
}

fn call_part(call: &Call, has_id: bool) -> Value {
    let mut part = json!({ "functionCall": { "name": call.name, "args": call.input() } });
    if has_id {
        part["functionCall"]["id"] = call.id.as_str().into();
    }
    part
}

fn answer(model: &str, parts: &[Value], grounding: &Grounding, end: End, usage: Option<&Usage>) -> Value {
    let mut answer = json!({ "modelVersion": model, "responseId": "mock" });
    if end == End::Filtered {
        answer["promptFeedback"] = json!({ "blockReason": "PROHIBITED_CONTENT" });
    } else {
        let mut candidate = json!({
            "content": { "parts": parts, "role": "model" }, "finishReason": finish_reason(end), "index": 0,
        });
        if let Some(search) = &grounding.search {
            candidate["groundingMetadata"] = grounding_of(search, &grounding.citations);
        }
        answer["candidates"] = json!([candidate]);
    }
    if let Some(usage) = usage {
        answer["usageMetadata"] = usage_of(usage);
    }
    answer
}

fn finish_reason(end: End) -> &'static str {
    match end {
        End::Stop | End::ToolCalls => "STOP",
        End::Length => "MAX_TOKENS",
        End::Refusal | End::Filtered => "SAFETY",
    }
}

/// Here reasoning is counted separately from the reply.
fn usage_of(usage: &Usage) -> Value {
    json!({
        "promptTokenCount": usage.prompt, "cachedContentTokenCount": usage.cached,
        "candidatesTokenCount": usage.output - usage.reasoning, "thoughtsTokenCount": usage.reasoning,
        "totalTokenCount": usage.total(),
    })
}

/// Positions are in bytes here.
fn grounding_of(search: &Search, citations: &[Citation]) -> Value {
    let mut start = 0;
    let supports: Vec<Value> = citations
        .iter()
        .map(|citation| {
            let end = start + citation.text.len();
            let segment = json!({ "startIndex": start, "endIndex": end, "text": citation.text });
            start = end + 1;
            json!({ "segment": segment, "groundingChunkIndices": [citation.index] })
        })
        .collect();
    let chunk = |source: &crate::plan::Source| json!({ "web": { "uri": source.url, "title": source.title } });
    json!({
        "webSearchQueries": [search.query], "groundingSupports": supports,
        "groundingChunks": search.sources.iter().map(chunk).collect::<Vec<_>>(),
    })
}

/// An error in Google's format.
pub(super) fn error(status: u16, message: &str, retry_after: Option<u64>) -> Value {
    let name = match status {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        402..=499 => "FAILED_PRECONDITION",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        _ => "INTERNAL",
    };
    let mut error = json!({ "error": { "code": status, "message": message, "status": name } });
    if let Some(seconds) = retry_after {
        error["error"]["details"] = json!([{
            "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": format!("{seconds}s"),
        }]);
    }
    error
}
