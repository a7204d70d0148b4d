//! Words of the sign-in and sign-up forms.

pub(super) mod en;
pub(super) mod zh;

/// Words of the sign-in and sign-up forms.
pub struct AuthWords {
    /// Title of the sign-in form.
    pub sign_in_title: &'static str,
    /// Title of the sign-up form.
    pub sign_up_title: &'static str,
    /// Title of the sign-up form of a fresh installation.
    pub welcome_title: &'static str,
    /// Explains the first account.
    pub first_run_detail: &'static str,
    /// Label of the user name or e-mail address.
    pub login: &'static str,
    /// Label.
    pub username: &'static str,
    /// Label.
    pub password: &'static str,
    /// What makes a good password.
    pub password_hint: &'static str,
    /// Label of the set-up code.
    pub setup_code: &'static str,
    /// Where to find it, and why it is asked for.
    pub setup_code_hint: &'static str,
    /// Name of the button that shows the password.
    pub show_password: &'static str,
    /// Name of the button that hides the password.
    pub hide_password: &'static str,
    /// Button.
    pub sign_in: &'static str,
    /// Button.
    pub sign_up: &'static str,
    /// Text before the link to the sign-up form.
    pub no_account: &'static str,
    /// Text before the link to the sign-in form.
    pub have_account: &'static str,
    /// The session was ended elsewhere or has expired.
    pub session_ended: &'static str,
    /// Shown when nobody can sign up.
    pub registration_closed: &'static str,
}
