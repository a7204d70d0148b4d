//! A call of a tool.

use kaiwa_shared::message::Part;
use leptos::prelude::*;

use crate::{
    components::icon::{Glyph, Icon},
    i18n::t,
    state::chat::MessageHandle,
};

/// The call at a place of a reply: one line, with the arguments behind it.
#[component]
pub fn ToolCall(
    /// The reply.
    message: MessageHandle,
    /// The place of the part.
    at: usize,
) -> impl IntoView {
    let parts = message.parts;
    let read = move |want_name: bool| {
        parts.with(|parts| match parts.get(at) {
            Some(Part::ToolCall { name, .. }) if want_name => name.clone(),
            Some(Part::ToolCall { arguments, .. }) => arguments.clone(),
            _ => String::new(),
        })
    };
    let name = {
        let read = read.clone();
        move || read(true)
    };
    view! {
        <details class="tool-call">
            <summary>
                <Glyph icon=Icon::Tool/>
                <span>{t(|words| words.tool_call)} " " <code>{name}</code></span>
                <Glyph icon=Icon::ChevronDown/>
            </summary>
            <pre tabindex="0"><code>{move || read(false)}</code></pre>
        </details>
    }
}
