//! Quoting a passage of the conversation.

use std::time::Duration;

use leptos::{ev, html, prelude::*};

use crate::{
    browser::{page, selection, text_field},
    components::icon::{Glyph, Icon},
    i18n::t,
};

/// How long after the last change a selection is complete.
const SETTLED: Duration = Duration::from_millis(250);

/// The distance between the selection and the button, in pixels.
const GAP: f64 = 8.0;

/// A button beside the passage that is selected in a message. It puts the passage into the field, as a quotation.
pub(super) fn quote_button(field: NodeRef<html::Textarea>) -> AnyView {
    let place = RwSignal::new(None::<(f64, f64)>);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let look = move || {
        let found = selection::place_within(".thread article");
        place.try_set(found.map(|rect| (rect.left() + rect.width() / 2.0, rect.bottom() + GAP)));
    };
    selection::on_change(move || {
        if place.try_get_untracked().flatten().is_some() {
            place.set(None);
        }
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
        timer.set_value(set_timeout_with_handle(look, SETTLED).ok());
    });
    let scrolled = window_event_listener_untyped("wheel", move |_| place.set(None));
    let resized = window_event_listener(ev::resize, move |_| place.set(None));
    on_cleanup(move || {
        scrolled.remove();
        resized.remove();
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    });
    let quote = move |_| {
        let text = selection::text();
        place.set(None);
        if let (Some(field), Some(text)) = (field.get_untracked(), text) {
            text_field::append(&field, &quotation(&field.value(), &text));
        }
    };
    let button = NodeRef::<html::Button>::new();
    Effect::new(move |_| {
        if let (Some((x, y)), Some(button)) = (place.get(), button.get()) {
            page::set_pixels(&button, "left", x);
            page::set_pixels(&button, "top", y);
        }
    });
    let shown = move || {
        place.read().is_some().then(|| {
            view! {
                <button
                    type="button"
                    class="quote"
                    node_ref=button
                    // The selection stays.
                    on:pointerdown=|event| event.prevent_default()
                    on:click=quote
                >
                    <Glyph icon=Icon::Quote/>
                    {t(|words| words.composer.quote)}
                </button>
            }
            .into_any()
        })
    };
    shown.into_any()
}

/// The text as a Markdown quotation that can follow `before`, with room for the next paragraph.
fn quotation(before: &str, text: &str) -> String {
    let gap = match before {
        "" => "",
        _ if before.ends_with("\n\n") => "",
        _ if before.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    let mut quoted = gap.to_owned();
    for line in text.trim().lines() {
        let line = line.trim_end();
        quoted.push_str(if line.is_empty() { ">" } else { "> " });
        quoted.push_str(line);
        quoted.push('\n');
    }
    quoted.push('\n');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_quoted() {
        assert_eq!(quotation("", "  One\r\n\r\nTwo \n"), "> One\n>\n> Two\n\n");
    }

    #[test]
    fn a_quotation_is_a_paragraph_of_its_own() {
        for (before, gap) in [("Why?", "\n\n"), ("Why?\n", "\n"), ("Why?\n\n", "")] {
            assert_eq!(quotation(before, "So"), format!("{gap}> So\n\n"), "{before:?}");
        }
    }
}
