//! The root: provides every store, in order of their dependencies, and then shows the page that the address names.

use std::sync::Arc;

use kaiwa_shared::UserId;
use leptos::{mount::mount_to, prelude::*};
use wasm_bindgen::JsCast;

use crate::{
    api::{Api, Error},
    components::{
        files::drop_overlay,
        icon::{Glyph, Icon},
        notices::NoticeRegions,
        on_demand::on_demand,
        shell::Shell,
    },
    i18n::{t, use_locale},
    pages::{auth::AuthPage, chat::ChatPage, not_found::NotFound},
    pieces::{Panels, provide_panels, use_panels},
    routes::Route,
    state::{
        chat::{Chats, provide_chats},
        conversations::{Conversations, provide_conversations},
        feed::{Feed, provide_feed},
        model_lists::provide_model_lists,
        models::{Models, provide_models},
        navigation::{provide_navigation, use_navigation},
        notices::provide_notices,
        preferences::provide_preferences,
        prompts::{Prompts, provide_prompts},
        session::{Phase, provide_session, use_session},
        uploads::{provide_uploads, use_uploads},
    },
};

/// Mounts the application into the element that `index.html` has for it.
pub fn mount() {
    let root = document().get_element_by_id("app").and_then(|element| element.dyn_into().ok());
    if let Some(root) = root {
        mount_to(root, App).forget();
    }
}

/// The application.
#[component]
pub fn App() -> impl IntoView {
    let api = Api::new();
    provide_panels(api);
    provide_preferences();
    provide_notices();
    let navigation = provide_navigation();
    let session = provide_session(api);
    let models = provide_models(api);
    let conversations = provide_conversations(api);
    provide_model_lists();
    provide_uploads(api);
    let uploads = use_uploads();
    let chats = provide_chats(api);
    let prompts = provide_prompts(api);
    let feed = provide_feed(api, chats, conversations);

    // The account that the stores belong to. Pages that read them wait for it.
    let account = RwSignal::new(None);
    Effect::new(move |before: Option<_>| {
        let now = session.user().map(|user| user.id);
        if before != Some(now) {
            uploads.clear();
            change_account(now.is_some(), chats, conversations, models, prompts, &feed);
            account.set(now);
        }
        now
    });
    Effect::new(move |_| match session.phase() {
        Phase::SignedOut => navigation.ask_to_sign_in(),
        Phase::SignedIn(_) if navigation.route() == Route::Auth => navigation.after_sign_in(),
        Phase::SignedIn(_) | Phase::Unknown | Phase::Unreachable(_) => {}
    });
    view! {
        <Page account=account.read_only()/>
        {drop_overlay()}
        <NoticeRegions/>
    }
}

fn change_account(
    signed_in: bool,
    chats: Chats,
    conversations: Conversations,
    models: Models,
    prompts: Prompts,
    feed: &Feed,
) {
    feed.close();
    prompts.clear();
    conversations.clear();
    models.clear();
    chats.reset();
    if signed_in {
        conversations.load();
        models.load();
        feed.open();
    }
}

/// What the root shows.
#[derive(Clone, PartialEq)]
enum View {
    Nothing,
    Unreachable(Error),
    Auth,
    Framed,
}

#[component]
fn Page(account: ReadSignal<Option<UserId>>) -> impl IntoView {
    let session = use_session();
    let navigation = use_navigation();
    let shown = Memo::new(move |_| match (session.phase(), navigation.route()) {
        (Phase::Unreachable(error), _) => View::Unreachable(error),
        (Phase::SignedOut, _) => View::Auth,
        (Phase::SignedIn(user), route) if route != Route::Auth && account.get() == Some(user.id) => {
            View::Framed
        }
        (Phase::Unknown | Phase::SignedIn(_), _) => View::Nothing,
    });
    // The outline from `index.html` stays until something replaces it.
    Effect::new(move |_| {
        if *shown.read() != View::Nothing
            && let Some(outline) = document().get_element_by_id("outline")
        {
            outline.remove();
        }
    });
    move || match shown.get() {
        View::Nothing => ().into_any(),
        View::Unreachable(error) => view! { <Unreachable error/> }.into_any(),
        View::Auth => view! { <AuthPage/> }.into_any(),
        View::Framed => view! { <Shell><Framed/></Shell> }.into_any(),
    }
}

#[component]
fn Framed() -> impl IntoView {
    let navigation = use_navigation();
    let panels = use_panels();
    // Switching between conversations keeps the page.
    let page = Memo::new(move |_| match navigation.route() {
        Route::Home | Route::Temporary | Route::Conversation(_) => Route::Home,
        other => other,
    });
    move || match page.get() {
        Route::Settings => on_demand(panels, None, Arc::new(|panels: &Panels| (panels.settings)())),
        Route::Home | Route::Temporary | Route::Conversation(_) => view! { <ChatPage/> }.into_any(),
        Route::Auth | Route::NotFound => view! { <NotFound/> }.into_any(),
    }
}

#[component]
fn Unreachable(error: Error) -> impl IntoView {
    let session = use_session();
    let locale = use_locale();
    view! {
        <main class="placard" role="alert">
            <h1>{t(|words| words.errors.unreachable_title)}</h1>
            <p>{move || locale.words().error(&error)}</p>
            <button type="button" class="button primary" on:click=move |_| session.load()>
                <Glyph icon=Icon::Retry/>
                {t(|words| words.common.try_again)}
            </button>
        </main>
    }
}
