//! Ollama's own chat.

use kaiwa_llm::{Ollama, ollama};
use serde_json::json;

use crate::{
    adapter::{Adapter, Case, Echo, KEY, client},
    reply::Reply,
    scenario::Scenario,
};

/// The adapter.
pub(crate) fn adapter() -> Adapter {
    Adapter {
        name: "ollama",
        extension: "ndjson",
        events: |body| ollama::events(body),
        connect: |url| Box::new(Ollama::new(url, Some(&KEY.into()), client(url)).unwrap()),
        case,
        echo: Echo {
            at: "/messages/1",
            value: json!({
                "role": "assistant",
                "content": "",
                "thinking": "Let me see.",
                "tool_calls": [{
                    "id": "call_1",
                    "function": { "name": "get_weather", "arguments": { "city": "Paris" } },
                }],
            }),
        },
    }
}

fn case(scenario: Scenario) -> Case {
    use Scenario::*;
    match scenario {
        // Also for `ProviderBlock`: reasoning has its own field, and nothing else must be sent back.
        PlainText
        | UnicodeText
        | Reasoning
        | ParallelToolCalls
        | WholeToolCall
        | ToolCallWithoutArguments
        | TextThenToolCall
        | Length
        | ProviderBlock
        | Unknown
        | ErrorFirst
        | ErrorMidStream
        | CutOff
        | AfterTheEnd
        | Garbage
        | Whole
        | Empty
        | Unauthorized
        | RateLimited => Case::Same,
        ToolCallInPieces => Case::Cannot("a call comes whole"),
        Usage => Case::But("neither the cache nor the thoughts are counted apart", |reply: &mut Reply| {
            let usage = &mut reply.usage;
            (usage.cached_tokens, usage.cache_write_tokens, usage.reasoning_tokens) = (0, 0, 0);
        }),
        Refusal => Case::Cannot("a model that declines says so in ordinary text"),
        ContentFilter => Case::Cannot("a server of one's own has no filter"),
        Citations => Case::Cannot("a chat names no sources"),
        HostedTool => Case::Cannot("a chat runs no tools of its own"),
    }
}
