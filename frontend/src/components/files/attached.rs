//! The files of a message.

use kaiwa_shared::File;
use leptos::prelude::*;

use crate::{
    api::files::{content_url, thumbnail_url},
    components::icon::{Glyph, Icon},
    i18n::{numbers, t, use_locale},
};

/// The files of a message: pictures that open, and others that are downloaded.
pub fn attached(files: Signal<Vec<File>>) -> AnyView {
    let shown = move || {
        let files = files.get();
        (!files.is_empty()).then(|| {
            let rows =
                files.into_iter().map(|file| if file.is_picture() { picture(file) } else { chip(file) });
            view! { <ul class="attached" aria-label=t(|words| words.files.list)>{rows.collect_view()}</ul> }
                .into_any()
        })
    };
    shown.into_any()
}

fn picture(file: File) -> AnyView {
    let locale = use_locale();
    let name = file.name;
    let label = {
        let name = name.clone();
        move || (locale.words().files.open)(&name)
    };
    view! {
        <li>
            <a class="attached-picture" href=content_url(file.id) target="_blank" aria-label=label draggable="false">
                <img
                    src=thumbnail_url(file.id)
                    alt=name
                    width=file.width
                    height=file.height
                    loading="lazy"
                    decoding="async"
                    draggable="false"
                />
            </a>
        </li>
    }
    .into_any()
}

fn chip(file: File) -> AnyView {
    let locale = use_locale();
    let name = file.name;
    let saved_as = name.clone();
    let label = {
        let name = name.clone();
        Signal::derive(move || (locale.words().files.download)(&name))
    };
    view! {
        <li>
            <a class="file" href=content_url(file.id) download=saved_as title=label draggable="false">
                <span class="file-picture"><Glyph icon=Icon::File/></span>
                <span class="file-text">
                    <span class="file-name" dir="auto">{name}</span>
                    <span class="file-detail">{numbers::bytes(file.size)}</span>
                </span>
                <Glyph icon=Icon::Download/>
            </a>
        </li>
    }
    .into_any()
}
