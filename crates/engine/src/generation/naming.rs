//! Giving a conversation its title, after its first reply.
//!
//! A reply does not wait for it: until the model has made a title, the conversation is called by the first words of the
//! question.

use kaiwa_shared::message::Status;

use super::{job::Job, live::Live, title};
use crate::{Offer, Services};

/// Asks the model for a title and stores it; `true` if the conversation has a new one.
pub(super) async fn set_title(
    services: &Services,
    live: &Live,
    job: &Job,
    offer: &Offer,
    status: Status,
) -> bool {
    let Some(question) = question(services, live, job).await else { return false };
    let title = title::make(offer, live, &question, status).await;
    if title.is_empty() {
        return false;
    }
    match store_title(services, live, &title).await {
        Ok(is_set) => is_set,
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "a title could not be stored");
            false
        }
    }
}

/// The text of the message to answer; `None` if it was deleted or cannot be read.
async fn question(services: &Services, live: &Live, job: &Job) -> Option<String> {
    if job.first_message.is_some() {
        return job.first_message.clone();
    }
    let ids = live.ids();
    let mut tx = services.store.read().await.ok()?;
    let message = tx.messages().find(ids.owner, ids.user_message).await.ok()??;
    Some(message.text())
}

async fn store_title(services: &Services, live: &Live, title: &str) -> kaiwa_store::Result<bool> {
    let mut tx = services.store.begin().await?;
    let is_set = tx.conversations().set_generated_title(live.ids().conversation, title).await?;
    tx.commit().await?;
    Ok(is_set)
}
