//! The adapter against the scripted provider over real HTTP.

mod support;

use support::{Reply, ask, provider};

#[tokio::test]
async fn a_streamed_reply_arrives_whole_and_in_order() {
    let (mock, provider) = provider();
    let reply = ask(&provider, "mock-tokens-50-rate-0").await;
    assert_eq!(reply, Reply { output_tokens: Some(50), ..Reply::said(&numbered(50)) });
    drop(mock);
}

fn numbered(count: u32) -> String {
    (0..count).map(|n| format!("t{n}")).collect::<Vec<_>>().join(" ")
}
