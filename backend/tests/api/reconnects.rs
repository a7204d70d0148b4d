//! Hundreds of reconnects with `Last-Event-ID`: no event is lost or repeated.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use kaiwa_shared::{
    Parts,
    message::{Status, text_of},
    stream::{Snapshot, StreamEnd, StreamEvent},
};

use crate::support::{Dice, TestApp, TestUser, message, numbered};

const STREAMS: u64 = 8;
const TOKENS: usize = 600;

#[actix_web::test]
async fn hundreds_of_reconnects_neither_lose_nor_repeat_events() {
    let model = format!("mock-tokens-{TOKENS}-rate-100");
    let app = TestApp::spawn_with(&[("LLM_MODEL", &model)]).await;
    let user = app.register("ada").await;
    let readers = (0..STREAMS).map(|seed| read_with_reconnects(&app, &user, &model, seed));
    let reconnects: usize = join_all(readers).await.into_iter().sum();
    assert!(reconnects >= 200, "only {reconnects} reconnects");
}

/// Reads a reply over many connections, each from an earlier position. Returns the number of connections.
async fn read_with_reconnects(app: &TestApp, user: &TestUser, model: &str, seed: u64) -> usize {
    let mut dice = Dice::new(seed);
    let mut events = app.say(user, &message(model, "count")).await;
    let generation = events.created().await.generation;
    let mut known: BTreeMap<u64, StreamEvent> = BTreeMap::new();
    let mut reconnects = 0;
    let mut last = 1;
    loop {
        for _ in 0..=dice.below(40) {
            let Some((number, event)) = events.next().await else { break };
            if let StreamEvent::Snapshot(Snapshot { parts, .. }) = &event {
                // Only a finished reply is sent as a snapshot, because its log is gone.
                assert_eq!(text_of(parts).trim(), numbered(TOKENS));
                let (end, event) = events.next().await.unwrap();
                assert!(
                    end > number
                        && matches!(event, StreamEvent::End(StreamEnd { status: Status::Complete, .. }))
                );
                return reconnects;
            }
            assert_eq!(number, last + 1, "after {last} comes the next event, and nothing else");
            last = number;
            let over = matches!(event, StreamEvent::End(_));
            if let Some(before) = known.insert(number, event.clone()) {
                assert_eq!(before, event, "an event is the same whenever it is read");
            }
            if over {
                assert_whole(&known);
                return reconnects;
            }
        }
        drop(events);
        reconnects += 1;
        // Usually from where the connection was lost, sometimes from further back, like a page that was suspended.
        last -= if dice.below(3) == 0 { dice.below(last.min(100)) } else { 0 };
        events = app.follow(user, generation, Some(last)).await;
    }
}

fn assert_whole(seen: &BTreeMap<u64, StreamEvent>) {
    let numbers: Vec<u64> = seen.keys().copied().collect();
    let expected: Vec<u64> = (2..).take(numbers.len()).collect();
    assert_eq!(numbers, expected);
    let mut parts = Parts::default();
    for event in seen.values() {
        parts.apply(event);
    }
    assert_eq!(text_of(&parts).trim(), numbered(TOKENS));
}
