//! The files of this program.

use leptos::prelude::window;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestCache, RequestInit, Response};

use super::Api;
use crate::browser::page;

impl Api {
    /// Whether the server no longer has the script that started this page, because a new version was installed.
    pub async fn is_outdated(self) -> bool {
        let script = page::find("script[type=module][src]").and_then(|script| script.get_attribute("src"));
        let Some(script) = script else { return false };
        let init = RequestInit::new();
        init.set_method("HEAD");
        // It may still be in the browser's cache.
        init.set_cache(RequestCache::NoStore);
        let answer = JsFuture::from(window().fetch_with_str_and_init(&script, &init)).await;
        let response: Option<Response> = answer.ok().and_then(|value| value.dyn_into().ok());
        response.is_some_and(|response| response.status() == 404)
    }
}
