use kaiwa_shared::{
    ConversationId,
    conversation::{ConversationSettings, CreateConversation, UpdateConversation},
    message::MessageOptions,
    stream::Parent,
    time::Millis,
};
use kaiwa_store::{
    Store,
    generations::{NewTurn, TurnOutcome},
};

use crate::{
    fixture::{NOW, exchange, hung, later, new_conversation, new_turn, next_turn, outcome, user},
    harness::{commit, on_both_engines, read},
};

on_both_engines! {
    a_conversation_reads_back_as_it_was_made,
    nobody_else_sees_changes_or_removes_a_conversation,
    a_generated_title_never_replaces_the_owners,
    a_change_of_the_model_leaves_the_title_generated,
    the_list_is_paged_newest_change_first_without_gaps_or_doubles,
    pages_stay_stable_while_conversations_are_added,
    a_cursor_that_cannot_be_read_is_the_first_page,
    titles_are_searched_literally,
    titles_are_searched_without_regard_to_case_in_every_script,
    text_with_quotes_signs_and_emoji_reads_back_unchanged,
    a_conversation_goes_with_its_messages_and_generations,
    a_very_long_conversation_can_be_removed,
    settings_are_kept_changed_and_removed,
    settings_of_a_new_conversation_are_stored_with_its_first_message,
    settings_go_with_a_turn_and_a_fork,
}

fn titled(title: &str) -> UpdateConversation {
    UpdateConversation { title: Some(title.to_owned()), ..UpdateConversation::default() }
}

async fn a_conversation_reads_back_as_it_was_made(store: Store) {
    let ada = user(&store, "ada").await;
    let id = ConversationId::new();
    let made = commit!(
        store,
        conversations().create(ada.id, id, &new_conversation(Some("Plans"), Some("demo")), NOW)
    )
    .unwrap();
    assert_eq!(
        (
            made.conversation.title.as_str(),
            made.conversation.model.as_deref(),
            made.conversation.active_leaf_id
        ),
        ("Plans", Some("demo"), None)
    );
    assert_eq!((made.conversation.created_at, made.conversation.updated_at), (NOW, NOW));
    assert_eq!(read!(store, conversations().find(ada.id, id)).unwrap(), Some(made.conversation));
    assert_eq!(read!(store, conversations().find(ada.id, ConversationId::new())).unwrap(), None);
}

async fn nobody_else_sees_changes_or_removes_a_conversation(store: Store) {
    let (ada, eve) = (user(&store, "ada").await, user(&store, "eve").await);
    let id = ConversationId::new();
    let made =
        commit!(store, conversations().create(ada.id, id, &new_conversation(Some("Private"), None), NOW))
            .unwrap();
    assert_eq!(read!(store, conversations().find(eve.id, id)).unwrap(), None);
    assert_eq!(read!(store, conversations().list(eve.id, None, None, 50)).unwrap().items, []);
    assert_eq!(read!(store, conversations().list(eve.id, Some("priv"), None, 50)).unwrap().items, []);
    assert_eq!(commit!(store, conversations().update(eve.id, id, &titled("Mine now"))).unwrap(), None);
    assert!(!commit!(store, conversations().delete(eve.id, id)).unwrap());
    assert_eq!(read!(store, conversations().find(ada.id, id)).unwrap(), Some(made.conversation));
}

async fn a_generated_title_never_replaces_the_owners(store: Store) {
    let ada = user(&store, "ada").await;
    let id = ConversationId::new();
    commit!(store, conversations().create(ada.id, id, &new_conversation(None, None), NOW)).unwrap();
    assert!(commit!(store, conversations().set_generated_title(id, "Generated")).unwrap());
    assert_eq!(read!(store, conversations().find(ada.id, id)).unwrap().unwrap().title, "Generated");
    let renamed = commit!(store, conversations().update(ada.id, id, &titled("My own"))).unwrap().unwrap();
    assert_eq!(renamed.conversation.title, "My own");
    assert_eq!(renamed.conversation.updated_at, NOW, "a new name is not a new message");
    assert!(!commit!(store, conversations().set_generated_title(id, "Generated again")).unwrap());
    assert_eq!(read!(store, conversations().find(ada.id, id)).unwrap().unwrap().title, "My own");

    let named = ConversationId::new();
    commit!(
        store,
        conversations().create(ada.id, named, &new_conversation(Some("Named at birth"), None), NOW)
    )
    .unwrap();
    assert!(!commit!(store, conversations().set_generated_title(named, "Generated")).unwrap());
    assert!(!commit!(store, conversations().set_generated_title(ConversationId::new(), "Nowhere")).unwrap());
}

async fn a_change_of_the_model_leaves_the_title_generated(store: Store) {
    let ada = user(&store, "ada").await;
    let id = ConversationId::new();
    commit!(store, conversations().create(ada.id, id, &new_conversation(None, Some("small")), NOW)).unwrap();
    let change = UpdateConversation { model: Some("large".to_owned()), ..UpdateConversation::default() };
    let changed = commit!(store, conversations().update(ada.id, id, &change)).unwrap().unwrap();
    assert_eq!(
        (changed.conversation.title.as_str(), changed.conversation.model.as_deref()),
        ("", Some("large"))
    );
    assert!(commit!(store, conversations().set_generated_title(id, "Generated")).unwrap());
}

/// Every title of the list, page by page.
async fn walk(store: &Store, owner: kaiwa_shared::UserId, limit: u32) -> Vec<String> {
    let mut titles = Vec::new();
    let mut after = None;
    loop {
        let page = read!(store, conversations().list(owner, None, after.as_deref(), limit)).unwrap();
        assert!(page.items.len() <= usize::try_from(limit).unwrap());
        titles.extend(page.items.into_iter().map(|conversation| conversation.title));
        after = page.next;
        if after.is_none() {
            return titles;
        }
    }
}

async fn the_list_is_paged_newest_change_first_without_gaps_or_doubles(store: Store) {
    let ada = user(&store, "ada").await;
    // Five share each moment, so that only the id orders them and pages end in the middle of a moment.
    let mut ids: Vec<(Millis, ConversationId, String)> = Vec::new();
    for n in 0..23 {
        let (id, title, at) = (ConversationId::new(), format!("n{n}"), later(n / 5));
        commit!(store, conversations().create(ada.id, id, &new_conversation(Some(&title), None), at))
            .unwrap();
        ids.push((at, id, title));
    }
    ids.sort();
    ids.reverse();
    let expected: Vec<String> = ids.into_iter().map(|(_, _, title)| title).collect();
    for limit in [1, 3, 7, 22, 23, 24, 100] {
        assert_eq!(walk(&store, ada.id, limit).await, expected, "{limit} on a page");
    }
}

async fn pages_stay_stable_while_conversations_are_added(store: Store) {
    let ada = user(&store, "ada").await;
    for n in 0..6 {
        let title = format!("old{n}");
        commit!(
            store,
            conversations().create(
                ada.id,
                ConversationId::new(),
                &new_conversation(Some(&title), None),
                later(n)
            )
        )
        .unwrap();
    }
    let first = read!(store, conversations().list(ada.id, None, None, 3)).unwrap();
    for n in 0..4 {
        let title = format!("new{n}");
        let at = later(100 + n);
        commit!(
            store,
            conversations().create(ada.id, ConversationId::new(), &new_conversation(Some(&title), None), at)
        )
        .unwrap();
    }
    let second = read!(store, conversations().list(ada.id, None, first.next.as_deref(), 3)).unwrap();
    let titles: Vec<_> = first.items.iter().chain(&second.items).map(|c| c.title.as_str()).collect();
    assert_eq!(titles, ["old5", "old4", "old3", "old2", "old1", "old0"]);
    assert_eq!(second.next, None);
}

async fn a_cursor_that_cannot_be_read_is_the_first_page(store: Store) {
    let ada = user(&store, "ada").await;
    commit!(
        store,
        conversations().create(ada.id, ConversationId::new(), &new_conversation(Some("one"), None), NOW)
    )
    .unwrap();
    for cursor in ["", ".", "1.2", "nonsense", "9999999999999999999999.00", "1795000000000.\0"] {
        let page = read!(store, conversations().list(ada.id, None, Some(cursor), 10)).unwrap();
        assert_eq!(page.items.len(), 1, "{cursor:?}");
    }
}

async fn found(store: &Store, owner: kaiwa_shared::UserId, query: &str) -> Vec<String> {
    let page = read!(store, conversations().list(owner, Some(query), None, 50)).unwrap();
    let mut titles: Vec<String> = page.items.into_iter().map(|conversation| conversation.title).collect();
    titles.sort();
    titles
}

async fn titles_are_searched_literally(store: Store) {
    let ada = user(&store, "ada").await;
    for title in
        ["100% sure", "100 per cent", "snake_case", "snakeXcase", r"C:\temp", "C:/temp", "it's \"quoted\""]
    {
        commit!(
            store,
            conversations().create(ada.id, ConversationId::new(), &new_conversation(Some(title), None), NOW)
        )
        .unwrap();
    }
    assert_eq!(found(&store, ada.id, "100%").await, ["100% sure"]);
    assert_eq!(found(&store, ada.id, "e_c").await, ["snake_case"]);
    assert_eq!(found(&store, ada.id, r"c:\t").await, [r"C:\temp"]);
    assert_eq!(found(&store, ada.id, r#"'s "q"#).await, ["it's \"quoted\""]);
    assert_eq!(found(&store, ada.id, "\0").await.len(), 7, "NUL is in no title, and is no error either");
    assert_eq!(found(&store, ada.id, &"x".repeat(100_000)).await, [""; 0]);
    assert_eq!(found(&store, ada.id, "").await.len(), 7);
}

async fn titles_are_searched_without_regard_to_case_in_every_script(store: Store) {
    let ada = user(&store, "ada").await;
    let titles = [
        ("Reverse Proxy", "PROXY"),
        ("ÜBER ÄPFEL", "über"),
        ("Привет МИР", "мир"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("会话 One", "会话 o"),
    ];
    for (title, query) in titles {
        commit!(
            store,
            conversations().create(ada.id, ConversationId::new(), &new_conversation(Some(title), None), NOW)
        )
        .unwrap();
        assert_eq!(found(&store, ada.id, query).await, [title], "{query}");
    }
    let renamed = ConversationId::new();
    commit!(store, conversations().create(ada.id, renamed, &new_conversation(None, None), NOW)).unwrap();
    commit!(store, conversations().set_generated_title(renamed, "Erst Generiert")).unwrap();
    assert_eq!(found(&store, ada.id, "GENERIERT").await, ["Erst Generiert"]);
    commit!(store, conversations().update(ada.id, renamed, &titled("Dann Benannt"))).unwrap();
    assert_eq!(found(&store, ada.id, "generiert").await, [""; 0]);
    assert_eq!(found(&store, ada.id, "BENANNT").await, ["Dann Benannt"]);
}

async fn text_with_quotes_signs_and_emoji_reads_back_unchanged(store: Store) {
    let ada = user(&store, "ada").await;
    for text in [
        "it's; DROP TABLE users;--",
        "你好，世界 “引号”",
        "👩‍👩‍👧‍👦 🏳️‍🌈 e\u{301}",
        r#"%_\ "x" \u0000 \n"#,
        "\u{1}\u{7f}\r\n\t\u{feff}\u{10ffff}",
    ] {
        let turn = exchange(&store, new_turn(ada.id, text), text).await;
        commit!(store, conversations().update(ada.id, turn.conversation_id, &titled(text))).unwrap();
        assert_eq!(
            read!(store, conversations().find(ada.id, turn.conversation_id)).unwrap().unwrap().title,
            text
        );
        for message in [turn.user_message_id, turn.reply_id] {
            assert_eq!(read!(store, messages().find(ada.id, message)).unwrap().unwrap().text(), text);
        }
    }
    // PostgreSQL has no NUL in its texts. A message is JSON and keeps it; a title does without.
    let turn = exchange(&store, new_turn(ada.id, "a\0b"), "c\0d").await;
    assert_eq!(read!(store, messages().find(ada.id, turn.reply_id)).unwrap().unwrap().text(), "c\0d");
    assert!(commit!(store, conversations().set_generated_title(turn.conversation_id, "e\0f")).unwrap());
    assert_eq!(
        read!(store, conversations().find(ada.id, turn.conversation_id)).unwrap().unwrap().title,
        "ef"
    );
}

async fn a_conversation_goes_with_its_messages_and_generations(store: Store) {
    let ada = user(&store, "ada").await;
    let gone = exchange(&store, new_turn(ada.id, "one"), "1").await;
    let kept = exchange(&store, new_turn(ada.id, "two"), "2").await;
    assert!(commit!(store, conversations().delete(ada.id, gone.conversation_id)).unwrap());
    assert!(!commit!(store, conversations().delete(ada.id, gone.conversation_id)).unwrap());
    assert_eq!(read!(store, conversations().find(ada.id, gone.conversation_id)).unwrap(), None);
    assert_eq!(read!(store, messages().find(ada.id, gone.user_message_id)).unwrap(), None);
    assert_eq!(read!(store, messages().find(ada.id, gone.reply_id)).unwrap(), None);
    assert_eq!(read!(store, generations().find(ada.id, gone.generation_id)).unwrap(), None);
    assert!(read!(store, messages().find(ada.id, kept.reply_id)).unwrap().is_some());
    assert!(read!(store, generations().find(ada.id, kept.generation_id)).unwrap().is_some());
}

async fn a_very_long_conversation_can_be_removed(store: Store) {
    let ada = user(&store, "ada").await;
    let first = exchange(&store, new_turn(ada.id, "0"), "0").await;
    // SQLite gives up on foreign keys that cascade more than a thousand rows deep.
    for n in 1..600 {
        exchange(&store, next_turn(ada.id, first.conversation_id, &n.to_string()), "reply").await;
    }
    assert!(commit!(store, conversations().delete(ada.id, first.conversation_id)).unwrap());
    assert_eq!(read!(store, messages().find(ada.id, first.user_message_id)).unwrap(), None);
}

async fn settings_are_kept_changed_and_removed(store: Store) {
    let ada = user(&store, "ada").await;
    let eve = user(&store, "eve").await;
    let id = ConversationId::new();
    let options = MessageOptions { temperature: Some(0.5), ..MessageOptions::default() };
    let new = CreateConversation {
        system_prompt: Some("Be\0 brief.".to_owned()),
        options,
        ..CreateConversation::default()
    };
    let made = commit!(store, conversations().create(ada.id, id, &new, NOW)).unwrap();
    let expected = ConversationSettings { system_prompt: Some("Be brief.".to_owned()), options };
    assert_eq!(made.settings, expected);
    assert_eq!(read!(store, conversations().find_details(ada.id, id)).unwrap(), Some(made));
    assert_eq!(read!(store, conversations().find_details(eve.id, id)).unwrap(), None);

    let renamed = commit!(store, conversations().update(ada.id, id, &titled("Brief"))).unwrap().unwrap();
    assert_eq!(renamed.settings, expected, "an absent field changes nothing");
    let change = UpdateConversation {
        system_prompt: Some(String::new()),
        options: Some(MessageOptions::default()),
        ..UpdateConversation::default()
    };
    let cleared = commit!(store, conversations().update(ada.id, id, &change)).unwrap().unwrap();
    assert_eq!(cleared.settings, ConversationSettings::default());
}

async fn settings_of_a_new_conversation_are_stored_with_its_first_message(store: Store) {
    let ada = user(&store, "ada").await;
    let options = MessageOptions { context_tokens: Some(4000), ..MessageOptions::default() };
    for (given, stored) in [("Be\0 brief.", Some("Be brief.")), ("", None)] {
        let settings = ConversationSettings { system_prompt: Some(given.to_owned()), options };
        let turn = NewTurn { settings, ..new_turn(ada.id, "hello") };
        let TurnOutcome::Started { turn, settings: told, .. } = outcome(&store, turn).await else {
            panic!("not started")
        };
        let expected = ConversationSettings { system_prompt: stored.map(str::to_owned), options };
        assert_eq!(told, expected);
        let found =
            read!(store, conversations().find_details(ada.id, turn.conversation_id)).unwrap().unwrap();
        assert_eq!(found.settings, expected);
        let reply = read!(store, messages().find(ada.id, turn.reply_id)).unwrap().unwrap();
        assert_eq!(reply.options, options);

        let other = ConversationSettings { system_prompt: Some("Rhyme.".to_owned()), ..expected.clone() };
        let next = NewTurn { settings: other, ..next_turn(ada.id, turn.conversation_id, "more") };
        let next = hung(next, Parent::Top);
        let TurnOutcome::Started { settings: told, .. } = outcome(&store, next).await else {
            panic!("not started")
        };
        assert_eq!(told, expected, "an existing conversation keeps its own");
    }
}

async fn settings_go_with_a_turn_and_a_fork(store: Store) {
    let ada = user(&store, "ada").await;
    let id = ConversationId::new();
    let settings = ConversationSettings {
        system_prompt: Some("Be brief.".to_owned()),
        options: MessageOptions { temperature: Some(0.5), max_tokens: Some(9), ..MessageOptions::default() },
    };
    let new = CreateConversation {
        system_prompt: settings.system_prompt.clone(),
        options: settings.options,
        ..CreateConversation::default()
    };
    commit!(store, conversations().create(ada.id, id, &new, NOW)).unwrap();
    let own = MessageOptions { temperature: Some(0.1), ..MessageOptions::default() };
    let turn = NewTurn { options: own, ..next_turn(ada.id, id, "hello") };
    let TurnOutcome::Started { turn, settings: told, .. } = outcome(&store, turn).await else {
        panic!("not started")
    };
    assert_eq!(told, settings);
    let reply = read!(store, messages().find(ada.id, turn.reply_id)).unwrap().unwrap();
    let effective =
        MessageOptions { temperature: Some(0.1), max_tokens: Some(9), ..MessageOptions::default() };
    assert_eq!(
        reply.options, effective,
        "the message's own option wins, the rest comes from the conversation"
    );

    let copy = ConversationId::new();
    commit!(store, conversations().fork(ada.id, id, turn.reply_id, copy, NOW)).unwrap();
    let forked = read!(store, conversations().find_details(ada.id, copy)).unwrap().unwrap();
    assert_eq!(forked.settings, settings);
}
