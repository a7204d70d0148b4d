//! Gemini's `generateContent`.

use kaiwa_llm::{Gemini, gemini};
use serde_json::json;

use crate::{
    adapter::{Adapter, Case, Echo, KEY, client},
    reply::{Piece, Reply, call},
    scenario::Scenario,
};

/// The adapter.
pub(crate) fn adapter() -> Adapter {
    Adapter {
        name: "gemini",
        extension: "sse",
        events: |body| gemini::events(body),
        connect: |url| Box::new(Gemini::new(url, Some(&KEY.into()), client(url)).unwrap()),
        case,
        echo: Echo {
            at: "/contents/1",
            value: json!({
                "role": "model",
                "parts": [{
                    "functionCall": { "id": "call_1", "name": "get_weather", "args": { "city": "Paris" } },
                    "thoughtSignature": SIGNATURE,
                }],
            }),
        },
    }
}

const SIGNATURE: &str = "CiQB0e2Kb4xQZ7cP1sVYh2wJ8fA3kqkRrXg";

fn case(scenario: Scenario) -> Case {
    use Scenario::*;
    match scenario {
        PlainText
        | UnicodeText
        | Reasoning
        | ParallelToolCalls
        | WholeToolCall
        | ToolCallWithoutArguments
        | TextThenToolCall
        | Length
        | ContentFilter
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
        Usage => Case::But("what is written to the cache is not counted", |reply: &mut Reply| {
            reply.usage.cache_write_tokens = 0;
        }),
        Refusal => Case::Cannot("a model that declines says so in ordinary text"),
        Citations => Case::But("a citation brings the words that rest on it", |reply: &mut Reply| {
            if let Some(Piece::Citation(citation)) = reply.pieces.last_mut() {
                citation.excerpt = "Kyoto has 1600 temples.".into();
            }
        }),
        HostedTool => Case::But(
            "of the provider's own tools only the running of code shows, and it has no id",
            |reply: &mut Reply| {
                let id = "gemini-call-mAitaLmkHPPlz7IPvtfUqQ4-0";
                let code = json!({ "language": "PYTHON", "code": "print(len(temples('Kyoto')))" });
                reply.pieces[0] = call(id, "code_execution", &code.to_string());
                if let Some(Piece::Result(result)) = reply.pieces.get_mut(1) {
                    result.id = id.into();
                }
            },
        ),
        ProviderBlock => Case::But("a signed call", |reply: &mut Reply| {
            reply.put_provider_block(2, json!({ "gemini": { "thoughtSignature": SIGNATURE } }));
        }),
    }
}
