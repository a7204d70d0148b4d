//! The sign-in and sign-up page.

use kaiwa_shared::auth::Credentials;
use leptos::{html, prelude::*};

use crate::{
    browser::page,
    components::{
        field::{PasswordField, TextField},
        form::{Form, Submission},
        icon::Mark,
    },
    i18n::{Language, t, use_locale},
    state::{preferences::use_preferences, session::use_session},
};

/// What the form does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    SignIn,
    SignUp,
}

/// The sign-in page.
#[component]
pub fn AuthPage() -> impl IntoView {
    let session = use_session();
    let chosen = RwSignal::new(None::<Mode>);
    let first_run = Memo::new(move |_| session.settings().is_some_and(|settings| settings.first_run));
    let open = Memo::new(move |_| session.settings().is_none_or(|settings| settings.registration_open));
    let mode = Memo::new(move |_| {
        if !open.get() {
            return Mode::SignIn;
        }
        chosen.get().unwrap_or(if first_run.get() { Mode::SignUp } else { Mode::SignIn })
    });
    let (sign_in, sign_up) = (t(|words| words.auth.sign_in_title), t(|words| words.auth.sign_up_title));
    let welcome = t(|words| words.auth.welcome_title);
    // `index.html` shows the same title until the program has loaded.
    let title = move || match mode.get() {
        Mode::SignIn if session.is_familiar() => sign_in.get(),
        Mode::SignUp if !first_run.get() => sign_up.get(),
        Mode::SignIn | Mode::SignUp => welcome.get(),
    };
    Effect::new(move |_| document().set_title(&format!("{} · Kaiwa", title())));
    view! {
        <main class="auth" id="content">
            <div class="auth-card">
                <Mark/>
                <h1>{title}</h1>
                {move || (first_run.get() && mode.get() == Mode::SignUp).then(|| view! { <FirstRun/> }.into_any())}
                {move || session.was_ended().then(|| view! { <p class="auth-ended" role="status">{t(|words| words.auth.session_ended)}</p> }.into_any())}
                <Fields mode/>
                {move || (!first_run.get()).then(|| view! { <Switch mode open chosen/> }.into_any())}
            </div>
            <LanguageSwitch/>
        </main>
    }
}

#[component]
fn FirstRun() -> impl IntoView {
    view! { <p class="auth-lead">{t(|words| words.auth.first_run_detail)}</p> }
}

#[component]
fn Fields(mode: Memo<Mode>) -> impl IntoView {
    let session = use_session();
    let locale = use_locale();
    let (name, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let setup_code = RwSignal::new(String::new());
    let needs_code = Memo::new(move |_| {
        mode.get() == Mode::SignUp && session.settings().is_some_and(|settings| settings.setup_code_required)
    });
    let submission = Submission::default();
    let name_field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = name_field.get()
            && !page::is_touch()
        {
            page::focus(&field);
        }
    });
    Effect::new(move |_| {
        mode.track();
        submission.clear();
    });
    let name_error = submission.error_of(&["username", "email", "login"]);
    let password_error = submission.error_of(&["password"]);
    let code_error = submission.error_of(&["setup_code"]);
    let shown_code_error = Signal::derive(move || code_error.get().filter(|_| needs_code.get()));
    let code_hint = Signal::derive(move || Some(locale.words().auth.setup_code_hint.to_owned()));
    let submit = Callback::new(move |()| {
        let mode = mode.get_untracked();
        let mut credentials = credentials(mode, &name.read_untracked(), &password.read_untracked());
        credentials.setup_code = needs_code.get_untracked().then(|| setup_code.get_untracked());
        submission.send(async move {
            match mode {
                Mode::SignIn => session.sign_in(credentials).await,
                Mode::SignUp => session.sign_up(credentials).await,
            }
        });
    });
    let label = by_mode(mode, t(|words| words.auth.login), t(|words| words.auth.username));
    let hint = Signal::derive(move || {
        (mode.get() == Mode::SignUp).then(|| locale.words().auth.password_hint.to_owned())
    });
    let known = by_mode(mode, Signal::stored("current-password"), Signal::stored("new-password"));
    let action = by_mode(mode, t(|words| words.auth.sign_in), t(|words| words.auth.sign_up));
    view! {
        <Form submission action button_class="primary wide" shown=vec![name_error, password_error, shown_code_error] submit>
            <TextField name="username" label autocomplete="username" value=name error=name_error node=name_field/>
            <PasswordField
                name="password"
                label=t(|words| words.auth.password)
                autocomplete=known
                value=password
                error=password_error
                hint
            />
            {move || needs_code.get().then(|| view! {
                <TextField
                    name="setup_code"
                    label=t(|words| words.auth.setup_code)
                    autocomplete="off"
                    value=setup_code
                    error=code_error
                    hint=code_hint
                />
            }.into_any())}
        </Form>
    }
}

fn by_mode(
    mode: Memo<Mode>,
    sign_in: Signal<&'static str>,
    sign_up: Signal<&'static str>,
) -> Signal<&'static str> {
    Signal::derive(move || if mode.get() == Mode::SignIn { sign_in.get() } else { sign_up.get() })
}

/// One field takes a username or an e-mail address: sign-in accepts both, and a new account gets what it looks like.
fn credentials(mode: Mode, name: &str, password: &str) -> Credentials {
    let (name, password) = (Some(name.trim().to_owned()), password.to_owned());
    match mode {
        Mode::SignIn => Credentials { login: name, password, ..Credentials::default() },
        Mode::SignUp if name.as_ref().is_some_and(|name| name.contains('@')) => {
            Credentials { email: name, password, ..Credentials::default() }
        }
        Mode::SignUp => Credentials { username: name, password, ..Credentials::default() },
    }
}

/// The link to the other form, or why there is none.
#[component]
fn Switch(mode: Memo<Mode>, open: Memo<bool>, chosen: RwSignal<Option<Mode>>) -> impl IntoView {
    let locale = use_locale();
    move || {
        let words = locale.words();
        if !open.get() {
            return view! { <p class="auth-switch">{words.auth.registration_closed}</p> }.into_any();
        }
        let (question, action, other) = match mode.get() {
            Mode::SignIn => (words.auth.no_account, words.auth.sign_up, Mode::SignUp),
            Mode::SignUp => (words.auth.have_account, words.auth.sign_in, Mode::SignIn),
        };
        view! {
            <p class="auth-switch">
                {question} " "
                <button type="button" class="link-button" on:click=move |_| chosen.set(Some(other))>{action}</button>
            </p>
        }
        .into_any()
    }
}

#[component]
fn LanguageSwitch() -> impl IntoView {
    let preferences = use_preferences();
    let buttons = Language::ALL.map(|language| {
        view! {
            <button
                type="button"
                class="link-button"
                lang=language.tag()
                aria-pressed=move || if preferences.language() == language { "true" } else { "false" }
                on:click=move |_| preferences.set_language(language)
            >
                {language.name()}
            </button>
        }
        .into_any()
    });
    view! {
        <div class="auth-languages" role="group" aria-label=t(|words| words.settings.language)>
            {buttons.into_iter().collect_view()}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_in_and_sign_up_accept_a_username_or_an_address() {
        let sign_in = credentials(Mode::SignIn, " mei@example.org ", "secret words");
        assert_eq!(sign_in.login.as_deref(), Some("mei@example.org"));
        let sign_up = credentials(Mode::SignUp, "mei", " kept as typed ");
        assert_eq!(sign_up.username.as_deref(), Some("mei"));
        assert_eq!(sign_up.password, " kept as typed ");
        assert_eq!(sign_up.login, None);
        assert_eq!(
            credentials(Mode::SignUp, "mei@example.org", "").email.as_deref(),
            Some("mei@example.org")
        );
    }
}
