//! `/api/conversations`: the list, its entries and their messages.

use kaiwa_shared::{
    ClientMessageId, ConversationId, MessageId,
    conversation::{Conversation, ForkConversation, Page, ShowMessage, Transcript, UpdateConversation},
};

use super::{Api, Call, Error, Method, json_of, query};

impl Api {
    /// A page of the conversations whose title contains `search`, newest first.
    pub async fn conversations(
        self,
        search: Option<String>,
        after: Option<String>,
    ) -> Result<Page<Conversation>, Error> {
        self.get(&format!("conversations{}", query(&[("q", search), ("after", after)]))).await
    }

    /// Returns a conversation without its messages.
    pub async fn conversation(self, id: ConversationId) -> Result<Conversation, Error> {
        self.get(&format!("conversations/{id}")).await
    }

    /// Changes the title or the model of a conversation.
    pub async fn update_conversation(
        self,
        id: ConversationId,
        change: &UpdateConversation,
    ) -> Result<(), Error> {
        self.command(Method::Patch, format!("conversations/{id}"), json_of(change)).await
    }

    /// Deletes a conversation with all its messages.
    pub async fn delete_conversation(self, id: ConversationId) -> Result<(), Error> {
        self.command(Method::Delete, format!("conversations/{id}"), None).await
    }

    /// Copies the branch down to a message into a new conversation.
    pub async fn fork(self, id: ConversationId, message_id: MessageId) -> Result<Conversation, Error> {
        let path = format!("conversations/{id}/fork");
        self.call(Call::new(Method::Post, &path).with_body(&ForkConversation { message_id })).await
    }

    /// Switches to the branch through a message.
    pub async fn show(self, id: ConversationId, message_id: MessageId) -> Result<(), Error> {
        let path = format!("conversations/{id}/show");
        self.command(Method::Post, path, json_of(&ShowMessage { message_id })).await
    }

    /// Removes a message from the queue.
    pub async fn unqueue(self, id: ConversationId, message: ClientMessageId) -> Result<(), Error> {
        self.command(Method::Delete, format!("conversations/{id}/queue/{message}"), None).await
    }

    /// Sends a queued message now.
    pub async fn send_queued(self, id: ConversationId, message: ClientMessageId) -> Result<(), Error> {
        self.command(Method::Post, format!("conversations/{id}/queue/{message}/send"), None).await
    }

    /// The newest messages of a conversation's shown branch, or at most `limit` of those before `before`.
    pub async fn transcript(
        self,
        id: ConversationId,
        before: Option<MessageId>,
        limit: Option<u32>,
    ) -> Result<Transcript, Error> {
        let query = query(&[
            ("before", before.map(|id| id.to_string())),
            ("limit", limit.map(|limit| limit.to_string())),
        ]);
        self.get(&format!("conversations/{id}/messages{query}")).await
    }
}
