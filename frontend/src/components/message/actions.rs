//! The actions under a message.

use kaiwa_markdown::{language_of, parse, plain_text};
use kaiwa_shared::{MessageId, message::Author, model::Model};
use leptos::{prelude::*, task::spawn_local};

use super::facts::details;
use crate::{
    browser::{clipboard, page, speech},
    components::{
        controls::{copy_button, icon_button},
        icon::{Glyph, Icon},
        menu::{Menu, MenuItem},
    },
    i18n::{t, use_locale},
    routes::Route,
    state::{
        chat::{Chat, Direction, MessageHandle, has_text, use_chats},
        models::use_models,
        navigation::use_navigation,
        notices::use_notices,
        prompts::use_prompts,
    },
};

/// The actions under a message.
pub(super) fn actions(chat: &Chat, message: &MessageHandle) -> AnyView {
    let busy = {
        let chat = chat.clone();
        Signal::derive(move || chat.is_running())
    };
    let is_reply = message.author == Author::Assistant;
    let versions = versions(chat, message, busy);
    let copy = copy(message);
    let change = if is_reply { regenerate(chat, message, busy) } else { edit(chat, message, busy) };
    let more = (!chat.is_temporary()).then(|| more(chat, message, busy));
    let about = is_reply.then(|| details(message));
    view! {
        <div class="actions">
            {versions}
            {copy}
            {change}
            {more}
            {about}
        </div>
    }
    .into_any()
}

fn copy(message: &MessageHandle) -> AnyView {
    let parts = message.parts.clone();
    let worth_it = Memo::new(move |_| parts.with(|parts| has_text(parts)));
    let message = message.clone();
    let text = Callback::new(move |()| message.text());
    let button = move || worth_it.get().then(|| copy_button(t(|words| words.common.copy), text));
    button.into_any()
}

fn edit(chat: &Chat, message: &MessageHandle, busy: Signal<bool>) -> AnyView {
    let (editing, id) = (chat.editing().clone(), message.id);
    let begin = Callback::new(move |()| editing.set(Some(id)));
    icon_button(Icon::Pencil, "edit", t(|words| words.message.edit), busy, begin)
}

/// Requests another answer, from the chosen model or another one.
fn regenerate(chat: &Chat, message: &MessageHandle, busy: Signal<bool>) -> AnyView {
    let chats = use_chats();
    let models = use_models();
    let label = t(|words| words.message.regenerate);
    let label = Signal::derive(move || label.get().to_owned());
    let again = {
        let (chat, message) = (chat.clone(), message.clone());
        Callback::new(move |model: Option<String>| {
            chats.regenerate(&chat, &message, model);
            page::focus_composer();
        })
    };
    let chosen = {
        let chat = chat.clone();
        Signal::derive(move || models.find(chats.model_of(&chat).as_deref()))
    };
    let items = move || {
        let chosen = chosen.get().unwrap_or_default();
        let others: Vec<_> = models.all().into_iter().filter(|model| model.id != chosen.id).collect();
        let heading = (!others.is_empty()).then(|| {
            view! { <p class="menu-heading">{t(|words| words.message.other_models)}</p> }.into_any()
        });
        let row = move |model: Model| {
            let id = model.id;
            let choose = Callback::new(move |()| again.run(Some(id.clone())));
            view! { <MenuItem on_choose=choose><span class="menu-text">{model.name}</span></MenuItem> }
                .into_any()
        };
        view! {
            <MenuItem on_choose=Callback::new(move |()| again.run(None))>
                <Glyph icon=Icon::Retry/>
                <span class="menu-text">{t(|words| words.message.same_model)}</span>
                <span class="menu-detail">{chosen.name}</span>
            </MenuItem>
            {heading}
            {others.into_iter().map(row).collect_view()}
        }
        .into_any()
    };
    let trigger = view! { <Glyph icon=Icon::Retry/> }.into_any();
    view! { <Menu label class="icon-button" trigger disabled=busy>{items()}</Menu> }.into_any()
}

/// The menu of rare actions.
fn more(chat: &Chat, message: &MessageHandle, busy: Signal<bool>) -> AnyView {
    let chats = use_chats();
    let id = message.id;
    let fork = {
        let chat = chat.clone();
        Callback::new(move |()| chats.fork(&chat, id))
    };
    let delete = {
        let chat = chat.clone();
        Callback::new(move |()| chats.ask_to_delete(&chat, id))
    };
    let link = copy_link(chat, id);
    let save = (message.author == Author::User).then(|| save_as_prompt(message));
    let label = t(|words| words.message.more_actions);
    let label = Signal::derive(move || label.get().to_owned());
    let trigger = view! { <Glyph icon=Icon::More/> }.into_any();
    let message = message.clone();
    view! {
        <Menu label class="icon-button more" trigger disabled=busy>
            {read_aloud(&message)}
            <MenuItem on_choose=fork>
                <Glyph icon=Icon::Branch/>
                {t(|words| words.message.fork)}
            </MenuItem>
            <MenuItem on_choose=link>
                <Glyph icon=Icon::Link/>
                {t(|words| words.message.copy_link)}
            </MenuItem>
            {save.map(|save| {
                view! {
                    <MenuItem on_choose=save>
                        <Glyph icon=Icon::Quote/>
                        {t(|words| words.prompts.save_message)}
                    </MenuItem>
                }
                .into_any()
            })}
            <MenuItem on_choose=delete danger=true>
                <Glyph icon=Icon::Trash/>
                {t(|words| words.sidebar.delete)}
            </MenuItem>
        </Menu>
    }
    .into_any()
}

/// Opens the settings with the text of a message as a new prompt.
fn save_as_prompt(message: &MessageHandle) -> Callback<()> {
    let (prompts, navigation, message) = (use_prompts(), use_navigation(), message.clone());
    Callback::new(move |()| {
        prompts.begin(message.text());
        navigation.go(Route::Settings);
    })
}

/// Reads a reply aloud, or stops that.
fn read_aloud(message: &MessageHandle) -> AnyView {
    if message.author != Author::Assistant || !speech::is_available() {
        return ().into_any();
    }
    let is_speaking = speech::is_speaking();
    let message = message.clone();
    let act = Callback::new(move |()| {
        if is_speaking {
            return speech::stop();
        }
        let text = message.text();
        speech::speak(&plain_text(&parse(&text)), language_of(&text));
    });
    let (icon, label) = if is_speaking {
        (Icon::Stop, t(|words| words.message.stop_reading))
    } else {
        (Icon::Speaker, t(|words| words.message.read_aloud))
    };
    view! {
        <MenuItem on_choose=act>
            <Glyph icon/>
            {label}
        </MenuItem>
    }
    .into_any()
}

/// Copies the address of a message.
fn copy_link(chat: &Chat, id: MessageId) -> Callback<()> {
    let (notices, locale, conversation) = (use_notices(), use_locale(), chat.id().clone());
    Callback::new(move |()| {
        let Some(conversation) = conversation.get_untracked() else { return };
        let link = format!("{}{}#{id}", page::origin(), Route::Conversation(conversation));
        spawn_local(async move {
            let words = locale.words_now();
            if clipboard::copy(&link).await {
                notices.announce(words.common.copied);
            } else {
                notices.fail(words.common.copy_failed.to_owned());
            }
        });
    })
}

/// `‹ 2/3 ›`: the siblings of this message, and whether later messages are below another one.
fn versions(chat: &Chat, message: &MessageHandle, busy: Signal<bool>) -> AnyView {
    let (details, id) = (message.details.clone(), message.id);
    let siblings = Memo::new(move |_| details.with(|details| details.siblings.clone()));
    // A new version must not recreate the arrows, because one of them may have the focus.
    let several = Memo::new(move |_| siblings.with(|all| all.len() > 1 && all.contains(&id)));
    let (locale, left_behind) = (use_locale(), chat.left_behind().clone());
    let later = Memo::new(move |_| {
        let (version, count) = left_behind.get()?;
        (version != id && siblings.with(|all| all.contains(&version))).then_some(count)
    });
    let note = move || {
        later.get().map(|count| {
            view! { <p class="elsewhere">{move || (locale.words().message.later_elsewhere)(count)}</p> }
                .into_any()
        })
    };
    let chat = chat.clone();
    let shown = move || several.get().then(|| arrows(&chat, id, siblings, busy));
    view! { {shown} {note} }.into_any()
}

fn arrows(chat: &Chat, id: MessageId, siblings: Memo<Vec<MessageId>>, busy: Signal<bool>) -> AnyView {
    let (locale, chats) = (use_locale(), use_chats());
    let at = move || siblings.with(|all| all.iter().position(|sibling| *sibling == id)).unwrap_or_default();
    let position = Signal::derive(move || (at() + 1, siblings.with(Vec::len)));
    let arrow = |icon, direction: Direction, label| {
        let chat = chat.clone();
        let target = move || {
            let at = at().checked_add_signed(if direction == Direction::Next { 1 } else { -1 })?;
            siblings.with(|all| all.get(at).copied())
        };
        let go = Callback::new(move |()| {
            if let Some(target) = untrack(target) {
                chats.show_branch(&chat, target, direction);
            }
        });
        let disabled = Signal::derive(move || busy.get() || target().is_none());
        icon_button(icon, class_of(direction), label, disabled, go)
    };
    let previous = arrow(Icon::ChevronLeft, Direction::Previous, t(|words| words.message.previous_version));
    let next = arrow(Icon::ChevronRight, Direction::Next, t(|words| words.message.next_version));
    if let Some(direction) = chat.take_switch(id) {
        let direction = match position.get_untracked() {
            (1, _) => Direction::Next,
            (at, count) if at == count => Direction::Previous,
            _ => direction,
        };
        request_animation_frame(move || keep_focus(id, direction));
    }
    let short = move || {
        let (at, count) = position.get();
        format!("{at}/{count}")
    };
    let long = move || {
        let (at, count) = position.get();
        (locale.words().message.version_of)(at, count)
    };
    view! {
        <span class="versions">
            {previous}
            <span class="version">
                <span aria-hidden="true">{short}</span>
                <span class="visually-hidden">{long}</span>
            </span>
            {next}
        </span>
    }
    .into_any()
}

const fn class_of(direction: Direction) -> &'static str {
    match direction {
        Direction::Previous => "previous",
        Direction::Next => "next",
    }
}

/// Moves the focus to the arrow of the new version, because the focused arrow went with the old one. A focus that has
/// moved elsewhere stays there.
fn keep_focus(id: MessageId, direction: Direction) {
    if page::is_focus_lost() {
        page::focus_on(&format!("[data-message-id=\"{id}\"] .versions .{}", class_of(direction)));
    }
}
