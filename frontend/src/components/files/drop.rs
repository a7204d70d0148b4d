//! The overlay while files are dragged over the page.

use leptos::prelude::*;

use crate::{
    browser::files,
    components::icon::{Glyph, Icon},
    i18n::t,
    state::uploads::use_uploads,
};

/// Takes the files that are dropped or pasted anywhere, and says so while they are dragged.
pub fn drop_overlay() -> AnyView {
    let uploads = use_uploads();
    let over = RwSignal::new(false);
    files::take_files(over, move |files| uploads.add_to_target(files));
    let shown = move || {
        (over.get() && uploads.target().is_some()).then(|| {
            view! {
                <div class="drop-overlay">
                    <p>
                        <Glyph icon=Icon::Paperclip/>
                        {t(|words| words.files.drop)}
                    </p>
                </div>
            }
            .into_any()
        })
    };
    shown.into_any()
}
