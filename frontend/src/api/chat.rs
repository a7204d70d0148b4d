//! `/api/chat`, `/api/generations` and `/api/events`: sending messages, following and stopping replies, and the feed of
//! changes.

use kaiwa_shared::{GenerationId, stream::SendMessage};

use super::{
    Api, Call, Error, Method,
    stream::{Connection, EventStream},
};

/// The HTTP status of a message that was queued.
const ACCEPTED: u16 = 202;

/// What became of a message.
pub enum Sent {
    /// A reply has begun; the stream starts with `created`.
    Stream(EventStream),
    /// It was queued.
    Queued,
}

impl Api {
    /// Sends a message.
    pub async fn send(self, message: &SendMessage) -> Result<Sent, Error> {
        let (status, stream) = self.open(Call::new(Method::Post, "chat/stream").with_body(message)).await?;
        Ok(if status == ACCEPTED { Sent::Queued } else { Sent::Stream(stream) })
    }

    /// Attaches to a reply that is being written. The stream starts after event number `last` if the server can still send
    /// those events, otherwise with a `snapshot`.
    pub async fn attach(self, generation: GenerationId, last: Option<u64>) -> Result<EventStream, Error> {
        let path = format!("generations/{generation}/events");
        let call = Call { last_event_id: last, ..Call::new(Method::Get, &path) };
        self.open(call).await.map(|(_status, stream)| stream)
    }

    /// The changes in all of the user's conversations; the stream starts with `ready`.
    pub async fn events(self) -> Result<EventStream, Error> {
        self.open(Call::new(Method::Get, "events")).await.map(|(_status, stream)| stream)
    }

    /// Stops a reply; what has arrived is kept.
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
