//! `/api/chat` and `/api/generations`: sending a message, attaching to a reply, stopping it.

use kaiwa_shared::{GenerationId, stream::SendMessage};

use super::{
    Api, Call, Error, Method,
    stream::{Connection, EventStream},
};

impl Api {
    /// Sends a message; the answer is the stream of the reply, which begins with `created`.
    pub async fn send(self, message: &SendMessage) -> Result<EventStream, Error> {
        self.open(Call::new(Method::Post, "chat/stream").with_body(message)).await
    }

    /// Attaches to a reply that is being written; the stream begins with a `snapshot`, unless it can go on after the
    /// event with the number `last`.
    pub async fn attach(self, generation: GenerationId, last: Option<u64>) -> Result<EventStream, Error> {
        let path = format!("generations/{generation}/events");
        let mut call = Call::new(Method::Get, &path);
        call.last_event_id = last;
        self.open(call).await
    }

    /// Asks the server to stop writing a reply; what has arrived stays.
    pub async fn stop(self, generation: GenerationId) -> Result<(), Error> {
        let path = format!("generations/{generation}/stop");
        self.fetch(Call::new(Method::Post, &path)).await.map(|_response| ())
    }

    async fn open(self, mut call: Call<'_>) -> Result<EventStream, Error> {
        let connection = Connection::new()?;
        let signal = connection.signal();
        call.signal = Some(&signal);
        let response = self.fetch(call).await?;
        EventStream::new(&response, connection)
    }
}
