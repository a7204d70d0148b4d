//! The generated title of a conversation, made after its first reply.

use std::time::Duration;

use futures_util::StreamExt;
use kaiwa_llm::{Event, Message, Request, Role};
use kaiwa_shared::{
    message::{Effort, Status},
    title,
};

use super::live::Live;
use crate::Offer;

/// How long the model may take for a title. After that the title is made of the user's first words.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Characters of the question and of the reply that are sent to the model.
const EXCERPT_CHARS: usize = 1200;

/// Maximum bytes of an answer. Some of it may turn out to be reasoning.
const ANSWER_BYTES: usize = 64 * 1024;

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
        // A title needs no thought, which would take longer than the reader waits.
        effort: offer.model.abilities.reasoning.filter(|thinks| *thinks).map(|_| Effort::Off),
        ..Request::default()
    };
    let mut events = offer.provider.stream(request).await.ok()?;
    let mut answer = String::new();
    while let Some(event) = events.next().await {
        match event.ok()? {
            Event::Text(text) => answer.push_str(&text),
            Event::TextWasReasoning => answer.clear(),
            _ => {}
        }
        if answer.len() > ANSWER_BYTES {
            return None;
        }
    }
    Some(answer)
}
