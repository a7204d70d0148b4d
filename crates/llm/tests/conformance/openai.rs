//! OpenAI's chat completions.

use kaiwa_llm::{
    Endpoint, OpenAi,
    openai::{self, Dialect},
};
use serde_json::{Value, json};

use crate::{
    adapter::{Adapter, Case, Echo, KEY, client},
    reply::Reply,
    scenario::Scenario,
};

/// The adapter.
pub(crate) fn adapter() -> Adapter {
    Adapter {
        name: "openai",
        extension: "sse",
        events: |body| openai::events(body),
        connect: |url| {
            Box::new(OpenAi::new(
                Endpoint::new("mock", url, Some(KEY.into()), Dialect::Other).unwrap(),
                client(url),
            ))
        },
        case,
        echo: Echo {
            at: "/messages/1",
            value: json!({
                "role": "assistant",
                "content": null,
                "reasoning_details": details(),
                "tool_calls": [{
                    "id": "call_1",
                    "type": "function",
                    "function": { "name": "get_weather", "arguments": "{\"city\":\"Paris\"}" },
                }],
            }),
        },
    }
}

/// OpenRouter's details, assembled from their pieces.
fn details() -> [Value; 2] {
    [
        json!({ "type": "reasoning.text", "text": "Let me see.", "signature": "EqQB", "format": "anthropic-claude-v1", "index": 0 }),
        json!({ "type": "reasoning.encrypted", "data": "gAAA", "id": "rs_1", "format": "openai-responses-v1", "index": 1 }),
    ]
}

fn case(scenario: Scenario) -> Case {
    use Scenario::*;
    match scenario {
        PlainText
        | UnicodeText
        | Reasoning
        | ToolCallInPieces
        | ParallelToolCalls
        | WholeToolCall
        | ToolCallWithoutArguments
        | TextThenToolCall
        | Usage
        | Length
        | Refusal
        | ContentFilter
        | Citations
        | Unknown
        | ErrorFirst
        | ErrorMidStream
        | CutOff
        | AfterTheEnd
        | Garbage
        | Whole
        | Empty
        | Unauthorized
        | RateLimited
        // FastGPT's events for the tools of its apps.
        | HostedTool => Case::Same,
        ProviderBlock => Case::But("OpenRouter's reasoning_details", |reply: &mut Reply| {
            let [mut text, encrypted] = details();
            text.as_object_mut().unwrap().remove("text");
            reply.put_provider_block(1, json!({ "openai": { "detail": encrypted } }));
            reply.put_provider_block(1, json!({ "openai": { "detail": text, "holds": "text" } }));
        }),
    }
}
