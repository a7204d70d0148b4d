//! The details of a reply: model, time, options, tokens, cost.

use kaiwa_shared::message::{ContextUse, Effort, MessageOptions, Usage};
use leptos::prelude::*;

use crate::{
    browser::time,
    components::{
        hint::{facts, hint},
        icon::{Glyph, Icon},
    },
    i18n::{Words, numbers, use_locale},
    state::{
        chat::{Details, MessageHandle},
        models::use_models,
    },
};

/// The name of the model that wrote a reply, with the details on demand.
pub(super) fn details(message: &MessageHandle) -> AnyView {
    let locale = use_locale();
    let models = use_models();
    let (details, created_at) = (message.details.clone(), message.created_at);
    let model = {
        let details = details.clone();
        Signal::derive(move || details.with(|details| details.model.as_deref().map(|id| models.name_of(id))))
    };
    let label = Signal::derive(move || match model.get() {
        Some(model) => format!("{}: {model}", locale.words().details.details),
        None => locale.words().details.details.to_owned(),
    });
    let trigger = view! {
        <span class="by-model">{move || model.get()}</span>
        <Glyph icon=Icon::Info/>
    };
    hint(label, "about", trigger.into_any(), move || {
        let words = locale.words();
        let mut rows = Vec::new();
        rows.extend(model.get().map(|model| (words.details.fact_model, model)));
        rows.push((words.details.fact_time, time::written(created_at, locale.tag())));
        let is_estimated = details.with(|details| {
            add_facts(&mut rows, words, details);
            details.usage.is_some_and(|usage| usage.estimated)
                || details.context.is_some_and(|context| context.estimated)
        });
        let note =
            is_estimated.then(|| view! { <p class="facts-note">{words.details.estimated}</p> }.into_any());
        view! {
            {facts(rows)}
            {note}
        }
        .into_any()
    })
}

fn add_facts(rows: &mut Vec<(&'static str, String)>, words: &Words, details: &Details) {
    if let Some(usage) = &details.usage {
        add_usage(rows, words, usage);
    }
    if let Some(context) = &details.context {
        add_context(rows, words, context);
    }
    let MessageOptions { effort, temperature, max_tokens, context_tokens } = details.options;
    rows.extend(
        effort.map(|effort: Effort| (words.details.fact_effort, (words.details.effort)(effort).to_owned())),
    );
    rows.extend(temperature.map(|value| (words.details.fact_temperature, numbers::temperature(value))));
    rows.extend(max_tokens.map(|tokens| (words.details.fact_max_tokens, numbers::whole(tokens.into()))));
    rows.extend(
        context_tokens.map(|tokens| (words.details.fact_context_limit, numbers::whole(tokens.into()))),
    );
}

fn add_usage(rows: &mut Vec<(&'static str, String)>, words: &Words, usage: &Usage) {
    let about = if usage.estimated { "~" } else { "" };
    let tokens = |total: u64, shares: &[(u64, &str)]| {
        let mut text = format!("{about}{}", numbers::whole(total));
        for (share, name) in shares.iter().filter(|(share, _)| *share > 0) {
            text.extend([" · ", numbers::whole(*share).as_str(), " ", name]);
        }
        text
    };
    let cached = [
        (usage.cached_tokens, words.details.fact_cached),
        (usage.cache_write_tokens, words.details.fact_cache_write),
    ];
    rows.push((words.details.fact_input, tokens(usage.input_tokens, &cached)));
    let reasoning = [(usage.reasoning_tokens, words.details.fact_reasoning)];
    rows.push((words.details.fact_output, tokens(usage.output_tokens, &reasoning)));
    rows.extend(
        usage.cost_micros.map(|cost| (words.details.fact_cost, format!("{about}{}", numbers::cost(cost)))),
    );
}

fn add_context(rows: &mut Vec<(&'static str, String)>, words: &Words, context: &ContextUse) {
    let about = if context.estimated { "~" } else { "" };
    let (used, window) = (numbers::short(context.used_tokens), numbers::short(context.window_tokens));
    rows.push((words.details.fact_context, format!("{about}{used} / {window}")));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    fn facts_of(details: &Details) -> Vec<String> {
        let mut rows = Vec::new();
        add_facts(&mut rows, Language::English.words(), details);
        rows.into_iter().map(|(name, value)| format!("{name}: {value}")).collect()
    }

    #[test]
    fn token_shares_are_listed_and_estimates_are_marked() {
        let usage = Usage {
            input_tokens: 12_345,
            cached_tokens: 8_000,
            output_tokens: 420,
            reasoning_tokens: 128,
            cost_micros: Some(4_200),
            ..Usage::default()
        };
        let context = ContextUse { used_tokens: 18_000, window_tokens: 200_000, ..ContextUse::default() };
        let mut details = Details { usage: Some(usage), context: Some(context), ..Details::default() };
        assert_eq!(
            facts_of(&details),
            [
                "Input tokens: 12,345 · 8,000 from cache",
                "Output tokens: 420 · 128 reasoning",
                "Cost: $0.0042",
                "Context: 18k / 200k"
            ]
        );
        details.usage = Some(Usage { input_tokens: 7, estimated: true, ..Usage::default() });
        details.context = None;
        assert_eq!(facts_of(&details), ["Input tokens: ~7", "Output tokens: ~0"]);
    }

    #[test]
    fn the_options_of_the_request_are_listed() {
        let options = MessageOptions {
            effort: Some(Effort::High),
            temperature: Some(0.7),
            max_tokens: Some(4096),
            context_tokens: Some(8000),
        };
        let details = Details { options, ..Details::default() };
        assert_eq!(
            facts_of(&details),
            ["Thinking: A lot", "Temperature: 0.7", "Maximum length: 4,096", "Context limit: 8,000"]
        );
    }
}
