//! The generated title of a conversation, made after its first reply.

use std::time::Duration;

use futures_util::StreamExt;
use kaiwa_llm::{Event, Message, Request, Role};
use kaiwa_shared::{message::Status, title};

use super::live::Live;
use crate::Offer;

/// How long the model may take for a title. After that the title is made of the user's first words.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Characters of the question and of the reply that are sent to the model.
const EXCERPT_CHARS: usize = 1200;

/// Maximum length of an answer, in characters; a longer one is not a title.
const ANSWER_CHARS: usize = 400;

const INSTRUCTION: &str = "Write a title for this conversation: at most six words (or twelve Chinese or Japanese \
     characters), in the language of the user's message, without quotation marks and without a full stop. Answer \
     with the title only.";

/// Returns a title for the first question and its reply. Asks the model, unless it is the demo, the reply is not
/// complete, or the reader stops.
pub(crate) async fn make(offer: &Offer, live: &Live, question: &str, status: Status) -> String {
    let own_words = title::from_text(question);
    if offer.model.demo || status != Status::Complete {
        return own_words;
    }
    let reply = live.text();
    let asked = tokio::time::timeout(TIMEOUT, ask(offer, question, &reply));
    let answer = tokio::select! {
        _ = live.halted() => None,
        answer = asked => answer.ok().flatten(),
    };
    answer.map(|text| title::from_model(&text)).filter(|title| !title.is_empty()).unwrap_or(own_words)
}

async fn ask(offer: &Offer, question: &str, reply: &str) -> Option<String> {
    let excerpt = |text: &str| text.chars().take(EXCERPT_CHARS).collect::<String>();
    let conversation = format!("User: {}\n\nAssistant: {}", excerpt(question), excerpt(reply));
    let request = Request {
        model: offer.provider_model.clone(),
        messages: vec![Message::text(Role::System, INSTRUCTION), Message::text(Role::User, conversation)],
        stream: true,
        ..Request::default()
    };
    let mut events = offer.provider.stream(request).await.ok()?;
    let mut answer = String::new();
    while let Some(event) = events.next().await {
        if let Event::Text(text) = event.ok()? {
            answer.push_str(&text);
            if answer.len() > ANSWER_CHARS {
                return None;
            }
        }
    }
    Some(answer)
}
