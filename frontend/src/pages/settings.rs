//! The settings page.

use kaiwa_shared::auth::ChangePassword;
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::Error,
    browser::keyboard::SendKey,
    components::{field::PasswordField, user_menu::sign_out},
    i18n::{Language, t, use_locale},
    state::{
        notices::use_notices,
        preferences::{Theme, Thoughts, use_preferences},
        session::use_session,
    },
};

/// The settings page.
#[component]
pub fn SettingsPage() -> impl IntoView {
    view! {
        <div class="settings">
            <h1>{t(|words| words.common.settings)}</h1>
            <Appearance/>
            <Writing/>
            <Reading/>
            <Account/>
            <About/>
        </div>
    }
}

/// One option of a group.
struct Choice {
    label: Signal<&'static str>,
    chosen: Signal<bool>,
    choose: Callback<()>,
}

/// A group of options of which one is chosen.
#[component]
fn Choices(name: &'static str, label: Signal<&'static str>, choices: Vec<Choice>) -> impl IntoView {
    let options = choices.into_iter().map(|Choice { label, chosen, choose }| {
        view! {
            <label class="choice">
                <input type="radio" name=name prop:checked=chosen on:change=move |_| choose.run(())/>
                <span>{label}</span>
            </label>
        }
        .into_any()
    });
    view! {
        <fieldset class="setting">
            <legend>{label}</legend>
            <div class="choices">{options.collect_view()}</div>
        </fieldset>
    }
}

#[component]
fn Appearance() -> impl IntoView {
    let preferences = use_preferences();
    let theme = |theme, label| Choice {
        label,
        chosen: Signal::derive(move || preferences.theme() == theme),
        choose: Callback::new(move |()| preferences.set_theme(theme)),
    };
    let themes = vec![
        theme(Theme::System, t(|words| words.settings.theme_system)),
        theme(Theme::Light, t(|words| words.settings.theme_light)),
        theme(Theme::Dark, t(|words| words.settings.theme_dark)),
    ];
    let languages = Language::ALL
        .map(|language| Choice {
            label: Signal::stored(language.name()),
            chosen: Signal::derive(move || preferences.language() == language),
            choose: Callback::new(move |()| preferences.set_language(language)),
        })
        .into_iter()
        .collect();
    view! {
        <section class="settings-section" aria-labelledby="appearance">
            <h2 id="appearance">{t(|words| words.settings.appearance)}</h2>
            <Choices name="theme" label=t(|words| words.settings.theme) choices=themes/>
            <Choices name="language" label=t(|words| words.settings.language) choices=languages/>
        </section>
    }
}

#[component]
fn Writing() -> impl IntoView {
    let preferences = use_preferences();
    let key = |key, label| Choice {
        label,
        chosen: Signal::derive(move || preferences.send_key() == key),
        choose: Callback::new(move |()| preferences.set_send_key(key)),
    };
    let keys = vec![
        key(SendKey::Enter, t(|words| words.settings.send_by_enter)),
        key(SendKey::CommandEnter, t(|words| words.settings.send_by_command_enter)),
    ];
    view! {
        <section class="settings-section" aria-labelledby="writing">
            <h2 id="writing">{t(|words| words.settings.writing)}</h2>
            <Choices name="send-key" label=t(|words| words.settings.send_key) choices=keys/>
        </section>
    }
}

#[component]
fn Reading() -> impl IntoView {
    let preferences = use_preferences();
    let fold = |thoughts, label| Choice {
        label,
        chosen: Signal::derive(move || preferences.thoughts() == thoughts),
        choose: Callback::new(move |()| preferences.set_thoughts(thoughts)),
    };
    let folds = vec![
        fold(Thoughts::Auto, t(|words| words.settings.thoughts_auto)),
        fold(Thoughts::Open, t(|words| words.settings.thoughts_open)),
        fold(Thoughts::Folded, t(|words| words.settings.thoughts_folded)),
    ];
    view! {
        <section class="settings-section" aria-labelledby="reading">
            <h2 id="reading">{t(|words| words.settings.reading)}</h2>
            <Choices name="thoughts" label=t(|words| words.settings.thoughts) choices=folds/>
        </section>
    }
}

#[component]
fn Account() -> impl IntoView {
    let session = use_session();
    let leave = sign_out();
    let name = move || session.user().map(|user| user.username);
    view! {
        <section class="settings-section" aria-labelledby="account">
            <h2 id="account">{t(|words| words.settings.account)}</h2>
            <div class="setting">
                <span class="setting-name">{t(|words| words.settings.signed_in_as)}</span>
                <span>{name}</span>
                <button type="button" class="button small" on:click=move |_| leave.run(())>
                    {t(|words| words.common.sign_out)}
                </button>
            </div>
            <Password/>
        </section>
    }
}

#[component]
fn Password() -> impl IntoView {
    let session = use_session();
    let notices = use_notices();
    let locale = use_locale();
    let (current, new) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let failure = RwSignal::new(None::<Error>);
    let (busy, done) = (RwSignal::new(false), RwSignal::new(false));
    let error_of = move |fields: &'static [&'static str]| {
        Signal::derive(move || failure.with(|failure| locale.words().field_error(failure.as_ref()?, fields)))
    };
    let (current_error, new_error) = (error_of(&["current_password"]), error_of(&["new_password"]));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        done.set(false);
        failure.set(None);
        let change =
            ChangePassword { current_password: current.get_untracked(), new_password: new.get_untracked() };
        spawn_local(async move {
            let answer = session.change_password(change).await;
            busy.try_set(false);
            match answer {
                Ok(()) => {
                    current.try_set(String::new());
                    new.try_set(String::new());
                    done.try_set(true);
                    notices.announce(locale.words_now().settings.password_changed);
                }
                Err(error) => {
                    failure.try_set(Some(error));
                }
            }
        });
    };
    let note = move || {
        let words = locale.words();
        if done.get() {
            return Some(words.settings.password_changed.to_owned());
        }
        let error = failure.get()?;
        let is_shown = current_error.read().is_some() || new_error.read().is_some();
        (!is_shown).then(|| words.error(&error))
    };
    view! {
        <form class="form setting-form" on:submit=submit novalidate>
            <h3>{t(|words| words.settings.change_password)}</h3>
            <PasswordField
                name="current_password"
                label=t(|words| words.settings.current_password)
                autocomplete="current-password"
                value=current
                error=current_error
            />
            <PasswordField
                name="new_password"
                label=t(|words| words.settings.new_password)
                autocomplete="new-password"
                value=new
                error=new_error
                hint=Signal::derive(move || Some(locale.words().auth.password_hint.to_owned()))
            />
            <div role="alert" class=move || if done.get() { "form-done" } else { "form-error" }>{note}</div>
            <button type="submit" class="button" disabled=busy>{t(|words| words.settings.change_password)}</button>
        </form>
    }
}

#[component]
fn About() -> impl IntoView {
    let session = use_session();
    let version = move || session.settings().map(|settings| settings.version);
    view! {
        <section class="settings-section" aria-labelledby="about">
            <h2 id="about">{t(|words| words.settings.about)}</h2>
            <div class="setting">
                <span class="setting-name">{t(|words| words.settings.version)}</span>
                <span data-testid="version">{version}</span>
            </div>
        </section>
    }
}
