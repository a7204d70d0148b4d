use serde_json::json;

use super::*;

fn text(text: &str) -> Part {
    Part::Text { text: text.to_owned() }
}

fn thought(text: &str) -> Part {
    Part::Reasoning { text: text.to_owned(), duration_ms: None }
}

fn call(id: &str) -> Part {
    Part::ToolCall { id: id.to_owned(), name: format!("tool {id}"), arguments: "{}".to_owned() }
}

fn result(id: &str) -> Part {
    Part::ToolResult(ToolResult { id: id.to_owned(), output: format!("answer {id}"), is_error: false })
}

fn native(parts: usize, bytes: usize, provider: &str, block: &str) -> ProviderBlock {
    ProviderBlock { parts, bytes, provider: provider.to_owned(), block: json!(block) }
}

/// A message as one line: the role's letter, then each content as its kind and its text.
fn lines(messages: &[Message]) -> Vec<String> {
    let content = |content: &Content| match content {
        Content::Text(text) => format!("text {text}"),
        Content::Reasoning(text) => format!("thought {text}"),
        Content::ToolCall { id, .. } => format!("call {id}"),
        Content::ToolResult { id, name, output, .. } => format!("result {id} of {name}: {output}"),
        Content::Image { .. } => "image".to_owned(),
        Content::Document { name, .. } => format!("document {name}"),
        Content::ProviderBlock(native) => format!("native {}", native.0.as_str().unwrap()),
    };
    messages
        .iter()
        .map(|message| {
            let contents: Vec<_> = message.content.iter().map(content).collect();
            format!("{:?}: {}", message.role, contents.join(", "))
        })
        .collect()
}

#[test]
fn a_plain_reply_is_its_text() {
    let parts = [
        thought("hm"),
        text("Hello"),
        Part::Citation(kaiwa_shared::message::Citation::default()),
        text(" there"),
    ];
    assert_eq!(lines(&messages(&parts, &[], "a")), ["Assistant: text Hello, text  there"]);
}

#[test]
fn a_native_block_goes_back_in_its_place_to_its_own_provider_only() {
    // Two signed thoughts in a row have become one part; each signature stands after its own.
    let parts = [thought("firstsecond"), text("Hello")];
    let natives = [
        native(0, 5, "a", "sig 1"),
        native(0, 11, "a", "sig 2"),
        native(1, 5, "a", "id"),
        native(1, 2, "b", "x"),
    ];
    assert_eq!(
        lines(&messages(&parts, &natives, "a")),
        ["Assistant: thought first, native sig 1, thought second, native sig 2, text Hello, native id"]
    );
    assert_eq!(lines(&messages(&parts, &natives, "b")), ["Assistant: text He, native x, text llo"]);
    assert_eq!(lines(&messages(&parts, &natives, "c")), ["Assistant: text Hello"]);
}

#[test]
fn a_block_without_a_neutral_form_may_stand_first() {
    let parts = [text("Hello")];
    let natives = [native(0, 0, "a", "redacted")];
    assert_eq!(lines(&messages(&parts, &natives, "a")), ["Assistant: native redacted, text Hello"]);
    assert!(messages(&[], &natives, "a").is_empty(), "no message of nothing but that");
}

#[test]
fn calls_go_back_with_their_thoughts_and_are_followed_by_their_results() {
    let parts =
        [thought("look"), text("I look."), call("1"), call("2"), result("2"), result("1"), text("Done.")];
    assert_eq!(
        lines(&messages(&parts, &[], "a")),
        [
            "Assistant: thought look, text I look., call 1, call 2",
            "Tool: result 1 of tool 1: answer 1, result 2 of tool 2: answer 2",
            "Assistant: text Done.",
        ]
    );
}

#[test]
fn rounds_of_calls_stay_rounds() {
    let parts = [call("1"), result("1"), thought("more"), call("2"), result("2")];
    assert_eq!(
        lines(&messages(&parts, &[], "a")),
        [
            "Assistant: call 1",
            "Tool: result 1 of tool 1: answer 1",
            "Assistant: thought more, call 2",
            "Tool: result 2 of tool 2: answer 2",
        ]
    );
}

#[test]
fn a_call_that_nobody_answered_is_left_out_with_what_led_to_it() {
    let parts = [text("I look."), thought("which?"), call("1")];
    let natives = [
        native(0, 7, "a", "id"),
        native(1, 6, "a", "sig"),
        // A call is closed when its block arrives, so the block stands before what comes next.
        native(3, 0, "a", "item"),
    ];
    assert_eq!(lines(&messages(&parts, &natives, "a")), ["Assistant: text I look., native id"]);

    let parts = [call("1"), call("2"), result("2"), text("Half.")];
    assert_eq!(
        lines(&messages(&parts, &[], "a")),
        ["Assistant: call 2", "Tool: result 2 of tool 2: answer 2", "Assistant: text Half."]
    );
    assert!(messages(&[thought("hm"), call("1")], &[], "a").is_empty());
}

#[test]
fn a_block_between_characters_never_splits_one() {
    let parts = [text("你好")];
    let natives = [native(0, 4, "a", "odd")];
    assert_eq!(lines(&messages(&parts, &natives, "a")), ["Assistant: text 你, native odd, text 好"]);
}

#[test]
fn a_hosted_tool_goes_back_in_its_position_to_its_provider_only() {
    let parts = [text("I search."), call("1"), result("1"), text("Found.")];
    let natives = [native(2, 0, "a", "call"), native(3, 0, "a", "sealed")];
    assert_eq!(
        lines(&messages(&parts, &natives, "a")),
        [
            "Assistant: text I search., call 1, native call, result 1 of tool 1: answer 1, native sealed, text \
             Found."
        ]
    );
    assert_eq!(lines(&messages(&parts, &natives, "b")), ["Assistant: text I search., text Found."]);
}
