//! Stopping a generation that runs in another process.

use kaiwa_bus::{Bus, Missed};
use kaiwa_shared::{GenerationId, UserId};

use super::Generations;

/// The topic of the generations to stop, each with its owner.
const TOPIC: &str = "stops";

/// Asks the process that runs a generation to stop it.
pub(super) fn publish(bus: &dyn Bus, owner: UserId, generation: GenerationId) {
    match serde_json::to_vec(&(owner, generation)) {
        Ok(message) => bus.publish(TOPIC, message.into()),
        Err(error) => tracing::error!(%error, "a stop could not be encoded"),
    }
}

/// Starts the task that stops generations of this process for others. It ends at the engine's deadline.
pub(super) async fn follow(generations: &Generations) {
    let mut stops = generations.services.bus.subscribe(TOPIC).await;
    let (hub, deadline) = (generations.hub.clone(), generations.deadline.clone());
    tokio::spawn(async move {
        loop {
            let messages = tokio::select! {
                messages = stops.next() => messages,
                () = deadline.cancelled() => return,
            };
            let messages = messages.unwrap_or_else(|Missed| {
                tracing::warn!("stops of other processes were missed");
                Vec::new()
            });
            for message in messages {
                let stop = serde_json::from_slice::<(UserId, GenerationId)>(&message);
                if let Some(live) = stop.ok().and_then(|(owner, generation)| hub.find(owner, generation)) {
                    live.stop();
                }
            }
        }
    });
}
