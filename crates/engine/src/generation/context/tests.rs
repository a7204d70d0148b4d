use std::sync::Arc;

use kaiwa_llm::{Content, Role, demo::Demo};
use kaiwa_shared::model::{Abilities, Model};

use super::*;

fn turn(role: Role, text: &str) -> HistoryItem {
    let messages = vec![Message::text(role, text)];
    let tokens = messages.iter().map(tokens::of_message).sum();
    HistoryItem { messages, attachments: Vec::new(), tokens, position: 0, sent: None }
}

fn numbered(mut history: Vec<HistoryItem>) -> Vec<HistoryItem> {
    for (position, item) in (0..).zip(&mut history) {
        item.position = position;
    }
    history
}

#[expect(clippy::unnecessary_wraps, reason = "what is asked for is an option, too")]
fn sent(model: &str, counted: Option<u64>, dropped: u32) -> Option<Sent> {
    Some(Sent { model: model.to_owned(), window: 10_000, dropped, counted })
}

fn conversation() -> Vec<HistoryItem> {
    numbered(vec![
        turn(Role::User, &"a".repeat(384)),
        turn(Role::Assistant, &"b".repeat(384)),
        turn(Role::User, &"c".repeat(384)),
        turn(Role::Assistant, &"d".repeat(384)),
        turn(Role::User, "last"),
    ])
}

fn offer(abilities: Abilities) -> Offer {
    Offer {
        model: Model { id: "a/gpt-5".to_owned(), abilities, ..Model::default() },
        slug: "a".to_owned(),
        provider_model: "gpt-5".to_owned(),
        provider: Arc::new(Demo::new()),
    }
}

fn ask(turns: Vec<HistoryItem>, window: u64, so_far: &str) -> Prepared {
    prepare(Question {
        offer: &offer(Abilities::default()),
        system_prompt: None,
        history: turns,
        unread: 0,
        so_far,
        options: &MessageOptions::default(),
        conversation: None,
        stream: true,
        window,
    })
}

fn firsts(prepared: &Prepared) -> String {
    let first = |message: &Message| match message.content.first() {
        Some(Content::Text(text)) => text.chars().next(),
        _ => None,
    };
    prepared.request.messages.iter().filter_map(first).collect()
}

#[test]
fn the_newest_messages_that_fit_are_sent_and_the_rest_is_counted() {
    let all = ask(conversation(), 10_000, "");
    assert_eq!((firsts(&all).as_str(), all.context.dropped_messages), ("abcdl", 0));
    assert_eq!((all.context.used_tokens, all.context.window_tokens), (405, 10_000));

    let some = ask(conversation(), 300, "");
    assert_eq!((firsts(&some).as_str(), some.context.dropped_messages), ("cdl", 2));
    assert!(some.context.estimated && some.can_shrink);
}

#[test]
fn the_window_is_what_the_options_allow_and_the_model_takes() {
    for (model, limit, expected) in [
        (Some(8000), None, 6000),
        (Some(8000), Some(100), 100),
        (Some(8000), Some(u32::MAX), 6000),
        (None, Some(100), 100),
        (None, Some(5000), 1000),
        (None, None, 1000),
    ] {
        let offer = offer(Abilities { context_tokens: model, ..Abilities::default() });
        let options = MessageOptions { context_tokens: limit, ..MessageOptions::default() };
        assert_eq!(window(&offer, &options, 1000), expected, "{model:?} {limit:?}");
    }
}

#[test]
fn no_conversation_begins_with_the_models_own_words() {
    let mut turns = conversation();
    turns[0] = turn(Role::User, &"a".repeat(1600));
    let prepared = ask(turns, 440, "");
    assert_eq!((firsts(&prepared).as_str(), prepared.context.dropped_messages), ("cdl", 2));
}

#[test]
fn the_last_message_is_sent_however_long_it_is() {
    let turns = numbered(vec![turn(Role::User, "a"), turn(Role::User, &"话".repeat(1000))]);
    let prepared = ask(turns, 10, "");
    assert_eq!((firsts(&prepared).as_str(), prepared.context.dropped_messages), ("话", 1));
    assert!(!prepared.can_shrink);
}

#[test]
fn a_providers_count_replaces_the_estimates_up_to_that_reply() {
    let counted = |model: &str| {
        let mut turns = conversation();
        turns[3].sent = sent(model, Some(1000), 0);
        ask(turns, 10_000, "").context.used_tokens
    };
    assert_eq!(counted("a/gpt-5"), 1005);
    assert_eq!(counted("b/openai/gpt-4.1-mini"), 1005, "one family counts alike");
    assert_eq!(counted("b/claude"), 405);
}

#[test]
fn what_was_left_out_when_it_was_counted_is_not_part_of_the_count() {
    let mut turns = conversation();
    turns[3].sent = sent("a/gpt-4", Some(1000), 2);
    assert_eq!(ask(turns, 10_000, "").context.used_tokens, 100 + 100 + 1000 + 5);
}

#[test]
fn what_is_continued_takes_its_room_before_the_history_does() {
    let prepared = ask(conversation(), 300, &"e".repeat(400));
    assert_eq!(firsts(&prepared), "leY");
    assert!(prepared.context.used_tokens > 100);
}

#[test]
fn room_for_the_reply_is_kept_free() {
    let options = MessageOptions::default();
    let known = |context, output| {
        let abilities =
            Abilities { context_tokens: Some(context), output_tokens: output, ..Abilities::default() };
        window(&offer(abilities), &options, 120_000)
    };
    assert_eq!(window(&offer(Abilities::default()), &options, 120_000), 120_000);
    assert_eq!(known(128_000, Some(16_000)), 112_000);
    assert_eq!(known(8192, None), 8192 - 2048);
    assert_eq!(known(1_000_000, Some(64_000)), 1_000_000 - 32_768);
}

#[test]
fn a_server_that_must_be_told_opens_what_is_needed_in_steps() {
    let opened = |used, context_tokens| {
        let abilities = Abilities { context_tokens, ..Abilities::default() };
        open_window(&offer(abilities), &MessageOptions::default(), used)
    };
    assert_eq!(opened(10, None), 8192);
    assert_eq!(opened(5000, None), 16_384);
    assert_eq!(opened(5000, Some(12_000)), 12_000);
}

#[test]
fn the_system_prompt_comes_first_and_counts_towards_the_window() {
    let request = |window| {
        prepare(Question {
            offer: &offer(Abilities::default()),
            system_prompt: Some("sssssssssssssssssssssssssssssssssssssssssssssssssss"),
            history: conversation(),
            unread: 0,
            so_far: "",
            options: &MessageOptions::default(),
            conversation: None,
            stream: true,
            window,
        })
    };
    let all = request(10_000);
    assert_eq!(all.request.messages.first().map(|message| message.role), Some(Role::System));
    assert_eq!((firsts(&all).as_str(), all.context.used_tokens), ("sabcdl", 422));
    assert_eq!(firsts(&request(20)), "sl", "it is never left out");
}

/// A conversation that goes on for `turns` turns of messages with `size` characters; each reply keeps what was sent for
/// it. Returns what was sent for each.
fn go_on(turns: usize, size: impl Fn(usize) -> usize, window: u64, system: Option<&str>) -> Vec<Prepared> {
    let (mut history, mut requests): (Vec<HistoryItem>, Vec<Prepared>) = (Vec::new(), Vec::new());
    let text = |n: usize| format!("{n} {}", "x".repeat(size(n)));
    for n in 0..turns {
        history.push(turn(Role::User, &text(2 * n)));
        history = numbered(history);
        let prepared = prepare(Question {
            offer: &offer(Abilities::default()),
            system_prompt: system,
            history: history.iter().map(copy).collect(),
            unread: 0,
            so_far: "",
            options: &MessageOptions::default(),
            conversation: None,
            stream: true,
            window,
        });
        let mut reply = turn(Role::Assistant, &text(2 * n + 1));
        reply.sent = sent("a/gpt-5", None, prepared.context.dropped_messages)
            .map(|sent| Sent { window: prepared.context.window_tokens, ..sent });
        history.push(reply);
        requests.push(prepared);
    }
    requests
}

fn copy(item: &HistoryItem) -> HistoryItem {
    HistoryItem {
        messages: item.messages.clone(),
        attachments: item.attachments.clone(),
        sent: item.sent.clone(),
        ..*item
    }
}

#[test]
fn requests_of_a_conversation_that_outgrew_the_window_begin_alike() {
    let even: fn(usize) -> usize = |_| 200;
    let mixed: fn(usize) -> usize = |n| (n * 37) % 390;
    let growing: fn(usize) -> usize = |n| n * 4;
    for (size, window, system) in [
        (even, 2000, None),
        (even, 3000, Some("Be brief.")),
        (mixed, 1500, None),
        (mixed, 1500, Some("Speak like a pirate.")),
        (growing, 4000, None),
    ] {
        let requests = go_on(60, size, window, system);
        let mut trims = 0;
        for pair in requests.windows(2) {
            let [before, after] = [&pair[0], &pair[1]].map(|prepared| &prepared.request.messages);
            assert!(pair[1].context.used_tokens <= window);
            if after.starts_with(before) {
                continue;
            }
            trims += 1;
            assert!(pair[1].context.used_tokens <= window * 3 / 4 + 1, "there is room for the next turns");
            assert!(pair[1].context.dropped_messages > pair[0].context.dropped_messages);
            let system_prompts = after.iter().take_while(|message| message.role == Role::System).count();
            assert_eq!(system_prompts, usize::from(system.is_some()));
        }
        assert!((2..=20).contains(&trims), "{trims} trims in 60 turns");
    }
}

#[test]
fn what_another_model_or_another_window_left_out_is_sent_if_it_fits() {
    for (model, window, expected) in
        [("a/gpt-5", 10_000, "cdl"), ("a/other", 10_000, "abcdl"), ("a/gpt-5", 20_000, "abcdl")]
    {
        let mut turns = conversation();
        turns[3].sent = sent(model, None, 2);
        assert_eq!(firsts(&ask(turns, window, "")), expected, "{model} {window}");
    }
}
