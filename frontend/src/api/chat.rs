//! `/api/chat`, `/api/generations` and `/api/events`: sending a message, attaching to a reply, stopping it, and hearing
//! what happens elsewhere.

use kaiwa_shared::{GenerationId, stream::SendMessage};

use super::{
    Api, Call, Error, Method,
    stream::{Connection, EventStream},
};

/// The HTTP status of a message that waits for the running reply.
const ACCEPTED: u16 = 202;

/// What became of a message.
pub enum Sent {
    /// It is being answered; the stream begins with `created`.
    Stream(EventStream),
    /// It waits for the running reply to end.
    Queued,
}

impl Api {
    /// Sends a message.
    pub async fn send(self, message: &SendMessage) -> Result<Sent, Error> {
        let (status, stream) = self.open(Call::new(Method::Post, "chat/stream").with_body(message)).await?;
        Ok(if status == ACCEPTED { Sent::Queued } else { Sent::Stream(stream) })
    }

    /// Attaches to a reply that is being written; the stream begins with a `snapshot`, unless it can go on after the
    /// event with the number `last`.
    pub async fn attach(self, generation: GenerationId, last: Option<u64>) -> Result<EventStream, Error> {
        let path = format!("generations/{generation}/events");
        let call = Call { last_event_id: last, ..Call::new(Method::Get, &path) };
        self.open(call).await.map(|(_status, stream)| stream)
    }

    /// What happens in any of the account's conversations; the stream begins with `ready`.
    pub async fn events(self) -> Result<EventStream, Error> {
        self.open(Call::new(Method::Get, "events")).await.map(|(_status, stream)| stream)
    }

    /// Asks the server to stop writing a reply; what has arrived stays.
    pub async fn stop(self, generation: GenerationId) -> Result<(), Error> {
        self.command(Method::Post, format!("generations/{generation}/stop"), None).await
    }

    async fn open(self, mut call: Call<'_>) -> Result<(u16, EventStream), Error> {
        let connection = Connection::new()?;
        let signal = connection.signal();
        call.signal = Some(&signal);
        let response = self.fetch(call).await?;
        Ok((response.status(), EventStream::new(&response, connection)?))
    }
}
