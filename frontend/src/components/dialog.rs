//! A question that has to be answered before anything else.

use leptos::{html, prelude::*};

use crate::i18n::t;

/// A modal question with a way out. It is shown for as long as it exists.
#[component]
pub fn Confirm(
    /// The question.
    #[prop(into)]
    title: Signal<String>,
    /// What follows from the answer.
    #[prop(into)]
    detail: Signal<String>,
    /// What the dangerous answer is called.
    confirm: Signal<&'static str>,
    /// The dangerous answer was given.
    on_confirm: Callback<()>,
    /// The dialog was left without it.
    on_close: Callback<()>,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get() {
            // Fails only if it is already open.
            _ = dialog.show_modal();
        }
    });
    let leave = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let press_outside = move |event: web_sys::MouseEvent| {
        // A press on the dialog's own box is one on its backdrop: its content fills it.
        if event.target().as_ref() == event.current_target().as_ref() {
            leave();
        }
    };
    view! {
        <dialog
            class="dialog"
            node_ref=dialog
            aria-labelledby="dialog-title"
            aria-describedby="dialog-detail"
            on:close=move |_| on_close.run(())
            on:click=press_outside
        >
            <div class="dialog-body">
                <h2 id="dialog-title">{title}</h2>
                <p id="dialog-detail">{detail}</p>
                <div class="dialog-actions">
                    <button type="button" class="button" autofocus on:click=move |_| leave()>
                        {t(|words| words.cancel)}
                    </button>
                    <button
                        type="button"
                        class="button danger"
                        on:click=move |_| {
                            on_confirm.run(());
                            leave();
                        }
                    >
                        {confirm}
                    </button>
                </div>
            </div>
        </dialog>
    }
}
