//! The HTTP client for Kaiwa's API. Nothing else sends requests.
//!
//! [`Api`] has the calls, one module for each resource. Every failure is an [`Error`]; a refusal by the server is a
//! [`Problem`](kaiwa_shared::Problem) with a code to translate.

mod auth;
pub mod chat;
mod conversations;
pub mod files;
mod messages;
mod models;
mod program;
mod prompts;
mod settings;
pub mod stream;

use std::time::Duration;

use kaiwa_shared::{Code, Problem};
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestCredentials, RequestInit, Response};

use crate::browser::time;

/// The pauses before an idempotent request without a connection is retried.
const QUESTION_PAUSES: [Duration; 2] = [Duration::from_millis(400), Duration::from_millis(1200)];

/// Why a call failed.
#[derive(Clone, Debug, PartialEq)]
pub enum Error {
    /// The server refused the request.
    Problem(Box<Problem>),
    /// The server could not be reached, or the connection was lost.
    Network,
    /// The response is not from Kaiwa, such as a proxy's error page.
    Unexpected {
        /// The HTTP status.
        status: u16,
    },
}

impl Error {
    /// The code of the problem, if the server refused the request.
    pub fn code(&self) -> Option<Code> {
        if let Self::Problem(problem) = self { Some(problem.code) } else { None }
    }

    /// Seconds after which to retry, if the server said so.
    pub fn retry_after(&self) -> Option<u64> {
        if let Self::Problem(problem) = self { problem.retry_after } else { None }
    }

    /// A retry may help: the server could not be reached, or it failed.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Network => true,
            Self::Problem(problem) => problem.status >= 500 || problem.code == Code::TooManyRequests,
            Self::Unexpected { status } => *status >= 500,
        }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

/// The client of Kaiwa's API.
#[derive(Clone, Copy)]
pub struct Api {
    signed_out: RwSignal<u32>,
}

#[derive(Clone, Copy)]
enum Method {
    Get,
    Post,
    Patch,
    Delete,
}

impl Method {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

struct Call<'a> {
    method: Method,
    path: &'a str,
    body: Option<String>,
    last_event_id: Option<u64>,
    signal: Option<&'a AbortSignal>,
}

impl<'a> Call<'a> {
    fn new(method: Method, path: &'a str) -> Self {
        Self { method, path, body: None, last_event_id: None, signal: None }
    }

    fn with_body(mut self, body: &impl Serialize) -> Self {
        self.body = json_of(body);
        self
    }

    /// The request changes nothing, and its response is not a stream.
    fn is_question(&self) -> bool {
        matches!(self.method, Method::Get) && self.signal.is_none()
    }

    fn request(&self) -> Result<(String, RequestInit), JsValue> {
        let headers = Headers::new()?;
        let init = RequestInit::new();
        init.set_method(self.method.as_str());
        init.set_credentials(RequestCredentials::SameOrigin);
        if let Some(body) = &self.body {
            headers.set("Content-Type", "application/json")?;
            init.set_body(&JsValue::from_str(body));
        }
        if let Some(id) = self.last_event_id {
            headers.set("Last-Event-ID", &id.to_string())?;
        }
        init.set_headers(&headers);
        init.set_signal(self.signal);
        Ok((format!("/api/{}", self.path), init))
    }
}

impl Api {
    /// Creates the client, once, at the root of the application.
    pub fn new() -> Self {
        Self { signed_out: RwSignal::new(0) }
    }

    /// Counts how often the server said that the session has ended.
    pub fn signed_out(self) -> ReadSignal<u32> {
        self.signed_out.read_only()
    }

    /// Sends a request. A request that changes nothing is retried after a connection error; streams have their own way
    /// of reconnecting.
    async fn fetch(self, call: Call<'_>) -> Result<Response, Error> {
        let mut pauses = if call.is_question() { QUESTION_PAUSES.iter() } else { [].iter() };
        loop {
            match (self.fetch_once(&call).await, pauses.next()) {
                (Err(Error::Network), Some(&before_next)) => time::pause(before_next).await,
                (answer, _) => return answer,
            }
        }
    }

    async fn fetch_once(self, call: &Call<'_>) -> Result<Response, Error> {
        let (url, init) = call.request().map_err(|_js| Error::Network)?;
        let answer = JsFuture::from(window().fetch_with_str_and_init(&url, &init)).await;
        let response: Response = answer.ok().and_then(|value| value.dyn_into().ok()).ok_or(Error::Network)?;
        if response.ok() { Ok(response) } else { Err(self.refusal(&response).await) }
    }

    async fn refusal(self, response: &Response) -> Error {
        let status = response.status();
        let Ok(text) = text_of(response).await else { return Error::Network };
        self.problem(status, serde_json::from_str(&text).ok())
    }

    /// The error of a response that is no success.
    fn problem(self, status: u16, problem: Option<Problem>) -> Error {
        let Some(mut problem) = problem else { return Error::Unexpected { status } };
        problem.status = status;
        if problem.code == Code::NotSignedIn {
            self.signed_out.update(|times| *times += 1);
        }
        problem.into()
    }

    async fn call<T: DeserializeOwned>(self, call: Call<'_>) -> Result<T, Error> {
        let response = self.fetch(call).await?;
        let text = text_of(&response).await?;
        serde_json::from_str(&text).map_err(|_not_ours| Error::Unexpected { status: response.status() })
    }

    async fn get<T: DeserializeOwned>(self, path: &str) -> Result<T, Error> {
        self.call(Call::new(Method::Get, path)).await
    }

    /// Sends a request whose response has no body. One future serves all such calls.
    async fn command(self, method: Method, path: String, body: Option<String>) -> Result<(), Error> {
        let call = Call { body, ..Call::new(method, &path) };
        self.fetch(call).await.map(|_response| ())
    }
}

impl Default for Api {
    fn default() -> Self {
        Self::new()
    }
}

async fn text_of(response: &Response) -> Result<String, Error> {
    let promise = response.text().map_err(|_js| Error::Network)?;
    let text = JsFuture::from(promise).await.map_err(|_js| Error::Network)?;
    text.as_string().ok_or(Error::Unexpected { status: response.status() })
}

fn json_of(body: &impl Serialize) -> Option<String> {
    serde_json::to_string(body).ok()
}

/// Returns a query string without the absent values; empty if all are absent.
fn query(pairs: &[(&str, Option<String>)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if let Some(value) = value {
            text.push(if text.is_empty() { '?' } else { '&' });
            text.push_str(name);
            text.push('=');
            text.push_str(&String::from(js_sys::encode_uri_component(value)));
        }
    }
    text
}
