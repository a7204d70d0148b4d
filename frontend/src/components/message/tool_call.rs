//! A tool call and its result.

use kaiwa_shared::message::{Part, Status};
use leptos::prelude::*;

use crate::{
    components::icon::{Glyph, Icon},
    i18n::{Words, t, use_locale},
    state::chat::MessageHandle,
};

/// The progress of a tool call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Running,
    Done,
    Failed,
    Cancelled,
    NotRun,
}

impl Progress {
    const fn word(self, words: &Words) -> &'static str {
        match self {
            Self::Running => words.message.tool_running,
            Self::Done => words.message.tool_done,
            Self::Failed => words.message.tool_failed,
            Self::Cancelled => words.message.tool_cancelled,
            Self::NotRun => words.message.tool_not_run,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled | Self::NotRun => "cancelled",
        }
    }
}

/// The progress of the call with this id, from the results below it and the status of the reply.
fn progress(parts: &[Part], call: &str, status: Status) -> Progress {
    match (result_of(parts, call), status) {
        (Some((_, true)), _) => Progress::Failed,
        (Some(_), _) => Progress::Done,
        (None, Status::Streaming) => Progress::Running,
        (None, Status::Complete) => Progress::NotRun,
        (None, _) => Progress::Cancelled,
    }
}

fn result_of<'a>(parts: &'a [Part], call: &str) -> Option<(&'a str, bool)> {
    parts.iter().find_map(|part| match part {
        Part::ToolResult(result) if result.id == call => Some((result.output.as_str(), result.is_error)),
        _ => None,
    })
}

/// What the card shows of a call.
fn read(parts: &[Part], at: usize, status: Status) -> Option<(String, Progress)> {
    let Part::ToolCall { id, name, .. } = parts.get(at)? else { return None };
    Some((name.clone(), progress(parts, id, status)))
}

/// A tool call: one line that expands to the arguments and the result.
pub(super) fn tool_call(message: &MessageHandle, at: usize) -> AnyView {
    let locale = use_locale();
    let card = {
        let (parts, status) = (message.parts.clone(), message.status.clone());
        Memo::new(move |_| parts.with(|parts| read(parts, at, status.get())))
    };
    let open = RwSignal::new(false);
    let state = move || card.get().map(|(_, progress)| progress);
    let badge = move || state().map_or("", |progress| progress.word(locale.words()));
    let message = message.clone();
    let behind = move || open.get().then(|| inside(&message, at));
    view! {
        <div class="tool-call" data-progress=move || state().map_or("", Progress::name)>
            <button
                type="button"
                class="fold"
                aria-expanded=move || if open.get() { "true" } else { "false" }
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <Glyph icon=Icon::ChevronRight/>
                <Glyph icon=Icon::Tool/>
                <code>{move || card.get().map(|(name, _)| name)}</code>
                <span class="tool-badge">{badge}</span>
            </button>
            {behind}
        </div>
    }
    .into_any()
}

fn inside(message: &MessageHandle, at: usize) -> AnyView {
    let parts = message.parts.clone();
    let texts = Memo::new(move |_| {
        parts.with(|parts| match parts.get(at) {
            Some(Part::ToolCall { id, arguments, .. }) => {
                let output = result_of(parts, id).map(|(output, _)| output).unwrap_or_default();
                (tidy(arguments), tidy(output))
            }
            _ => (String::new(), String::new()),
        })
    });
    let block = |label: Signal<&'static str>, text: Signal<String>| {
        let shown = move || {
            (!text.read().is_empty()).then(|| {
                view! {
                    <p class="tool-label">{label}</p>
                    <pre tabindex="0"><code>{text}</code></pre>
                }
                .into_any()
            })
        };
        shown.into_any()
    };
    view! {
        <div class="fold-body">
            {block(t(|words| words.message.tool_arguments), Signal::derive(move || texts.get().0))}
            {block(t(|words| words.message.tool_output), Signal::derive(move || texts.get().1))}
        </div>
    }
    .into_any()
}

/// Pretty-prints JSON; anything else, such as incomplete JSON, is returned unchanged.
fn tidy(text: &str) -> String {
    let space = wasm_bindgen::JsValue::from_f64(2.0);
    js_sys::JSON::parse(text)
        .and_then(|value| {
            js_sys::JSON::stringify_with_replacer_and_space(&value, &wasm_bindgen::JsValue::NULL, &space)
        })
        .map_or_else(|_| text.to_owned(), String::from)
}

#[cfg(test)]
mod tests {
    use kaiwa_shared::message::ToolResult;

    use super::*;

    fn parts(result: Option<bool>) -> Vec<Part> {
        let mut parts = vec![Part::ToolCall { id: "1".into(), name: "look".into(), arguments: "{}".into() }];
        parts.extend(result.map(|is_error| {
            Part::ToolResult(ToolResult { id: "1".into(), output: String::new(), is_error })
        }));
        parts
    }

    #[test]
    fn a_call_is_running_until_its_result_or_the_end_of_the_reply() {
        for (result, status, expected) in [
            (None, Status::Streaming, Progress::Running),
            (Some(false), Status::Streaming, Progress::Done),
            (Some(true), Status::Complete, Progress::Failed),
            (None, Status::Stopped, Progress::Cancelled),
            (None, Status::Interrupted, Progress::Cancelled),
            (None, Status::Complete, Progress::NotRun),
        ] {
            let read = read(&parts(result), 0, status);
            assert_eq!(read, Some(("look".to_owned(), expected)), "{result:?} {status:?}");
        }
    }

    #[test]
    fn a_call_ignores_the_result_of_another_call() {
        let mut parts = parts(None);
        parts.push(Part::ToolResult(ToolResult { id: "2".into(), output: "x".into(), is_error: false }));
        assert_eq!(read(&parts, 0, Status::Streaming).unwrap().1, Progress::Running);
    }
}
