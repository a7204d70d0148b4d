//! Temporary conversations, of which nothing is stored.

use std::sync::Arc;

use kaiwa_bus::Permit;
use kaiwa_shared::{
    GenerationId, MessageId, UserId,
    conversation::ConversationSettings,
    message::{Author, MessageOptions},
    stream::{Created, SendMessage, Started, StreamEvent, TemporaryMessage},
};

use super::{Conversations, files::check_models, send::started};
use crate::{
    Listener, Offer, SendError,
    generation::{
        hub::HubEntry,
        job::{History, Job},
        live::{Live, LiveIds},
        temporary_replies::{KEPT_FOR, TemporaryRequest},
    },
};

impl Conversations {
    /// Starts the replies to a message of a temporary conversation, after its earlier messages.
    pub(super) async fn send_temporary(
        &self,
        owner: UserId,
        message: SendMessage,
        mut messages: Vec<TemporaryMessage>,
    ) -> Result<Listener, SendError> {
        let offer = match &message.model {
            Some(id) => self.find_offer(id)?,
            None => self.services.catalog.default_offer(),
        };
        let parallel = self.find_offers(&message.parallel)?;
        let files = self.keep_files(owner, &messages, &message.content).await?;
        let asked = self.find_files(owner, message.content.files().collect()).await?;
        check_models(std::iter::once(&offer).chain(&parallel), &asked)?;
        let permits = self.generations.gate().try_take(owner, 1 + parallel.len()).await;
        let ids = LiveIds::temporary(owner);
        let first = self.generations.enter(ids);
        let another = || LiveIds { generation: GenerationId::new(), reply: MessageId::new(), ..ids };
        let others: Vec<HubEntry> = parallel.iter().map(|_| self.generations.enter(another())).collect();
        let created_event = created(&ids, &offer, started(&others, &parallel));
        let request = TemporaryRequest {
            id: message.client_message_id,
            content: message.content,
            created: created_event,
        };
        let lives = std::iter::once(first.live()).chain(others.iter().map(HubEntry::live));
        // Over the limit nothing is inserted, but a repeat is still answered.
        let lives: Vec<&Arc<Live>> = lives.filter(|_| permits.is_ok()).collect();
        if let Some((earlier, live)) = self.generations.temporary_replies().insert(owner, &request, &lives) {
            let is_same = earlier.content == request.content;
            return if is_same {
                Ok(Listener::created(live, &earlier.created))
            } else {
                Err(SendError::IdReused)
            };
        }
        let mut permits = permits?;
        let settings = settings_of(message.settings, message.options);
        let listener = Listener::live(Arc::clone(first.live()), Some(0));
        messages.push(TemporaryMessage { author: Author::User, content: request.content });
        first.live().publish(&request.created);
        let history = History::Temporary { messages, files };
        self.begin_temporary(first, offer, history.clone(), settings.clone(), permits.pop());
        for (entry, offer) in others.into_iter().zip(parallel) {
            entry.live().publish(&created(entry.live().ids(), &offer, Vec::new()));
            self.begin_temporary(entry, offer, history.clone(), settings.clone(), permits.pop());
        }
        Ok(listener)
    }

    fn begin_temporary(
        &self,
        entry: HubEntry,
        offer: Offer,
        history: History,
        settings: ConversationSettings,
        permit: Option<Permit>,
    ) {
        let (owner, generation) = (entry.live().ids().owner, entry.live().ids().generation);
        let mut job = Job {
            offer,
            options: settings.options,
            system_prompt: settings.system_prompt,
            history,
            first_message: None,
            needs_title: false,
            permit,
        };
        let generations = self.generations.clone();
        self.generations.spawn(async move {
            generations.run(entry, &mut job).await;
            drop(job);
            generations.temporary_replies().trim(owner);
            // A task that a shutdown does not wait for.
            tokio::spawn(async move {
                tokio::time::sleep(KEPT_FOR).await;
                generations.temporary_replies().remove(owner, generation);
            });
        });
    }
}

/// The settings of the conversation, with the message's own options.
fn settings_of(given: Option<ConversationSettings>, own: MessageOptions) -> ConversationSettings {
    let ConversationSettings { system_prompt, options } = given.unwrap_or_default();
    let system_prompt = system_prompt.filter(|prompt| !prompt.is_empty());
    ConversationSettings { system_prompt, options: own.or(options) }
}

fn created(ids: &LiveIds, offer: &Offer, parallel: Vec<Started>) -> StreamEvent {
    StreamEvent::Created(Created {
        conversation_id: ids.conversation,
        user_message_id: ids.user_message,
        message_id: ids.reply,
        generation_id: ids.generation,
        model: offer.model.id.clone(),
        parallel,
    })
}
