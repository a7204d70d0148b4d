//! The form that edits a prompt. There is one, at the prompt or at the end of the list, so the list may be renewed
//! without what the user has typed.

use kaiwa_shared::PromptId;
use leptos::prelude::*;

use super::ADD;
use crate::{
    browser::page,
    components::{
        field::{TextArea, TextField},
        form::{Form, Submission},
    },
    i18n::{t, use_locale},
    state::{notices::use_notices, prompts::use_prompts},
};

/// What the form edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edited {
    /// A prompt that does not exist yet.
    New,
    /// A saved prompt.
    Stored(PromptId),
}

/// The form.
#[derive(Clone, Copy)]
pub(super) struct Editor {
    edited: RwSignal<Option<Edited>>,
    name: RwSignal<String>,
    text: RwSignal<String>,
    submission: Submission,
}

impl Editor {
    pub(super) fn new() -> Self {
        Self {
            edited: RwSignal::new(None),
            name: RwSignal::new(String::new()),
            text: RwSignal::new(String::new()),
            submission: Submission::default(),
        }
    }

    /// What is edited, if anything is.
    pub(super) fn edited(self) -> ReadSignal<Option<Edited>> {
        self.edited.read_only()
    }

    /// Opens it with these contents.
    pub(super) fn open(self, edited: Edited, name: String, text: String) {
        self.submission.clear();
        self.name.set(name);
        self.text.set(text);
        self.edited.set(Some(edited));
        request_animation_frame(|| page::focus_on(".prompt-form .input"));
    }

    /// Closes it, and moves the focus to where it was opened.
    fn close(self) {
        let Some(edited) = self.edited.try_get_untracked().flatten() else { return };
        self.edited.set(None);
        request_animation_frame(move || match edited {
            Edited::New => page::focus_on(ADD),
            Edited::Stored(id) => page::focus_on(&format!("[data-prompt-id=\"{id}\"] .edit-prompt")),
        });
    }

    pub(super) fn view(self) -> AnyView {
        let Self { name, text, submission, .. } = self;
        let (prompts, notices, locale) = (use_prompts(), use_notices(), use_locale());
        let (name_error, text_error) = (submission.error_of(&["name"]), submission.error_of(&["text"]));
        let submit = Callback::new(move |()| {
            let id = match self.edited.get_untracked() {
                Some(Edited::Stored(id)) => Some(id),
                Some(Edited::New) | None => None,
            };
            let (name, text) = (name.get_untracked(), text.get_untracked());
            submission.send(async move {
                prompts.save(id, name, text).await?;
                notices.announce(locale.words_now().prompts.saved);
                self.close();
                Ok(())
            });
        });
        view! {
            <Form
                submission
                action=t(|words| words.common.save)
                class="prompt-form"
                button_class="primary small"
                shown=vec![name_error, text_error]
                submit
                cancel=Callback::new(move |()| self.close())
            >
                <TextField name="name" label=t(|words| words.prompts.name) autocomplete="off" value=name error=name_error/>
                <TextArea name="text" label=t(|words| words.prompts.text) value=text error=text_error/>
            </Form>
        }
        .into_any()
    }
}
