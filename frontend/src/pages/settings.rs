//! The settings page.

use kaiwa_shared::auth::ChangePassword;
use leptos::prelude::*;

use crate::{
    browser::keyboard::SendKey,
    components::{
        choices::{Choice, choices_of},
        field::PasswordField,
        form::{Form, Submission},
        prompts::prompts_section,
        user_menu::sign_out,
    },
    i18n::{Language, t, use_locale},
    state::{
        notices::use_notices,
        preferences::{Accent, AfterSending, Theme, Thoughts, use_preferences},
        session::use_session,
    },
};

/// The settings page.
pub(crate) fn page() -> AnyView {
    view! {
        <div class="settings">
            <h1>{t(|words| words.common.settings)}</h1>
            <Appearance/>
            <Writing/>
            <Reading/>
            {prompts_section()}
            <Account/>
            <About/>
        </div>
    }
    .into_any()
}

/// A group of options of which one is chosen.
#[component]
fn Choices(name: &'static str, label: Signal<&'static str>, choices: Vec<Choice>) -> impl IntoView {
    view! {
        <fieldset class="setting">
            <legend>{label}</legend>
            {choices_of(name, choices)}
        </fieldset>
    }
}

#[component]
fn Appearance() -> impl IntoView {
    let (preferences, locale) = (use_preferences(), use_locale());
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
    let accents = Accent::ALL.map(|accent| Choice {
        label: Signal::derive(move || (locale.words().settings.accent_name)(accent)),
        chosen: Signal::derive(move || preferences.accent() == accent),
        choose: Callback::new(move |()| preferences.set_accent(accent)),
    });
    let accents = accents.into_iter().collect();
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
            <Choices name="accent" label=t(|words| words.settings.accent) choices=accents/>
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
    let whole = |whole, label| Choice {
        label,
        chosen: Signal::derive(move || preferences.whole_answers() == whole),
        choose: Callback::new(move |()| preferences.set_whole_answers(whole)),
    };
    let answers = vec![
        whole(false, t(|words| words.settings.answers_live)),
        whole(true, t(|words| words.settings.answers_whole)),
    ];
    let place = |place, label| Choice {
        label,
        chosen: Signal::derive(move || preferences.after_sending() == place),
        choose: Callback::new(move |()| preferences.set_after_sending(place)),
    };
    let places = vec![
        place(AfterSending::Top, t(|words| words.settings.after_sending_top)),
        place(AfterSending::End, t(|words| words.settings.after_sending_end)),
    ];
    view! {
        <section class="settings-section" aria-labelledby="reading">
            <h2 id="reading">{t(|words| words.settings.reading)}</h2>
            <Choices name="answers" label=t(|words| words.settings.answers) choices=answers/>
            <Choices name="after-sending" label=t(|words| words.settings.after_sending) choices=places/>
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
    let changed = RwSignal::new(false);
    let submission = Submission::default();
    let (current_error, new_error) =
        (submission.error_of(&["current_password"]), submission.error_of(&["new_password"]));
    let submit = Callback::new(move |()| {
        changed.set(false);
        let change =
            ChangePassword { current_password: current.get_untracked(), new_password: new.get_untracked() };
        submission.send(async move {
            session.change_password(change).await?;
            current.try_set(String::new());
            new.try_set(String::new());
            changed.try_set(true);
            notices.announce(locale.words_now().settings.password_changed);
            Ok(())
        });
    });
    let title = t(|words| words.settings.change_password);
    let done = Signal::derive(move || changed.get().then(|| locale.words().settings.password_changed));
    view! {
        <Form submission action=title class="setting-form" shown=vec![current_error, new_error] done submit>
            <h3>{title}</h3>
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
        </Form>
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
