//! Loading earlier messages: a page when the user comes near, or all of them up to a message.

use std::time::Duration;

use kaiwa_shared::{ConversationId, MessageId, conversation::Transcript, message::Message};
use leptos::{prelude::*, task::spawn_local};

use super::Chats;
use crate::{
    api::Error,
    browser::time,
    state::chat::{Chat, Earlier, Phase},
};

/// How many messages a request asks for when many are needed. The server returns at most a megabyte.
const MANY: u32 = 1000;
/// How often to look whether another request has ended.
const PAUSE: Duration = Duration::from_millis(50);

/// Earlier messages, oldest first, and whether there are still earlier ones.
type Pages = (Vec<Message>, bool);

impl Chats {
    /// Loads earlier messages; `ready` runs just before they are put in front.
    pub fn load_earlier(self, chat: Chat, ready: impl AsyncFnOnce() + 'static) {
        let Some((id, first)) = start_of(&chat) else { return };
        if !chat.start_loading_earlier() {
            return;
        }
        spawn_local(async move {
            let answer = self.services().api.transcript(id, Some(first), None).await;
            ready().await;
            self.put_in_front(&chat, first, answer.map(|page| (page.messages, page.has_earlier)));
        });
    }

    /// Loads all messages from `wanted` on; the whole branch without one. Returns whether they are on the page.
    pub async fn load_back_to(self, chat: &Chat, wanted: Option<MessageId>) -> bool {
        loop {
            if wanted.is_some_and(|id| chat.find(id).is_some()) {
                return true;
            }
            let Some((id, first)) = start_of(chat) else { return false };
            if chat.start_loading_earlier() {
                let pages = self.pages_before(id, first, wanted).await;
                if !self.put_in_front(chat, first, pages) {
                    return false;
                }
                // The rows follow the messages in a task of their own.
                time::sleep(Duration::ZERO).await;
            } else if chat.earlier().get_untracked() == Earlier::None || chat.is_closed() {
                return wanted.is_none();
            } else {
                time::sleep(PAUSE).await;
            }
        }
    }

    /// Adds to the first messages of a conversation those up to the one at which the user left it.
    pub(super) async fn reach_place(self, chat: &Chat, transcript: &mut Transcript) {
        let is_first = *chat.phase().read_untracked() != Phase::Ready;
        let (Some(place), Some(first)) = (chat.place(), transcript.messages.first()) else { return };
        let is_there = transcript.messages.iter().any(|message| message.id == place.message);
        if !is_first || is_there || !transcript.has_earlier {
            return;
        }
        let pages = self.pages_before(transcript.conversation.id, first.id, Some(place.message)).await;
        // Without them, the conversation opens at its end.
        if let Ok((messages, has_earlier)) = pages {
            transcript.messages.splice(0..0, messages);
            transcript.has_earlier = has_earlier;
        }
    }

    async fn pages_before(
        self,
        id: ConversationId,
        first: MessageId,
        wanted: Option<MessageId>,
    ) -> Result<Pages, Error> {
        let mut before = first;
        let mut pages = Vec::new();
        loop {
            let page = self.services().api.transcript(id, Some(before), Some(MANY)).await?;
            let has_wanted = page.messages.iter().any(|message| Some(message.id) == wanted);
            let first = page.messages.first().map(|message| message.id);
            pages.push(page.messages);
            match first {
                Some(first) if page.has_earlier && !has_wanted => before = first,
                _ => return Ok((pages.into_iter().rev().flatten().collect(), page.has_earlier)),
            }
        }
    }

    /// Puts earlier messages before `first`, unless another branch is shown by now. Returns whether it has.
    fn put_in_front(self, chat: &Chat, first: MessageId, pages: Result<Pages, Error>) -> bool {
        let is_shown = start_of(chat).is_some_and(|(_, shown)| shown == first);
        let succeeds = match pages {
            Ok((messages, has_earlier)) if is_shown => {
                chat.prepend(messages, has_earlier);
                true
            }
            Ok(_) => false,
            Err(error) => {
                self.fail(&error);
                false
            }
        };
        chat.end_loading_earlier();
        succeeds
    }
}

/// The conversation's id and its first message on the page.
fn start_of(chat: &Chat) -> Option<(ConversationId, MessageId)> {
    let first = chat.messages().read_untracked().first().map(|message| message.id);
    chat.id().get_untracked().zip(first)
}
