//! A provider's own list of models.

use futures_util::TryStreamExt;
use kaiwa_egress::header::AUTHORIZATION;
use serde::Deserialize;

use super::{Inner, error};
use crate::{Error, ErrorKind, abilities::Listed, http};

/// Most bytes of a list; the longest known, OpenRouter's, has half a megabyte.
const LIST_MAX: usize = 4 * 1024 * 1024;

/// Parts of names of models that do not chat, as OpenAI and its imitators name them.
const NOT_CHAT: &[&str] = &[
    "embed",
    "whisper",
    "tts",
    "dall-e",
    "moderation",
    "transcribe",
    "realtime",
    "audio",
    "image",
    "davinci",
    "babbage",
    "sora",
    "rerank",
    "codex",
];

#[derive(Deserialize)]
struct List {
    data: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
}

/// The models that chat, sorted by id.
pub(super) async fn list(inner: &Inner) -> Result<Vec<Listed>, Error> {
    let mut url = inner.endpoint.url.clone();
    let path = url.path().strip_suffix("/chat/completions").unwrap_or(url.path()).to_owned();
    url.set_path(&format!("{path}/models"));
    let mut get = inner.http.get(url);
    if let Some(authorization) = &inner.authorization {
        get = get.header(AUTHORIZATION, authorization.clone());
    }
    let response = inner.http.send(get, true).await?;
    if !response.status().is_success() {
        let (status, headers) = (response.status(), response.headers().clone());
        return Err(error::refused(status, &headers, &http::error_body(response).await));
    }
    let mut body = Vec::new();
    let mut chunks = Box::pin(inner.http.body(response));
    while let Some(chunk) = chunks.try_next().await? {
        body.extend_from_slice(&chunk);
        if body.len() > LIST_MAX {
            return Err(Error::new(ErrorKind::Protocol, "the list of models is too long"));
        }
    }
    let listed = |id| Listed { id, ..Listed::default() };
    Ok(parse(&body)?.into_iter().map(listed).collect())
}

fn parse(body: &[u8]) -> Result<Vec<String>, Error> {
    let list: List = serde_json::from_slice(body).map_err(|error| {
        Error::new(ErrorKind::Protocol, format!("the list of models is not one: {error}"))
    })?;
    let chats = |id: &String| {
        let id = id.to_lowercase();
        !NOT_CHAT.iter().any(|part| id.contains(part))
    };
    let mut models: Vec<String> = list.data.into_iter().map(|entry| entry.id).filter(chats).collect();
    models.sort_unstable();
    models.dedup();
    Ok(models)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_that_chat_are_listed_once_and_in_order() {
        let body = br#"{"object":"list","data":[{"id":"gpt-5-mini","object":"model"},{"id":"text-embedding-3-small"},
            {"id":"gpt-4.1"},{"id":"whisper-1"},{"id":"gpt-4.1"}]}"#;
        assert_eq!(parse(body).unwrap(), ["gpt-4.1", "gpt-5-mini"]);
    }

    #[test]
    fn what_is_no_list_is_an_error() {
        assert_eq!(parse(b"<html>").unwrap_err().kind, ErrorKind::Protocol);
    }
}
