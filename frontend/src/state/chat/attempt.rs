//! Something said that the server has not accepted yet.

use kaiwa_shared::{
    ClientMessageId, ConversationId,
    stream::{Parent, SendMessage},
};

/// Something said, on its way to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Names the attempt; a repeat under the same name makes no second message.
    pub client_message_id: ClientMessageId,
    /// What is said.
    pub content: String,
    /// Where it hangs.
    pub parent: Parent,
    /// The model that is to answer.
    pub model: Option<String>,
}

impl Attempt {
    /// An attempt to say `content`. If that is what `failed` tried, the name stays, because the server may have
    /// accepted the message before the connection broke.
    pub fn new(failed: Option<&Self>, content: String, parent: Parent, model: Option<String>) -> Self {
        let client_message_id = failed
            .filter(|failed| failed.content == content && failed.parent == parent)
            .map_or_else(ClientMessageId::new, |failed| failed.client_message_id);
        Self { client_message_id, content, parent, model }
    }

    /// The request that carries it.
    pub fn request(&self, conversation_id: Option<ConversationId>) -> SendMessage {
        SendMessage {
            conversation_id,
            parent_id: self.parent,
            content: self.content.clone(),
            model: self.model.clone(),
            ..SendMessage::new(self.client_message_id)
        }
    }
}

#[cfg(test)]
mod tests {
    use kaiwa_shared::MessageId;

    use super::*;

    #[test]
    fn a_repeat_keeps_its_name_and_another_text_gets_another() {
        let first = Attempt::new(None, "Hello".into(), Parent::ShownEnd, None);
        let repeat = Attempt::new(Some(&first), "Hello".into(), Parent::ShownEnd, None);
        let other = Attempt::new(Some(&first), "Hello!".into(), Parent::ShownEnd, None);
        let elsewhere = Attempt::new(Some(&first), "Hello".into(), Parent::Message(MessageId::new()), None);
        assert_eq!(repeat.client_message_id, first.client_message_id);
        assert_ne!(other.client_message_id, first.client_message_id);
        assert_ne!(elsewhere.client_message_id, first.client_message_id);
    }
}
