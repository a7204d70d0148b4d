//! Tools that run at the provider: search, page fetch, code execution and MCP servers.

use serde_json::{Map, Value};

use super::block::text;

/// Whether the block is the call of a hosted tool.
pub(super) fn is_call(kind: &str) -> bool {
    kind.ends_with("_tool_use")
}

/// Whether the block is the result of a hosted tool.
pub(super) fn is_result(kind: &str) -> bool {
    kind.ends_with("_tool_result")
}

/// Whether the tool failed.
pub(super) fn failed(block: &Map<String, Value>) -> bool {
    let content = block.get("content").and_then(Value::as_object);
    let field_of = |field: &str| content.and_then(|content| content.get(field));
    block.get("is_error").and_then(Value::as_bool).unwrap_or_default()
        || field_of("type").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("_error"))
        || field_of("return_code").and_then(Value::as_i64).is_some_and(|code| code != 0)
}

/// The readable part of the result: no identifiers, nothing encrypted.
pub(super) fn output(block: &Map<String, Value>) -> String {
    let mut lines = Vec::new();
    if let Some(content) = block.get("content") {
        gather(content, &mut lines);
    }
    lines.join("\n")
}

/// Readable fields, in reading order.
const READABLE: [&str; 9] =
    ["title", "url", "text", "stdout", "stderr", "tool_name", "error_code", "content", "source"];

fn gather<'a>(value: &'a Value, lines: &mut Vec<&'a str>) {
    match value {
        Value::String(line) if !line.trim().is_empty() => lines.push(line.trim_end()),
        Value::Array(items) => items.iter().for_each(|item| gather(item, lines)),
        Value::Object(fields) => {
            for field in READABLE {
                if let Some(value) = fields.get(field) {
                    gather(value, lines);
                }
            }
            // A fetched page has its text here, an image its bytes.
            if text(fields, "type") == "text"
                && let Some(data) = fields.get("data")
            {
                gather(data, lines);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(content: Value) -> (String, bool) {
        let block = Map::from_iter([("content".to_owned(), content)]);
        (output(&block), failed(&block))
    }

    #[test]
    fn a_tools_result_is_reduced_to_readable_text() {
        let found = json!([{ "type": "web_search_result", "url": "https://a.example", "title": "A",
            "encrypted_content": "Eq==", "page_age": null }]);
        assert_eq!(read(found), ("A\nhttps://a.example".to_owned(), false));
        let page = json!({ "type": "web_fetch_result", "url": "https://a.example", "content": { "type": "document",
            "title": "A", "source": { "type": "text", "media_type": "text/plain", "data": "Words." } } });
        assert_eq!(read(page), ("https://a.example\nA\nWords.".to_owned(), false));
        let pdf = json!({ "content": { "source": { "type": "base64", "data": "JVBERi0=" } } });
        assert_eq!(read(pdf), (String::new(), false));
        assert_eq!(read(json!("plain")), ("plain".to_owned(), false));
    }

    #[test]
    fn a_failure_is_reported_in_three_shapes() {
        let code =
            json!({ "type": "code_execution_result", "stdout": "1\n", "stderr": "no", "return_code": 1 });
        assert_eq!(read(code), ("1\nno".to_owned(), true));
        let refused = json!({ "type": "web_search_tool_result_error", "error_code": "max_uses_exceeded" });
        assert_eq!(read(refused), ("max_uses_exceeded".to_owned(), true));
        let block = Map::from_iter([("is_error".to_owned(), json!(true))]);
        assert!(failed(&block));
    }
}
