//! Modal confirmation dialogs.

use leptos::{html, prelude::*};

use crate::i18n::t;

/// A modal question. It is shown while it is mounted.
#[component]
pub fn Confirm(
    /// The question.
    #[prop(into)]
    title: Signal<String>,
    /// The consequences.
    #[prop(into)]
    detail: Signal<String>,
    /// The name of the destructive button.
    confirm: Signal<&'static str>,
    /// Called when the destructive button is pressed.
    on_confirm: Callback<()>,
    /// Called when the dialog is closed.
    on_close: Callback<()>,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get() {
            // Fails only if the dialog is already open.
            _ = dialog.show_modal();
        }
    });
    let leave = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let press_outside = move |event: web_sys::MouseEvent| {
        // The content fills the dialog, so a press on the dialog element itself is on the backdrop.
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
                        {t(|words| words.common.cancel)}
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
