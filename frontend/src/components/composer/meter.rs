//! The meter of the context window.

use kaiwa_shared::message::{Author, ContextUse};
use leptos::prelude::*;

use crate::{
    components::hint::hint,
    i18n::{numbers, use_locale},
    state::{
        chat::{Chat, Details, use_chats},
        models::use_models,
    },
};

/// Tokens of the next request and of the context window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fill {
    used: u64,
    window: u64,
    estimated: bool,
}

impl Fill {
    /// The use after a reply with these `details`, if `window` tokens may be sent to the next model; otherwise as many as
    /// for the last request.
    fn after(details: &Details, window: Option<u64>) -> Option<Self> {
        let ContextUse { used_tokens, window_tokens, estimated, .. } = details.context?;
        let (answered, guessed) =
            details.usage.map_or((0, false), |usage| (usage.output_tokens, usage.estimated));
        let window = window.unwrap_or(window_tokens);
        (window > 0).then_some(Self { used: used_tokens + answered, window, estimated: estimated || guessed })
    }

    fn percent(self) -> u64 {
        (self.used * 100).div_ceil(self.window)
    }

    /// The class for how full it is.
    fn level(self) -> &'static str {
        match self.percent() {
            0..50 => "low",
            50..80 => "half",
            _ => "high",
        }
    }
}

/// Shows `18k / 200k`, once a reply has reported it.
pub(super) fn context_meter(chat: &Chat) -> AnyView {
    let chats = use_chats();
    let models = use_models();
    let locale = use_locale();
    let fill = {
        let chat = chat.clone();
        Memo::new(move |_| {
            let messages = chat.messages().get();
            let last = messages.iter().rev().find(|message| message.author == Author::Assistant)?;
            let next = models.find(chats.model_of(&chat).as_deref());
            let options = chats.settings_of(&chat).options;
            let unknown = models.unknown_window();
            let window =
                next.map(|next| next.abilities.prompt_tokens(&options, unknown)).filter(|&window| window > 0);
            last.details.with(|details| Fill::after(details, window))
        })
    };
    let shown = move || {
        let Fill { used, window, estimated } = fill.get()?;
        let percent = Fill { used, window, estimated }.percent().min(100);
        let level = Fill { used, window, estimated }.level();
        let about = if estimated { "~" } else { "" };
        let short = format!("{about}{} / {}", numbers::short(used), numbers::short(window));
        let long = Signal::derive(move || {
            let used = format!("{about}{}", numbers::whole(used));
            (locale.words().details.context_use)(&used, &numbers::whole(window), percent)
        });
        // Voice control users say the visible text, so the name contains it.
        let name = {
            let short = short.clone();
            Signal::derive(move || format!("{} · {short}", long.get()))
        };
        let trigger = view! {
            <span class="meter-ring" style=("--filled", format!("{percent}%"))></span>
            <span>{short}</span>
        };
        let class = match level {
            "low" => "meter",
            "half" => "meter half",
            _ => "meter high",
        };
        let content = move || view! { <p class="facts-note">{long}</p> }.into_any();
        Some(hint(name, class, trigger.into_any(), content))
    };
    shown.into_any()
}

#[cfg(test)]
mod tests {
    use kaiwa_shared::message::Usage;

    use super::*;

    fn details(used_tokens: u64, output_tokens: u64) -> Details {
        Details {
            context: Some(ContextUse { used_tokens, window_tokens: 1000, ..ContextUse::default() }),
            usage: Some(Usage { output_tokens, ..Usage::default() }),
            ..Details::default()
        }
    }

    #[test]
    fn a_reply_counts_towards_the_next_request() {
        let fill = Fill::after(&details(300, 100), None).unwrap();
        assert_eq!((fill.used, fill.window, fill.percent()), (400, 1000, 40));
        assert_eq!(Fill::after(&details(300, 100), Some(500)).unwrap().percent(), 80);
        assert_eq!(Fill::after(&details(300, 100), Some(5000)).unwrap().percent(), 8);
        assert_eq!(Fill::after(&Details::default(), Some(500)), None);
    }

    #[test]
    fn the_levels_change_at_half_and_at_four_fifths() {
        let level = |used| Fill { used, window: 1000, estimated: false }.level();
        assert_eq!(
            [level(490), level(500), level(790), level(800), level(2000)],
            ["low", "half", "half", "high", "high"]
        );
    }

    #[test]
    fn one_estimate_makes_the_total_an_estimate() {
        let mut details = details(1, 1);
        details.usage = Some(Usage { estimated: true, ..Usage::default() });
        assert!(Fill::after(&details, None).unwrap().estimated);
    }
}
