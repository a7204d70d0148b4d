//! English.

use super::AuthWords;

pub(in crate::i18n) const WORDS: AuthWords = AuthWords {
    sign_in_title: "Welcome back",
    sign_up_title: "Create your account",
    welcome_title: "Welcome to Kaiwa",
    first_run_detail: "Create the first account. It will be this server’s administrator.",
    login: "Username or e-mail",
    username: "Username",
    password: "Password",
    password_hint: "At least 8 characters. Several words in a row are easy to remember and hard to guess.",
    setup_code: "Set-up code",
    setup_code_hint: "The server doesn’t know this address yet. You find the code in its log, printed at start. It is not needed once SITE_URL is set to this address.",
    show_password: "Show password",
    hide_password: "Hide password",
    sign_in: "Sign in",
    sign_up: "Create account",
    no_account: "New here?",
    have_account: "Already have an account?",
    session_ended: "You were signed out: your session expired or was ended on another page or device. Sign in to go on.",
    registration_closed: "Registration is closed on this server. Ask the administrator for an account.",
};
