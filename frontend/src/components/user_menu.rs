//! The account at the foot of the sidebar.

use leptos::{prelude::*, task::spawn_local};

use super::{
    icon::{Glyph, Icon},
    menu::{Menu, MenuChoice, MenuItem},
};
use crate::{
    i18n::{Language, t, use_locale},
    pieces::use_panels,
    routes::Route,
    state::{
        navigation::use_navigation,
        notices::use_notices,
        preferences::{Theme, use_preferences},
        session::use_session,
    },
};

/// The account menu: settings, theme, language, sign out.
#[component]
pub fn UserMenu() -> impl IntoView {
    let session = use_session();
    let navigation = use_navigation();
    let locale = use_locale();
    let name = Signal::derive(move || session.user().map(|user| user.username).unwrap_or_default());
    let label = Signal::derive(move || (locale.words().sidebar.account_menu)(&name.get()));
    let settings = Callback::new(move |()| navigation.go(Route::Settings));
    let sign_out = sign_out();
    let panels = use_panels();
    let trigger = view! {
        <span class="avatar" aria-hidden="true" data-initial=move || initial(&name.get())></span>
        <span class="user-name">{name}</span>
    };
    view! {
        <Menu label class="side-button user-button" trigger=trigger.into_any()>
            // Whoever opens the menu may want the settings.
            {panels.load()}
            <MenuItem on_choose=settings>
                <Glyph icon=Icon::Settings/>
                {t(|words| words.common.settings)}
            </MenuItem>
            <div class="menu-line" role="separator"></div>
            <Themes/>
            <div class="menu-line" role="separator"></div>
            <Languages/>
            <div class="menu-line" role="separator"></div>
            <MenuItem on_choose=sign_out>
                <Glyph icon=Icon::SignOut/>
                {t(|words| words.common.sign_out)}
            </MenuItem>
        </Menu>
    }
}

/// Returns the action that signs out.
pub fn sign_out() -> Callback<()> {
    let session = use_session();
    let notices = use_notices();
    let locale = use_locale();
    Callback::new(move |()| {
        spawn_local(async move {
            if let Err(error) = session.sign_out().await {
                notices.fail(locale.words_now().error(&error));
            }
        });
    })
}

/// The initial of a name.
fn initial(name: &str) -> String {
    name.chars().next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default()
}

#[component]
fn Themes() -> impl IntoView {
    let preferences = use_preferences();
    [
        (Theme::System, Icon::System, t(|words| words.settings.theme_system)),
        (Theme::Light, Icon::Sun, t(|words| words.settings.theme_light)),
        (Theme::Dark, Icon::Moon, t(|words| words.settings.theme_dark)),
    ]
    .map(|(theme, icon, name)| {
        view! {
            <MenuChoice
                chosen=Signal::derive(move || preferences.theme() == theme)
                on_choose=Callback::new(move |()| preferences.set_theme(theme))
            >
                <Glyph icon/>
                <span class="menu-text">{name}</span>
                <Glyph icon=Icon::Check/>
            </MenuChoice>
        }
        .into_any()
    })
    .into_iter()
    .collect_view()
}

#[component]
fn Languages() -> impl IntoView {
    let preferences = use_preferences();
    Language::ALL
        .map(|language| {
            view! {
                <MenuChoice
                    chosen=Signal::derive(move || preferences.language() == language)
                    on_choose=Callback::new(move |()| preferences.set_language(language))
                >
                    <span class="menu-text" lang=language.tag()>{language.name()}</span>
                    <Glyph icon=Icon::Check/>
                </MenuChoice>
            }
            .into_any()
        })
        .into_iter()
        .collect_view()
}
