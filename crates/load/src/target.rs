//! The kinds of servers to measure: their requests, and the text in their events.

use kaiwa_shared::{
    ClientMessageId, ConversationId,
    stream::{Parent, SendMessage},
};
use serde_json::json;

use anyhow::{Context as _, Result, bail, ensure};

use crate::{expect::Expectation, plan::Plan};

/// The server to measure.
pub(crate) enum Target {
    /// A provider with OpenAI's chat completions API, or a proxy in front of it.
    Provider,
    /// Kaiwa, with a signed-in account.
    Kaiwa(Account),
}

/// A signed-in account and a conversation for each stream.
pub(crate) struct Account {
    pub(crate) token: String,
    pub(crate) conversations: Vec<ConversationId>,
}

impl Target {
    /// The request for stream `number`.
    pub(crate) fn request(&self, plan: &Plan, number: u32) -> Result<Vec<u8>> {
        let (path, token, body) = match self {
            Self::Provider => {
                let body = json!({
                    "model": plan.model(), "stream": true,
                    "messages": [{ "role": "user", "content": "Count, please." }],
                });
                ("/v1/chat/completions", "sk-bench", body)
            }
            Self::Kaiwa(account) => {
                let place = usize::try_from(number)? % account.conversations.len().max(1);
                let message = SendMessage {
                    conversation_id: account.conversations.get(place).copied(),
                    parent_id: Parent::Top,
                    content: "Count, please.".into(),
                    model: Some(format!("llm/{}", plan.model())),
                    ..SendMessage::new(ClientMessageId::new())
                };
                ("/api/chat/stream", account.token.as_str(), serde_json::to_value(message)?)
            }
        };
        Ok(post(path, Some(token), &body.to_string()))
    }

    /// Parses one line of an event.
    pub(crate) fn read_line(
        &self,
        line: &[u8],
        state: &mut Events,
        text: &mut Expectation,
        arrived: impl FnMut(u64),
    ) -> Result<()> {
        ensure!(!state.ended || line.is_empty(), "data after the end");
        match self {
            Self::Provider => {
                let Some(data) = line.strip_prefix(b"data: ") else { return Ok(()) };
                state.ended = data == b"[DONE]";
                match between(data, br#""content":""#) {
                    Some(more) => text.push(more, arrived),
                    None => Ok(()),
                }
            }
            Self::Kaiwa(_) => read_kaiwa(line, state, text, arrived),
        }
    }
}

/// The state of a stream.
#[derive(Default)]
pub(crate) struct Events {
    /// The number of the last event.
    sequence: u64,
    event: Event,
    /// Whether the stream has ended properly.
    pub(crate) ended: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Event {
    #[default]
    Other,
    Delta,
    End,
}

fn read_kaiwa(
    line: &[u8],
    state: &mut Events,
    text: &mut Expectation,
    arrived: impl FnMut(u64),
) -> Result<()> {
    if let Some(id) = line.strip_prefix(b"id: ") {
        let id: u64 = std::str::from_utf8(id)?.parse().context("an event's id is not a number")?;
        ensure!(id == state.sequence + 1, "event {id} follows event {}", state.sequence);
        state.sequence = id;
    } else if let Some(name) = line.strip_prefix(b"event: ") {
        state.event = match name {
            b"delta" => Event::Delta,
            b"end" => Event::End,
            b"error" | b"snapshot" | b"reasoning" | b"retrying" => {
                bail!("an event `{}`", String::from_utf8_lossy(name))
            }
            _ => Event::Other,
        };
    } else if let Some(data) = line.strip_prefix(b"data: ") {
        match state.event {
            Event::Delta => {
                let more = between(data, br#""text":""#).context("a delta without text")?;
                return text.push(more, arrived);
            }
            Event::End => {
                let status = between(data, br#""status":""#).context("an end without status")?;
                ensure!(status == b"complete", "ended as {}", String::from_utf8_lossy(status));
                state.ended = true;
            }
            Event::Other => {}
        }
    }
    Ok(())
}

/// The text from `key` to the next quotation mark. The tokens contain nothing that JSON would escape.
fn between<'a>(data: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let at = data.windows(key.len()).position(|part| part == key)? + key.len();
    let rest = data.get(at..)?;
    rest.get(..rest.iter().position(|&byte| byte == b'"')?)
}

/// A `POST` request with a JSON body.
pub(crate) fn post(path: &str, token: Option<&str>, body: &str) -> Vec<u8> {
    let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\n{authorization}Content-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(target: &Target, wire: &str) -> Result<bool> {
        let (mut state, mut text) = (Events::default(), Expectation::new(3, false));
        for line in wire.lines() {
            target.read_line(line.as_bytes(), &mut state, &mut text, |_| {})?;
        }
        Ok(state.ended && text.is_met())
    }

    fn kaiwa() -> Target {
        Target::Kaiwa(Account { token: String::new(), conversations: Vec::new() })
    }

    const CREATED: &str = "id: 1\nevent: created\ndata: {\"event\":\"created\"}\n\n";
    const END: &str = "event: end\ndata: {\"event\":\"end\",\"status\":\"complete\"}\n\n";

    fn delta(id: u64, text: &str) -> String {
        format!("id: {id}\nevent: delta\ndata: {{\"event\":\"delta\",\"text\":\"{text}\"}}\n\n")
    }

    #[test]
    fn events_of_both_targets_are_parsed() {
        let provider = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n\
            data: {\"choices\":[{\"delta\":{\"content\":\"t0 t1\"}}]}\n\n\
            data: {\"choices\":[{\"delta\":{\"content\":\" t2\"}}]}\n\ndata: [DONE]\n\n";
        assert!(read(&Target::Provider, provider).unwrap());
        let wire = format!("{CREATED}{}{}id: 4\n{END}", delta(2, "t0"), delta(3, " t1 t2"));
        assert!(read(&kaiwa(), &wire).unwrap());
    }

    #[test]
    fn a_missing_or_repeated_event_is_an_error() {
        for (first, second) in [(2, 2), (2, 4), (3, 4)] {
            let wire = format!(
                "{CREATED}{}{}id: {}\n{END}",
                delta(first, "t0"),
                delta(second, " t1 t2"),
                second + 1
            );
            assert!(read(&kaiwa(), &wire).is_err(), "{first} {second}");
        }
        let stopped =
            format!("{CREATED}{}id: 3\n{END}", delta(2, "t0 t1 t2")).replace("complete", "interrupted");
        assert!(read(&kaiwa(), &stopped).is_err());
    }
}
