//! A form that sends one request, with its errors beside their fields.

use std::future::Future;

use leptos::{html, prelude::*, task::spawn_local};

use super::controls::small_button;
use crate::{
    api::Error,
    browser::page,
    i18n::{t, use_locale},
};

/// The request of a form: whether it is running, and why it failed.
#[derive(Clone, Copy, Default)]
pub struct Submission {
    busy: RwSignal<bool>,
    failure: RwSignal<Option<Error>>,
    node: NodeRef<html::Form>,
}

impl Submission {
    /// The error of a field, which has any of these names in the response.
    pub fn error_of(self, names: &'static [&'static str]) -> Signal<Option<String>> {
        let locale = use_locale();
        Signal::derive(move || {
            self.failure.with(|failure| locale.words().field_error(failure.as_ref()?, names))
        })
    }

    /// Removes the errors.
    pub fn clear(self) {
        self.failure.set(None);
    }

    /// Sends the request, unless one is running. If it fails, the first wrong field gets the focus, or else the last.
    pub fn send(self, request: impl Future<Output = Result<(), Error>> + 'static) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.clear();
        spawn_local(async move {
            let answer = request.await;
            // Success may lead to another page, which disposes of these signals.
            self.busy.try_set(false);
            if let Err(error) = answer
                && self.failure.try_set(Some(error)).is_none()
            {
                request_animation_frame(move || self.focus_wrong_field());
            }
        });
    }

    fn focus_wrong_field(self) {
        let Some(form) = self.node.try_get_untracked().flatten() else { return };
        let wrong = page::find_all(&form, "[aria-invalid]").into_iter().next();
        if let Some(field) = wrong.or_else(|| page::find_all(&form, ".input").pop()) {
            page::focus(&field);
        }
    }
}

/// A form, with its button and the errors that belong to no field.
#[component]
pub fn Form(
    /// Its request.
    submission: Submission,
    /// The name of the button.
    #[prop(into)]
    action: Signal<&'static str>,
    /// Classes of the form.
    #[prop(optional)]
    class: &'static str,
    /// Classes of the button.
    #[prop(optional)]
    button_class: &'static str,
    /// The errors of its fields.
    shown: Vec<Signal<Option<String>>>,
    /// What is said after success.
    #[prop(optional, into)]
    done: MaybeProp<&'static str>,
    /// Sends it.
    submit: Callback<()>,
    /// Closes it without sending, with a button of its own.
    #[prop(optional)]
    cancel: Option<Callback<()>>,
    /// The fields.
    children: Children,
) -> impl IntoView {
    let locale = use_locale();
    let Submission { busy, failure, node } = submission;
    let note = move || {
        if let Some(done) = done.get() {
            return Some(done.to_owned());
        }
        let error = failure.get()?;
        shown.iter().all(|error| error.read().is_none()).then(|| locale.words().error(&error))
    };
    view! {
        <form
            class=format!("form {class}")
            node_ref=node
            on:submit=move |event| {
                event.prevent_default();
                submit.run(());
            }
            novalidate
        >
            {children()}
            <div role="alert" class=move || if done.get().is_some() { "form-done" } else { "form-error" }>{note}</div>
            <button type="submit" class=format!("button {button_class}") aria-disabled=move || busy.get().then_some("true")>
                {action}
            </button>
            {cancel.map(|cancel| small_button("", t(|words| words.common.cancel), cancel))}
        </form>
    }
}
