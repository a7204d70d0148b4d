//! Files in messages: whether they exist, and whether the model can read them.

use std::time::Duration;

use kaiwa_shared::{Content, File, FileId, UserId, stream::TemporaryMessage, time::Millis};
use kaiwa_store::{files::FileBlob, generations::Task};

use super::{Conversations, send::Order};
use crate::{CannotRead, Offer, SendError, generation::attachments};

/// How long the files of a temporary conversation are kept after its last message.
const KEPT_FOR: Duration = Duration::from_hours(7 * 24);

impl Conversations {
    /// Refuses an order if one of its models cannot read a file of the message to answer.
    pub(super) async fn check_files(&self, owner: UserId, order: &Order) -> Result<(), SendError> {
        let files = match (&order.task, &order.earlier) {
            (Task::Send { content, .. }, _) => self.find_files(owner, content.files().collect()).await?,
            (Task::Regenerate { .. }, Some(reply)) => match reply.parent_id {
                Some(question) => {
                    let found = self.services.store.read().await?.messages().find(owner, question).await?;
                    let ids = found.map(|message| attachments::files_of(&message.parts)).unwrap_or_default();
                    self.find_files(owner, ids).await?
                }
                None => Vec::new(),
            },
            (Task::Regenerate { .. } | Task::Continue, _) => Vec::new(),
        };
        check_models(std::iter::once(&order.offer).chain(&order.parallel), &files)
    }

    /// The files of a temporary conversation, which are kept for a while longer. A file of an earlier message may be gone.
    pub(super) async fn keep_files(
        &self,
        owner: UserId,
        messages: &[TemporaryMessage],
        last: &Content,
    ) -> Result<Vec<File>, SendError> {
        let earlier = messages.iter().flat_map(|message| message.content.files());
        let ids: Vec<FileId> = earlier.chain(last.files()).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.services.clock.now().0;
        let until = now.saturating_add(i64::try_from(KEPT_FOR.as_millis()).unwrap_or(i64::MAX));
        let mut tx = self.services.store.begin().await?;
        let files = tx.files().keep(owner, &ids, Millis(until)).await?;
        tx.commit().await?;
        if last.files().all(|id| files.iter().any(|file| file.id == id)) {
            Ok(files)
        } else {
            Err(SendError::FileNotFound)
        }
    }

    /// These files and their blobs.
    pub(super) async fn find_files(
        &self,
        owner: UserId,
        ids: Vec<FileId>,
    ) -> Result<Vec<(File, Vec<FileBlob>)>, SendError> {
        let mut files = Vec::with_capacity(ids.len());
        if ids.is_empty() {
            return Ok(files);
        }
        let mut tx = self.services.store.read().await?;
        for id in ids {
            files.push(tx.files().find(owner, id).await?.ok_or(SendError::FileNotFound)?);
        }
        Ok(files)
    }
}

/// Refuses files that one of these models cannot read.
pub(super) fn check_models<'a>(
    mut offers: impl Iterator<Item = &'a Offer>,
    files: &[(File, Vec<FileBlob>)],
) -> Result<(), SendError> {
    let unreadable = offers.find_map(|offer| {
        let files = attachments::unreadable(offer, files)?;
        Some(CannotRead { model: offer.model.name.clone(), files })
    });
    unreadable.map_or(Ok(()), |what| Err(SendError::CannotRead(what)))
}
