//! `/api/messages`: editing and deleting messages.

use kaiwa_shared::{
    Content, MessageId,
    conversation::{EditMessage, Subtree},
};

use super::{Api, Error, Method, json_of};

impl Api {
    /// Replaces the content of a message.
    pub async fn edit(self, id: MessageId, content: Content) -> Result<(), Error> {
        self.command(Method::Patch, format!("messages/{id}"), json_of(&EditMessage { content })).await
    }

    /// What would be deleted with a message.
    pub async fn subtree(self, id: MessageId) -> Result<Subtree, Error> {
        self.get(&format!("messages/{id}/subtree")).await
    }

    /// Deletes a message and everything below it.
    pub async fn delete_message(self, id: MessageId) -> Result<(), Error> {
        self.command(Method::Delete, format!("messages/{id}"), None).await
    }
}
