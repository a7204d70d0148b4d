//! Events that FastGPT's apps send between the chunks of a chat completion when `detail` is set.

use kaiwa_shared::message::{ToolResult, Usage};
use serde::Deserialize;
use serde_json::Value;

use super::chunk::{CallPiece, FunctionPiece};
use crate::wire::lenient::{count, lenient, list, text};

/// A tool of the app: `toolCall`, `toolParams` and `toolResponse`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ToolEvent {
    /// The id, in newer versions.
    #[serde(deserialize_with = "text")]
    id: String,
    #[serde(deserialize_with = "lenient")]
    pub(super) tool: AppTool,
}

/// A tool, as in events and in whole replies.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct AppTool {
    #[serde(deserialize_with = "text")]
    id: String,
    #[serde(deserialize_with = "text")]
    tool_name: String,
    #[serde(deserialize_with = "text")]
    function_name: String,
    #[serde(deserialize_with = "text")]
    params: String,
    #[serde(deserialize_with = "text")]
    response: String,
}

impl ToolEvent {
    /// The tool, with its id.
    pub(super) fn into_tool(self) -> AppTool {
        let id = if self.tool.id.is_empty() { self.id } else { self.tool.id };
        AppTool { id, ..self.tool }
    }
}

impl AppTool {
    /// The call as a piece of a chunk. The tool's name is meant for people; the function's name is that of a node.
    pub(super) fn call(&self) -> CallPiece {
        let name = if self.tool_name.is_empty() { &self.function_name } else { &self.tool_name };
        let function = FunctionPiece { name: name.clone(), arguments: Value::String(self.params.clone()) };
        CallPiece { id: self.id.clone(), function, ..CallPiece::default() }
    }

    /// The tool's result.
    pub(super) fn result(self) -> ToolResult {
        ToolResult { id: self.id, output: self.response, is_error: false }
    }
}

/// The result of one node: `flowNodeResponse`, and in lists `flowResponses` and `responseData`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Node {
    #[serde(deserialize_with = "count")]
    input_tokens: u64,
    #[serde(deserialize_with = "count")]
    output_tokens: u64,
    quote_list: Value,
    #[serde(deserialize_with = "list")]
    tool_detail: Vec<Node>,
    #[serde(deserialize_with = "list")]
    plugin_detail: Vec<Node>,
}

/// The combined results of an app's nodes.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    /// The tokens that they counted, if any.
    pub(super) usage: Option<Usage>,
    /// The quotes that the answer is based on.
    pub(super) quotes: Vec<Value>,
}

impl Nodes {
    /// Reads a list of nodes, an object of nodes, or a single node.
    pub(super) fn read(data: &Value) -> Self {
        let mut nodes = Self::default();
        match data {
            Value::Array(all) => all.iter().for_each(|node| nodes.add_value(node)),
            Value::Object(fields) if fields.values().all(Value::is_object) => {
                fields.values().for_each(|node| nodes.add_value(node));
            }
            node => nodes.add_value(node),
        }
        nodes
    }

    fn add_value(&mut self, node: &Value) {
        if let Ok(node) = Node::deserialize(node) {
            self.add(node);
        }
    }

    fn add(&mut self, node: Node) {
        if node.input_tokens + node.output_tokens > 0 {
            let usage = self.usage.get_or_insert_default();
            usage.input_tokens = usage.input_tokens.saturating_add(node.input_tokens);
            usage.output_tokens = usage.output_tokens.saturating_add(node.output_tokens);
        }
        if node.quote_list.is_array() {
            self.quotes.push(node.quote_list);
        }
        node.tool_detail.into_iter().chain(node.plugin_detail).for_each(|inner| self.add(inner));
    }
}

/// The question that an app asks before it continues, with the answers to choose from, as Markdown.
pub(super) fn question(data: &Value) -> String {
    let interactive = data.get("interactive").unwrap_or(data);
    let params = interactive.get("params").unwrap_or(interactive);
    let string =
        |value: &Value, field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut lines = vec![string(params, "description")];
    for (list, field) in [("userSelectOptions", "value"), ("inputForm", "label")] {
        let entries = params.get(list).and_then(Value::as_array).into_iter().flatten();
        lines.extend(
            entries
                .map(|entry| string(entry, field))
                .filter(|text| !text.is_empty())
                .map(|text| format!("- {text}")),
        );
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_tokens_and_quotes_of_all_nodes_count() {
        let nodes = json!([
            { "moduleName": "Search", "quoteList": [{ "sourceName": "guide.md", "q": "Kyoto" }], "inputTokens": 1 },
            { "toolDetail": [{ "inputTokens": 10, "outputTokens": 4, "quoteList": [] }], "outputTokens": "2" },
        ]);
        let read = Nodes::read(&nodes);
        assert_eq!(read.usage, Some(Usage { input_tokens: 11, output_tokens: 6, ..Usage::default() }));
        assert_eq!(read.quotes, [json!([{ "sourceName": "guide.md", "q": "Kyoto" }]), json!([])]);
        assert_eq!(Nodes::read(&json!({ "a": nodes[0] })).usage.unwrap().input_tokens, 1);
        assert_eq!(Nodes::read(&nodes[0]).usage.unwrap().input_tokens, 1);
        assert_eq!(Nodes::read(&json!("none")).usage, None);
    }

    #[test]
    fn the_question_of_an_app_becomes_text() {
        let select = json!({ "interactive": { "type": "userSelect", "params": {
            "description": "Which one?",
            "userSelectOptions": [{ "key": "option1", "value": "The first" }, { "key": "option2", "value": "The second" }],
        } } });
        assert_eq!(question(&select), "Which one?\n- The first\n- The second");
        let form = json!({ "interactive": { "type": "userInput", "params": {
            "description": "", "inputForm": [{ "type": "input", "key": "k", "label": "Your name" }],
        } } });
        assert_eq!(question(&form), "- Your name");
        assert_eq!(question(&json!(null)), "");
    }
}
