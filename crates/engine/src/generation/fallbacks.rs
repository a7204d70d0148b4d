//! The models that stand in for another one whose provider fails.

use kaiwa_shared::File;
use kaiwa_store::files::FileBlob;

use super::{
    attachments,
    job::{History, Job},
    live::LiveIds,
};
use crate::{Offer, Services};

/// The fallbacks of a job's model, the preferred one first. Those that cannot read the files of the message to answer are
/// passed over, because they would only get their names.
pub(crate) async fn of(services: &Services, ids: &LiveIds, job: &Job) -> kaiwa_store::Result<Vec<Offer>> {
    let mut offers = services.catalog.fallbacks(&job.offer.model.id);
    if !offers.is_empty() {
        let files = files_to_read(services, ids, job).await?;
        offers.retain(|offer| attachments::unreadable(offer, &files).is_none());
    }
    Ok(offers)
}

/// The files of the message to answer that still exist.
async fn files_to_read(
    services: &Services,
    ids: &LiveIds,
    job: &Job,
) -> kaiwa_store::Result<Vec<(File, Vec<FileBlob>)>> {
    if job.first_message.is_some() {
        return Ok(Vec::new());
    }
    let mut tx = services.store.read().await?;
    let named = match &job.history {
        History::Temporary { messages, .. } => {
            messages.last().map(|message| message.content.files().collect()).unwrap_or_default()
        }
        History::Branch | History::Continued(_) => {
            let question = tx.messages().find(ids.owner, ids.user_message).await?;
            question.map(|question| attachments::files_of(&question.parts)).unwrap_or_default()
        }
    };
    let mut files = Vec::with_capacity(named.len());
    for id in named {
        files.extend(tx.files().find(ids.owner, id).await?);
    }
    Ok(files)
}
