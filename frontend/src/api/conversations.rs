//! `/api/conversations`: the list, its entries and their messages.

use kaiwa_shared::{
    ConversationId, MessageId,
    conversation::{Conversation, Page, Transcript, UpdateConversation},
};

use super::{Api, Call, Error, Method, query};

impl Api {
    /// A page of the conversations whose title contains `search`, newest first.
    pub async fn conversations(
        self,
        search: Option<String>,
        after: Option<String>,
    ) -> Result<Page<Conversation>, Error> {
        self.get(&format!("conversations{}", query(&[("q", search), ("after", after)]))).await
    }

    /// Changes the title or the model of a conversation.
    pub async fn update_conversation(
        self,
        id: ConversationId,
        change: &UpdateConversation,
    ) -> Result<(), Error> {
        let path = format!("conversations/{id}");
        self.fetch(Call::new(Method::Patch, &path).with_body(change)).await.map(|_response| ())
    }

    /// Deletes a conversation with all its messages.
    pub async fn delete_conversation(self, id: ConversationId) -> Result<(), Error> {
        let path = format!("conversations/{id}");
        self.fetch(Call::new(Method::Delete, &path)).await.map(|_response| ())
    }

    /// The newest messages of a conversation's shown branch, or those above `before`.
    pub async fn transcript(
        self,
        id: ConversationId,
        before: Option<MessageId>,
    ) -> Result<Transcript, Error> {
        let query = query(&[("before", before.map(|id| id.to_string()))]);
        self.get(&format!("conversations/{id}/messages{query}")).await
    }
}
