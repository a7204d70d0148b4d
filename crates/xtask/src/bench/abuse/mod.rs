//! One user's stream of 50 tokens per second while another user abuses the server.
//!
//! Every abuse runs against a fresh server with its default limits. The load generator checks every token of the stream.
//! The attacker has a scripted provider of its own, because the provider would hold up the stream under a flood of requests.
//! The memory is the maximum of the server's resident memory while the stream runs, above that before it.

mod attacker;
mod hostile;

use std::{
    fs,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow, ensure};
use serde_json::{Value, json};

use self::attacker::{Attacker, post};
use super::{
    memory_kilobytes,
    relay::{
        self, Load, Programs,
        figures::Figures,
        servers::{self, Kind, Server, Settings},
    },
};
use crate::workspace::Workspace;

/// The stream of the other user: ten seconds.
const STREAM: Load = relay::together(1, 50, 500);

/// How long the stream runs before the abuse begins.
const AHEAD: Duration = Duration::from_millis(1500);

/// The limits, for the stream and for the memory.
const MAX_GAP_MS: f64 = 100.0;
const MAX_MIB: u64 = 64;

/// What the attacker does.
enum Abuse {
    /// Nothing, for comparison.
    Nothing,
    /// Opens connections, sends the same bytes on each, and reads nothing.
    Unread { connections: usize, request: fn(&Attacker) -> Result<Vec<u8>> },
    /// Opens connections whose bodies never end, with a chunk every second.
    Drip { connections: usize },
    /// Sends requests in a loop, 16 at a time. They are made from a value that is prepared once, and numbered.
    Flood { prepare: fn(&Attacker) -> Result<Value>, request: fn(&Attacker, &Value, u64) -> Vec<u8> },
}

/// Every abuse, by its name in the table.
const ABUSES: &[(&str, Abuse)] = &[
    ("nothing", Abuse::Nothing),
    ("1 000 feeds, unread", Abuse::Unread { connections: 1000, request: |eve| Ok(eve.get("/api/events")) }),
    ("1 000 readers of a running reply, unread", Abuse::Unread { connections: 1000, request: running_reply }),
    ("20 pages of a 24 MB conversation, unread", Abuse::Unread { connections: 20, request: page }),
    ("1 000 pages of a 24 MB conversation, unread", Abuse::Unread { connections: 1000, request: page }),
    (
        "1 000 × the API document, unread",
        Abuse::Unread { connections: 1000, request: |eve| Ok(eve.get(DOCUMENT)) },
    ),
    (
        "1 000 × 100 requests at once, unread",
        Abuse::Unread { connections: 1000, request: |eve| Ok(eve.get(DOCUMENT).repeat(100)) },
    ),
    (
        "1 000 × the client's module, not compressed, unread",
        Abuse::Unread { connections: 1000, request: module },
    ),
    (
        "1 000 unfinished heads",
        Abuse::Unread { connections: 1000, request: |_| Ok(b"GET / HTTP/1.1\r\nHo".to_vec()) },
    ),
    (
        "1 000 unfinished heads of 100 KB",
        Abuse::Unread { connections: 1000, request: |_| Ok(unfinished_head()) },
    ),
    ("1 000 bodies that drip", Abuse::Drip { connections: 1000 }),
    ("replies with 20 000 tool calls", Abuse::Flood { prepare: |_| Ok(Value::Null), request: tool_calls }),
    (
        "a provider of endless comments",
        Abuse::Flood { prepare: |_| Ok(json!("hostile/comments")), request: send },
    ),
    (
        "a provider of endless empty deltas",
        Abuse::Flood { prepare: |_| Ok(json!("hostile/empty")), request: send },
    ),
    (
        "a flood of temporary conversations of 1 MB",
        Abuse::Flood { prepare: |_| Ok(Value::Null), request: temporary },
    ),
    (
        "sending in a 24 MB conversation",
        Abuse::Flood { prepare: end_of_large_conversation, request: send_within },
    ),
    ("a flood of sign-ins", Abuse::Flood { prepare: |_| Ok(Value::Null), request: sign_in }),
];

/// Runs every abuse and prints the table.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let programs = relay::build(workspace)?;
    println!("\n| abuse | gap p50 / p99 / max ms | memory above that before |\n| --- | --- | --- |");
    let mut missed = Vec::new();
    for (name, abuse) in ABUSES {
        let (Figures { gap, .. }, mib) = measure(&programs, abuse).with_context(|| (*name).to_owned())?;
        println!("| {name} | {:.1} / {:.1} / {:.1} | {mib} MiB |", gap.p50, gap.p99, gap.max);
        let is_unread = matches!(abuse, Abuse::Unread { .. } | Abuse::Drip { .. });
        if gap.p99 > MAX_GAP_MS || (is_unread && mib > MAX_MIB) {
            missed.push(*name);
        }
    }
    ensure!(missed.is_empty(), "over {MAX_GAP_MS} ms or {MAX_MIB} MiB: {}", missed.join("; "));
    Ok(())
}

/// The figures of the stream, and the server's memory in MiB.
fn measure(programs: &Programs, abuse: &Abuse) -> Result<(Figures, u64)> {
    let hostile = hostile::start()?;
    let provider = servers::provider(programs)?;
    let models = [LARGE, ENDLESS, QUICK, CALLS].join(",");
    let presets = json!({
        "hostile": { "url": format!("http://{hostile}/v1"), "model": "comments,empty" },
        "eve": { "url": format!("http://{}/v1", provider.address), "model": models },
    });
    let settings = Settings {
        models: vec![STREAM.script()],
        variables: vec![("PRESET_MODELS", presets.to_string()), ("APP_MODE", "multi".into())],
    };
    let server = Server::start(programs, &settings, Kind::Kaiwa)?;
    let eve = Attacker::register(server.address())?;
    let attack = prepare(&eve, abuse)?;
    let before = memory_kilobytes(server.pid(), "VmRSS")?;
    // Starts the maximum anew.
    fs::write(format!("/proc/{}/clear_refs", server.pid()), "5").context("could not reset the maximum")?;
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let attack = scope.spawn(|| {
            thread::sleep(AHEAD);
            attack(&is_over)
        });
        let figures = STREAM.run(programs, &server);
        let most = memory_kilobytes(server.pid(), "VmHWM");
        is_over.store(true, Ordering::Relaxed);
        // Ends the attacker's open requests.
        drop(server);
        attack.join().map_err(|_panic| anyhow!("the attacker panicked"))??;
        Ok((figures?, most?.saturating_sub(before) / 1024))
    })
}

type Attack<'a> = Box<dyn FnOnce(&AtomicBool) -> Result<()> + Send + 'a>;

/// Prepares an abuse and returns what starts it.
fn prepare<'a>(eve: &'a Attacker, abuse: &'a Abuse) -> Result<Attack<'a>> {
    Ok(match abuse {
        Abuse::Nothing => Box::new(|_| Ok(())),
        Abuse::Unread { connections, request } => {
            let request = request(eve)?;
            Box::new(move |is_over| eve.send_unread(*connections, &request, is_over))
        }
        Abuse::Drip { connections } => Box::new(|is_over| eve.drip(*connections, is_over)),
        Abuse::Flood { prepare, request } => {
            let prepared = prepare(eve)?;
            Box::new(move |is_over| {
                eve.flood(|number| request(eve, &prepared, number), is_over);
                Ok(())
            })
        }
    })
}

/// The path of a response of about 100 KB.
const DOCUMENT: &str = "/api-docs/openapi.json";
/// A reply of 4 MB, the largest that is kept.
const LARGE: &str = "markdown-kb-4000-rate-0";
/// A reply without end.
const ENDLESS: &str = "mock-endless-rate-200";
/// A short reply.
const QUICK: &str = "mock-tokens-5-rate-0";
/// The tool calls that the message writes out.
const CALLS: &str = "call-rate-0";

/// A conversation of 24 MB.
fn large_conversation(eve: &Attacker) -> Result<Value> {
    let conversation = eve.ask("/api/conversations", &json!({}))?["id"].take();
    for number in 0..6 {
        let message = json!({
            "client_message_id": attacker::id(1_000_000 + number), "conversation_id": conversation, "content": "Write.",
            "model": format!("eve/{LARGE}"),
        });
        eve.ask_stream("/api/chat/stream", &message)?;
    }
    Ok(conversation)
}

fn page(eve: &Attacker) -> Result<Vec<u8>> {
    let conversation = large_conversation(eve)?;
    let id = conversation.as_str().context("the conversation has no id")?;
    Ok(eve.get(&format!("/api/conversations/{id}/messages?limit=100")))
}

fn unfinished_head() -> Vec<u8> {
    let line = format!("X-Padding: {}\r\n", "x".repeat(2000));
    format!("GET / HTTP/1.1\r\nHost: localhost\r\n{}", line.repeat(50)).into_bytes()
}

fn running_reply(eve: &Attacker) -> Result<Vec<u8>> {
    let message = json!({
        "client_message_id": attacker::id(1), "content": "Count.", "model": format!("eve/{ENDLESS}"),
    });
    let generation = eve.begin_stream("/api/chat/stream", &message)?;
    Ok(eve.get(&format!("/api/generations/{generation}/events")))
}

fn module(eve: &Attacker) -> Result<Vec<u8>> {
    let page = eve.read("/")?;
    let (rest, _) = page.split_once(".wasm").context("the client was built without its module")?;
    let (_, path) = rest.rsplit_once('"').context("the module has no path")?;
    Ok(eve.get(&format!("{path}.wasm")))
}

fn tool_calls(eve: &Attacker, _: &Value, number: u64) -> Vec<u8> {
    let message = json!({
        "client_message_id": attacker::id(number), "content": "get_time {}\n".repeat(20_000),
        "model": format!("eve/{CALLS}"),
    });
    post("/api/chat/stream", Some(&eve.token), "", &message)
}

/// A message to this model, in a new conversation.
fn send(eve: &Attacker, model: &Value, number: u64) -> Vec<u8> {
    let message = json!({ "client_message_id": attacker::id(number), "content": "Hello", "model": model });
    post("/api/chat/stream", Some(&eve.token), "", &message)
}

fn temporary(eve: &Attacker, _: &Value, number: u64) -> Vec<u8> {
    let message = json!({
        "client_message_id": attacker::id(number), "content": "x".repeat(1_000_000), "temporary": [],
        "model": format!("eve/{QUICK}"),
    });
    post("/api/chat/stream", Some(&eve.token), "", &message)
}

/// A conversation of 24 MB and its last message.
fn end_of_large_conversation(eve: &Attacker) -> Result<Value> {
    let conversation = large_conversation(eve)?;
    let id = conversation.as_str().context("the conversation has no id")?;
    let page = eve.fetch(&format!("/api/conversations/{id}/messages?limit=1"))?;
    let last = page["messages"].as_array().and_then(|messages| messages.last()).context("no message")?;
    let end = json!({ "conversation_id": conversation, "parent_id": last["id"] });
    // Fails if it is not accepted.
    eve.ask_stream("/api/chat/stream", &message_at(&end, 2_000_000))?;
    Ok(end)
}

/// A message at the end of the branch of 24 MB, beside the earlier ones.
fn send_within(eve: &Attacker, end: &Value, number: u64) -> Vec<u8> {
    post("/api/chat/stream", Some(&eve.token), "", &message_at(end, number))
}

fn message_at(end: &Value, number: u64) -> Value {
    json!({
        "client_message_id": attacker::id(number), "conversation_id": end["conversation_id"],
        "parent_id": end["parent_id"], "content": "Hello", "model": format!("eve/{QUICK}"),
    })
}

/// A wrong password for one of many accounts, each time from another address.
fn sign_in(_: &Attacker, _: &Value, number: u64) -> Vec<u8> {
    let address = format!("X-Forwarded-For: 198.51.{}.{}\r\n", number / 256 % 256, number % 256);
    let login = json!({ "login": format!("user{number}"), "password": "a wrong password" });
    post("/api/auth/login", None, &address, &login)
}
