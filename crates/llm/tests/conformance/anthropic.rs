//! Anthropic's messages.

use kaiwa_llm::{Anthropic, Finish, anthropic};
use serde_json::{Value, json};

use crate::{
    adapter::{Adapter, Case, Echo, KEY, client},
    reply::{Piece, Reply},
    scenario::Scenario,
};

/// The adapter.
pub(crate) fn adapter() -> Adapter {
    Adapter {
        name: "anthropic",
        extension: "sse",
        events: |body| anthropic::events(body),
        connect: |url| Box::new(Anthropic::new(url, Some(&KEY.into()), client(url)).unwrap()),
        case,
        echo: Echo {
            at: "/messages/1",
            value: json!({
                "role": "assistant",
                "content": [
                    { "type": "thinking", "thinking": "Let me see.", "signature": signature() },
                    redacted(),
                    { "type": "tool_use", "id": "call_1", "name": "get_weather", "input": { "city": "Paris" } },
                ],
            }),
        },
    }
}

fn signature() -> &'static str {
    "EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds"
}

fn redacted() -> Value {
    json!({ "type": "redacted_thinking", "data": "EmwKAhgBEgy3va3pzix" })
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
        ContentFilter => Case::Cannot("what the filter stops ends as a refusal or as an error"),
        Citations => Case::But("a citation brings the words that it cites", |reply: &mut Reply| {
            if let Some(Piece::Citation(citation)) = reply.pieces.last_mut() {
                citation.excerpt = "Kyoto is home to 1600 temples".into();
            }
        }),
        HostedTool => Case::But("a search answers with pages", |reply: &mut Reply| {
            if let Some(Piece::Result(result)) = reply.pieces.get_mut(1) {
                result.output.push_str("\nhttps://example.org/kyoto");
            }
            assert_eq!(reply.finish, Some(Finish::Stop), "nobody here is asked for the result");
        }),
        ProviderBlock => Case::But("signed and redacted thoughts", |reply: &mut Reply| {
            reply.put_provider_block(
                1,
                json!({ "anthropic": { "type": "thinking", "signature": signature() } }),
            );
            reply.put_provider_block(2, json!({ "anthropic": redacted() }));
        }),
    }
}
