//! What is sent to the model: the branch above the reply, as much of it as fits.

use kaiwa_llm::{Content, Message, Request, Role};
use kaiwa_shared::message::{self, Author, Part, Status};

use crate::{
    Engine,
    job::{History, Job},
    live::LiveIds,
};

/// Most messages of a branch that are looked at. A window of 120 000 tokens is reached long before.
const MESSAGES_MAX: u32 = 400;

/// Builds the request for a reply.
pub(crate) async fn request(engine: &Engine, ids: &LiveIds, job: &Job) -> kaiwa_store::Result<Request> {
    let messages = match &job.history {
        History::Branch => stored(engine, ids).await?,
        History::Continued(parts) => {
            let mut messages = stored(engine, ids).await?;
            messages.push(Message::text(Role::Assistant, message::text_of(parts)));
            messages
        }
        History::Temporary(said) => {
            said.iter().map(|message| Message::text(role_of(message.author), message.text.as_str())).collect()
        }
    };
    Ok(Request {
        model: job.offer.provider_model.clone(),
        messages: fitting(messages, engine.0.options.context_tokens),
        stream: engine.0.options.stream,
        ..Request::default()
    })
}

/// What is stored of the branch, down to the message that is answered.
async fn stored(engine: &Engine, ids: &LiveIds) -> kaiwa_store::Result<Vec<Message>> {
    let branch = engine
        .0
        .store
        .messages()
        .branch(ids.owner, ids.conversation, ids.user_message, None, MESSAGES_MAX)
        .await?;
    Ok(branch.messages.iter().filter_map(to_llm).collect())
}

const fn role_of(author: Author) -> Role {
    match author {
        Author::User => Role::User,
        Author::Assistant => Role::Assistant,
    }
}

/// A stored message as a provider is told of it; `None` if there is nothing to tell.
fn to_llm(message: &message::Message) -> Option<Message> {
    // A failed reply said nothing; its error is ours, not the model's.
    if message.status == Status::Failed && message.text().is_empty() {
        return None;
    }
    let content: Vec<Content> = message
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::Text { text } => Some(Content::Text(text.clone())),
            // Calls without results would be refused, and reasoning is wanted back by no provider in plain turns.
            Part::Reasoning { .. }
            | Part::ToolCall { .. }
            | Part::ToolResult { .. }
            | Part::Citation(_)
            | Part::Error { .. } => None,
        })
        .collect();
    (!content.is_empty()).then_some(Message { role: role_of(message.author), content })
}

/// The newest messages whose estimated tokens fit into `budget`, oldest first. The last one always stays.
fn fitting(messages: Vec<Message>, budget: usize) -> Vec<Message> {
    let mut left = budget;
    let mut kept: Vec<Message> = Vec::new();
    for message in messages.into_iter().rev() {
        let cost: usize = message.content.iter().map(|content| estimate(text_of(content))).sum();
        if cost > left && !kept.is_empty() {
            break;
        }
        left = left.saturating_sub(cost);
        kept.push(message);
    }
    // A conversation that begins with the model's own words is refused by some providers.
    while kept.len() > 1 && kept.last().is_some_and(|message| message.role == Role::Assistant) {
        kept.pop();
    }
    kept.reverse();
    kept
}

fn text_of(content: &Content) -> &str {
    match content {
        Content::Text(text)
        | Content::Reasoning(text)
        | Content::ToolCall { arguments: text, .. }
        | Content::ToolResult { output: text, .. } => text,
        Content::Image { .. } | Content::Native(_) => "",
    }
}

/// A careful guess of the tokens in `text`: about four ASCII bytes to a token, and one for every other character.
fn estimate(text: &str) -> usize {
    let ascii = text.bytes().filter(u8::is_ascii).count();
    let other = text.chars().count().saturating_sub(ascii);
    ascii.div_ceil(4) + other
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(role: Role, text: &str) -> Message {
        Message::text(role, text)
    }

    #[test]
    fn the_newest_messages_that_fit_are_sent() {
        let history = vec![
            said(Role::User, &"a".repeat(400)),
            said(Role::Assistant, &"b".repeat(400)),
            said(Role::User, &"c".repeat(400)),
            said(Role::Assistant, &"d".repeat(400)),
            said(Role::User, "last"),
        ];
        let sent = fitting(history.clone(), 250);
        assert_eq!(sent, history.get(2..).unwrap());
    }

    #[test]
    fn the_last_message_is_sent_however_long_it_is() {
        let history = vec![said(Role::User, "a"), said(Role::User, &"话".repeat(1000))];
        assert_eq!(fitting(history.clone(), 10), history.get(1..).unwrap());
    }
}
