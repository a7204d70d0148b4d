//! The built-in demonstration: a provider without a language model.
//!
//! It shows how a reply streams before a model is connected, explains how to connect one, and states in every reply
//! that it is a demonstration.

mod text;

use kaiwa_shared::message::Usage;
use std::time::Duration;

use futures_util::{
    FutureExt, StreamExt,
    future::{self, BoxFuture},
    stream,
};
use tokio::time::{Instant, sleep_until};

use crate::{Content, Error, Event, EventStream, Finish, Provider, Request, Role, abilities::Listed};

/// The demonstration's model name.
pub const MODEL: &str = "demo";

/// Pieces per second: about the speed of a good model.
const PIECES_PER_SECOND: u32 = 60;

/// Maximum characters of a title.
const TITLE_MAX_CHARS: usize = 40;

/// The demonstration.
#[derive(Clone, Copy, Debug)]
pub struct Demo {
    pause: Duration,
}

impl Default for Demo {
    fn default() -> Self {
        Self::new()
    }
}

impl Demo {
    /// A demonstration at the speed of a good model.
    pub fn new() -> Self {
        Self { pause: Duration::from_secs(1) / PIECES_PER_SECOND }
    }

    /// A demonstration that writes its whole reply at once.
    pub fn instant() -> Self {
        Self { pause: Duration::ZERO }
    }
}

impl Provider for Demo {
    fn stream(&self, request: Request) -> BoxFuture<'static, Result<EventStream, Error>> {
        let pause = if request.stream { self.pause } else { Duration::ZERO };
        async move { Ok(reply(&request, pause)) }.boxed()
    }

    fn models(&self) -> BoxFuture<'static, Result<Vec<Listed>, Error>> {
        future::ready(Ok(vec![Listed { id: "demo".to_owned(), ..Listed::default() }])).boxed()
    }
}

fn reply(request: &Request, pause: Duration) -> EventStream {
    let text = answer(request);
    let pieces = pieces(&text);
    let usage = Usage {
        input_tokens: request
            .messages
            .iter()
            .map(|message| estimate_tokens(&text_of(&message.content)))
            .sum(),
        output_tokens: estimate_tokens(&text),
        ..Usage::default()
    };
    let end = [Event::Usage(usage), Event::Finish(Finish::Stop)];
    let start = Instant::now();
    let timed = pieces.into_iter().zip(1u32..).map(move |(piece, n)| (piece, start + pause * n));
    let written = stream::iter(timed).then(|(piece, due)| async move {
        // Uses deadlines so that the pace does not depend on how long each piece takes.
        sleep_until(due).await;
        Event::Text(piece)
    });
    Box::pin(written.chain(stream::iter(end)).map(Ok))
}

fn answer(request: &Request) -> String {
    let said = |role| {
        let of_role = request.messages.iter().filter(move |message| message.role == role);
        of_role.map(|message| text_of(&message.content))
    };
    if said(Role::System).any(|text| text.to_lowercase().contains("title") || text.contains("标题")) {
        return title(&said(Role::User).next().unwrap_or_default());
    }
    text::answer(&said(Role::User).next_back().unwrap_or_default(), said(Role::User).count() <= 1)
}

fn title(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(TITLE_MAX_CHARS).collect()
}

fn text_of(content: &[Content]) -> String {
    let texts = content.iter().filter_map(|content| match content {
        Content::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

/// A rough estimate: one token per four Latin letters or per Chinese character.
fn estimate_tokens(text: &str) -> u64 {
    let quarters: u64 = text.chars().map(|c| if c.is_ascii() { 1 } else { 4 }).sum();
    quarters.div_ceil(4)
}

/// Splits a text into words with their leading space, and into pairs of Chinese characters.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for c in text.chars() {
        match pieces.last_mut() {
            Some(piece) if !is_full(piece, c) => piece.push(c),
            _ => pieces.push(c.into()),
        }
    }
    pieces
}

fn is_full(piece: &str, next: char) -> bool {
    let ends_in_space = piece.ends_with(char::is_whitespace);
    let wide = piece.chars().filter(|c| !c.is_ascii()).count();
    (next.is_whitespace() && !ends_in_space) || wide >= 2 || piece.len() >= 12
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Message;

    async fn ask(messages: Vec<Message>) -> String {
        let request = Request { model: MODEL.into(), messages, stream: true, ..Request::default() };
        let events: Vec<_> = Demo::instant().stream(request).await.unwrap().collect().await;
        assert_eq!(events.last(), Some(&Ok(Event::Finish(Finish::Stop))));
        let text = events.iter().filter_map(|event| match event {
            Ok(Event::Text(text)) => Some(text.as_str()),
            _ => None,
        });
        text.collect()
    }

    async fn say(text: &str) -> String {
        ask(vec![Message::text(Role::User, text)]).await
    }

    #[tokio::test]
    async fn it_says_that_it_is_a_demonstration_and_quotes_what_was_said() {
        let reply = say("Hello there!\nSecond line").await;
        assert!(
            reply.contains("demonstration") && reply.contains("> Hello there!\n> Second line"),
            "{reply}"
        );
    }

    #[tokio::test]
    async fn it_answers_chinese_in_chinese() {
        let reply = say("你好，怎么连接模型？").await;
        assert!(reply.contains("> 你好，怎么连接模型？") && reply.contains("演示"), "{reply}");
        assert!(!reply.contains("demonstration"), "{reply}");
    }

    #[tokio::test]
    async fn the_first_reply_explains_how_to_connect_a_model() {
        for greeting in ["Hi", "嗨"] {
            let reply = say(greeting).await;
            for part in ["LLM_API_URL", "LLM_MODEL", "LLM_API_KEY", "OPENAI_API_KEY", "PRESET_MODELS"] {
                assert!(reply.contains(part), "{part} is missing in {reply}");
            }
            assert!(reply.contains("\n|") && reply.contains("\n1. ") && reply.contains("\n```"), "{reply}");
        }
    }

    #[tokio::test]
    async fn the_reply_depends_on_the_question() {
        assert!(say("How do I use Ollama?").await.contains("http://localhost:11434/v1"));
        assert!(say("Show me some Rust code").await.contains("```rust"));
        assert!(say("来一段代码").await.contains("```rust"));
        assert!(say("a table please").await.contains("|---"));
    }

    #[tokio::test]
    async fn a_title_is_made_of_what_was_said_first() {
        let title = ask(vec![
            Message::text(Role::System, "Write a short title for this conversation."),
            Message::text(Role::User, "How do I\nset this up?"),
        ]);
        assert_eq!(title.await, "How do I set this up?");
    }

    #[test]
    fn cutting_a_text_loses_nothing() {
        let text = text::answer("混合 mixed", true);
        let pieces = pieces(&text);
        assert_eq!(pieces.concat(), text);
        assert!(pieces.len() > 100);
    }
}
