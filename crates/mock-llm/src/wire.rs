//! The bytes of a streamed reply, its pace and its faults.

use std::{sync::Arc, time::Duration};

use actix_web::error::PayloadError;
use bytes::Bytes;
use futures_util::{Stream, stream};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, sleep_until};

use crate::{
    reply::Pieces,
    script::{Fault, Oddity, Script},
    stamp,
    state::{OpenReply, State},
};

/// What to do next.
enum Action {
    Send(Vec<u8>),
    /// Wait for the deadline of this token.
    Pace(u64),
    Pause(Duration),
    Stall,
    Abort,
}

type Actions = Box<dyn Iterator<Item = Action> + Send>;

/// How one reply is written.
pub(crate) struct Reply {
    pub(crate) script: Script,
    pub(crate) model: String,
    pub(crate) pieces: Pieces,
    pub(crate) finish_reason: &'static str,
    /// Tokens of the prompt where the client asked for the usage.
    pub(crate) usage_of_prompt: Option<usize>,
}

/// The reply as a response body. It tells `state` how it ended.
pub(crate) fn body(
    reply: Reply,
    state: &Arc<State>,
) -> impl Stream<Item = Result<Bytes, PayloadError>> + use<> {
    let (rate, start) = (reply.script.rate, Instant::now() + reply.script.delay);
    let stamped = reply.script.stamp;
    let open = OpenReply::new(state);
    let actions = disguise(reply.script.clone(), actions(reply));
    stream::unfold((actions, open), move |(mut actions, mut open)| async move {
        loop {
            match actions.next() {
                Some(Action::Send(mut bytes)) => {
                    if stamped {
                        stamp::fill(&mut bytes);
                    }
                    return Some((Ok(Bytes::from(bytes)), (actions, open)));
                }
                // Deadlines, not sleeps: at 300 tokens a second the error of each sleep would add up.
                Some(Action::Pace(token)) => match token.saturating_mul(1_000_000).checked_div(rate) {
                    Some(micros) => sleep_until(start + Duration::from_micros(micros)).await,
                    None if token == 0 => sleep_until(start).await,
                    None => {}
                },
                Some(Action::Pause(time)) => sleep(time).await,
                Some(Action::Stall) => std::future::pending().await,
                Some(Action::Abort) => {
                    open.finish();
                    return Some((Err(PayloadError::Incomplete(None)), (Box::new(std::iter::empty()), open)));
                }
                None => {
                    open.finish();
                    return None;
                }
            }
        }
    })
}

fn actions(reply: Reply) -> Actions {
    let Reply { script, model, pieces, finish_reason, usage_of_prompt } = reply;
    let role = chunk(&model, &json!({ "role": "assistant", "content": "" }), None);
    let intro = intro(&script).into_iter().chain([role]).map(Action::Send);
    let noisy = script.is(Oddity::Garbage);
    let broken = script.is(Oddity::Broken);
    let mut pieces = pieces.zip(0u64..);
    let (mut over, mut sent) = (false, 0usize);
    let rest = std::iter::from_fn(move || {
        if over {
            return None;
        }
        let token = u64::try_from(sent).unwrap_or(u64::MAX);
        if let Some(last) = fault_at(script.fault, token) {
            over = true;
            return Some(last);
        }
        let Some((piece, _)) = pieces.next() else {
            over = true;
            return Some(outro(&script, &model, finish_reason, usage_of_prompt, sent));
        };
        sent += 1;
        let mut bytes = chunk(&model, &piece.delta(), None);
        if noisy {
            bytes.extend_from_slice(b"garbage without a colon\ndata: ping\n\n: \xff\xfe\nretry: never\n\n");
        }
        if broken && token == 2 {
            bytes = b"data: {\"choices\":[{\"delta\":{\"content\":\"half\n\n".to_vec();
        }
        Some(vec![Action::Pace(token), Action::Send(bytes)])
    });
    Box::new(intro.chain(rest.flatten()))
}

fn intro(script: &Script) -> Vec<Vec<u8>> {
    let mut intro = Vec::new();
    if script.is(Oddity::Bom) {
        intro.push(b"\xef\xbb\xbf".to_vec());
    }
    if script.is(Oddity::EmptyChoices) {
        intro.push(event(&json!({
            "id": "", "object": "", "created": 0, "model": "", "choices": [],
            "prompt_filter_results": [{ "prompt_index": 0, "content_filter_results": {} }],
        })));
    }
    if let Some(kb) = script.huge_kb {
        let block = vec![b'x'; 16 * 1024];
        intro.push(b"data: ".to_vec());
        intro.extend((0..kb.div_ceil(16)).map(|_| block.clone()));
        intro.push(b"\n\n".to_vec());
    }
    intro
}

fn fault_at(fault: Option<Fault>, token: u64) -> Option<Vec<Action>> {
    match fault? {
        Fault::Cut(at) if at == token => {
            // What was sent before must have left, or it is torn away too.
            Some(vec![Action::Pause(Duration::from_millis(20)), Action::Abort])
        }
        Fault::End(at) if at == token => Some(Vec::new()),
        Fault::Stall(at) if at == token => Some(vec![Action::Stall]),
        Fault::Fail(at) if at == token => Some(vec![Action::Send(event(&json!({
            "error": { "message": "The model crashed.", "type": "server_error", "code": "server_error" },
        })))]),
        _ => None,
    }
}

fn outro(
    script: &Script,
    model: &str,
    finish_reason: &str,
    usage_of_prompt: Option<usize>,
    sent: usize,
) -> Vec<Action> {
    let mut outro = vec![chunk(model, &json!({}), Some(finish_reason))];
    if let Some(prompt_tokens) = usage_of_prompt {
        outro.push(event(&json!({
            "id": "chatcmpl-mock", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": model,
            "choices": [], "usage": usage(prompt_tokens, sent),
        })));
    }
    if !script.is(Oddity::NoDone) {
        outro.push(b"data: [DONE]\n\n".to_vec());
    }
    if script.is(Oddity::Trailing) {
        outro.push(chunk(model, &json!({ "content": "after the end" }), None));
        outro.push(b"data: [DONE]\n\n".to_vec());
    }
    outro.into_iter().map(Action::Send).collect()
}

/// The end of a reply in one piece.
pub(crate) fn outro_bytes(
    script: &Script,
    model: &str,
    finish_reason: &str,
    usage_of_prompt: Option<usize>,
    sent: usize,
) -> Vec<u8> {
    let bytes = |action| if let Action::Send(bytes) = action { bytes } else { Vec::new() };
    outro(script, model, finish_reason, usage_of_prompt, sent).into_iter().flat_map(bytes).collect()
}

/// The `usage` object of a reply.
pub(crate) fn usage(prompt_tokens: usize, completion_tokens: usize) -> Value {
    json!({
        "prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
        "prompt_tokens_details": { "cached_tokens": 0 },
        "completion_tokens_details": { "reasoning_tokens": 0 },
    })
}

pub(crate) fn chunk(model: &str, delta: &Value, finish_reason: Option<&str>) -> Vec<u8> {
    event(&json!({
        "id": "chatcmpl-mock", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": model,
        "choices": [{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason }],
    }))
}

fn event(data: &Value) -> Vec<u8> {
    format!("data: {data}\n\n").into_bytes()
}

/// Applies what is odd about the wire, whatever is said on it.
fn disguise(script: Script, actions: Actions) -> Actions {
    Box::new(actions.flat_map(move |action| match action {
        Action::Send(bytes) => transmit(&script, bytes),
        other => vec![other],
    }))
}

fn transmit(script: &Script, bytes: Vec<u8>) -> Vec<Action> {
    let bytes = if script.is(Oddity::CrLf) {
        replace_line_ends(&bytes, b"\r\n")
    } else if script.is(Oddity::Cr) {
        replace_line_ends(&bytes, b"\r")
    } else {
        bytes
    };
    if script.is(Oddity::Drip) {
        let drop = |bytes: &[u8]| [Action::Pause(Duration::from_millis(1)), Action::Send(bytes.to_vec())];
        return bytes.chunks(3).flat_map(drop).collect();
    }
    if script.is(Oddity::SplitUtf8)
        && let Some(at) = bytes.iter().position(|byte| !byte.is_ascii())
    {
        let (head, tail) = bytes.split_at(at + 1);
        // The pause lets the first half travel alone.
        let pause = Action::Pause(Duration::from_millis(2));
        return vec![Action::Send(head.to_vec()), pause, Action::Send(tail.to_vec())];
    }
    vec![Action::Send(bytes)]
}

fn replace_line_ends(bytes: &[u8], line_end: &[u8]) -> Vec<u8> {
    bytes.split(|&byte| byte == b'\n').collect::<Vec<_>>().join(line_end)
}
