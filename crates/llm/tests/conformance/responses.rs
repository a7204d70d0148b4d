//! OpenAI's responses.

use kaiwa_llm::{Responses, openai::Dialect, responses};
use kaiwa_shared::message::ToolResult;
use serde_json::{Value, json};

use crate::{
    adapter::{Adapter, Case, Echo, KEY, client},
    reply::{Piece, Reply, call},
    scenario::Scenario,
};

/// The adapter.
pub(crate) fn adapter() -> Adapter {
    let mut item = reasoning_item();
    item.insert("summary".into(), json!([{ "type": "summary_text", "text": "Let me see." }]));
    Adapter {
        name: "responses",
        extension: "sse",
        events: |body| responses::events(body),
        connect: |url| Box::new(Responses::new(url, Some(&KEY.into()), Dialect::Other, client(url)).unwrap()),
        case,
        echo: Echo {
            at: "/input",
            value: json!([
                { "type": "message", "role": "user", "content": [{ "type": "input_text", "text": "How is the weather?" }] },
                item,
                { "type": "function_call", "call_id": "call_1", "name": "get_weather", "arguments": "{\"city\":\"Paris\"}" },
                { "type": "function_call_output", "call_id": "call_1", "output": "18 °C" },
            ]),
        },
    }
}

fn reasoning_item() -> serde_json::Map<String, Value> {
    let item = json!({ "id": "rs_1", "type": "reasoning", "encrypted_content": "gAAAAB" });
    item.as_object().unwrap().clone()
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
        | RateLimited => Case::Same,
        Usage => Case::But("it does not count what is written to the cache", |reply: &mut Reply| {
            reply.usage.cache_write_tokens = 0;
        }),
        HostedTool => {
            Case::But("its tools have types instead of names, and several queries", |reply: &mut Reply| {
                let result =
                    ToolResult { id: "hosted_1".into(), output: "1600 temples".into(), is_error: false };
                reply.pieces[0] = call("hosted_1", "file_search", "{\"queries\":[\"Kyoto temples\"]}");
                reply.pieces[1] = Piece::Result(result);
            })
        }
        ProviderBlock => {
            Case::But("the reasoning item, without the words of its summary", |reply: &mut Reply| {
                reply.put_provider_block(
                    1,
                    json!({ "responses": { "item": reasoning_item(), "holds": "summary", "parts": [11] } }),
                );
            })
        }
    }
}
