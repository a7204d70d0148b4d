//! The lists of models in each protocol.

use serde_json::{Value, json};

/// A choice of useful scripts.
const MODELS: [&str; 9] = [
    "mock",
    "echo",
    "markdown",
    "markdown-kb-48-rate-300",
    "reasoning",
    "tools",
    "tools-thinking",
    "citations",
    "mock-tokens-500-rate-50-delay-200",
];

/// OpenAI's list.
pub(crate) fn openai() -> Value {
    let data: Vec<Value> = MODELS.iter().map(|id| openai_model(id)).collect();
    json!({ "object": "list", "data": data })
}

/// One model of OpenAI's list.
pub(crate) fn openai_model(id: &str) -> Value {
    json!({ "id": id, "object": "model", "created": 1_700_000_000, "owned_by": "mock" })
}

/// Anthropic's list, which has only one page.
pub(crate) fn anthropic() -> Value {
    let data: Vec<Value> = MODELS.iter().map(|id| anthropic_model(id)).collect();
    json!({ "data": data, "has_more": false, "first_id": MODELS.first(), "last_id": MODELS.last() })
}

/// One model of Anthropic's list.
pub(crate) fn anthropic_model(id: &str) -> Value {
    json!({
        "type": "model", "id": id, "display_name": format!("Mock {id}"), "created_at": "2026-01-01T00:00:00Z",
        "lifecycle": "active", "max_input_tokens": 200_000, "max_tokens": 64_000,
    })
}

/// Gemini's list.
pub(crate) fn gemini() -> Value {
    let models: Vec<Value> = MODELS.iter().map(|id| gemini_model(id)).collect();
    json!({ "models": models })
}

/// One model of Gemini's list.
pub(crate) fn gemini_model(id: &str) -> Value {
    json!({
        "name": format!("models/{id}"), "version": "1", "displayName": format!("Mock {id}"),
        "description": "A scripted model", "inputTokenLimit": 1_048_576, "outputTokenLimit": 65_536,
        "supportedGenerationMethods": ["generateContent", "countTokens"], "thinking": true,
    })
}

/// Ollama's list.
pub(crate) fn ollama() -> Value {
    let model = |id: &&str| {
        json!({
            "name": format!("{id}:latest"), "model": format!("{id}:latest"),
            "modified_at": "2026-01-01T00:00:00.000000001+00:00", "size": 4_000_000_000_u64,
            "digest": "5f4dcc3b5aa765d61d8327deb882cf995f4dcc3b5aa765d61d8327deb882cf99", "details": details(),
        })
    };
    json!({ "models": MODELS.iter().map(model).collect::<Vec<_>>() })
}

/// Ollama's details of one model.
pub(crate) fn ollama_model() -> Value {
    json!({
        "modelfile": "FROM mock", "parameters": "num_ctx 8192", "template": "{{ .Prompt }}",
        "details": details(), "modified_at": "2026-01-01T00:00:00.000000001+00:00",
        "model_info": {
            "general.architecture": "mock", "general.parameter_count": 7_000_000_000_u64,
            "mock.context_length": 131_072, "mock.embedding_length": 4096,
        },
        "capabilities": ["completion", "tools", "thinking", "vision"],
    })
}

fn details() -> Value {
    json!({
        "parent_model": "", "format": "gguf", "family": "mock", "families": ["mock"],
        "parameter_size": "7B", "quantization_level": "Q4_K_M",
    })
}
