//! The task that writes one reply.

use std::time::Duration;

use futures_util::StreamExt;
use kaiwa_llm::{Error, ErrorKind, Event, EventStream, FinishReason};
use kaiwa_shared::{
    Code, Problem,
    message::{Status, Usage},
    stream::StreamEvent,
};
use kaiwa_store::entities::Finish;
use tokio::time::Instant;

use crate::{Engine, Offer, context, hub::Entry, job::Job, live::Live, titles, to_stream_event};

/// How many events of a provider that are ready at once are taken together.
const BATCH: usize = 64;

/// How often the end of a reply is offered to a database that does not take it, and how long between the attempts.
const FINISH_ATTEMPTS: u32 = 20;
const FINISH_PAUSE: Duration = Duration::from_millis(500);

/// How a reply ended.
struct Outcome {
    status: Status,
    usage: Option<Usage>,
}

/// Writes the reply of a started turn to its end, stores it unless it is temporary, and says how it ended.
pub(crate) async fn run(engine: Engine, entry: Entry, job: Job) -> Status {
    let live = entry.live();
    let mut usage = None;
    let status = write(&engine, live, &job, &mut usage).await;
    let outcome = Outcome { status, usage };
    if !job.is_temporary() {
        store_end(&engine, live, &outcome).await;
        if job.untitled {
            give_title(&engine, live, &job.offer, outcome.status).await;
        }
    }
    live.publish(&StreamEvent::End { status: outcome.status, finish: None });
    tracing::info!(generation = %live.ids().generation, status = outcome.status.as_str(), "generation ended");
    outcome.status
}

/// Asks the model and publishes what it says. An error becomes the reply's last event.
async fn write(engine: &Engine, live: &Live, job: &Job, usage: &mut Option<Usage>) -> Status {
    let request = match context::request(engine, live.ids(), job).await {
        Ok(request) => request,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the conversation could not be read");
            let problem = Problem::new(Code::Unavailable, "The conversation could not be read. Try again.");
            live.publish(&StreamEvent::Error { problem });
            return Status::Failed;
        }
    };
    let answer = tokio::select! {
        biased;
        () = live.stopped().cancelled() => return Status::Stopped,
        () = live.deadline().cancelled() => return Status::Interrupted,
        answer = job.offer.provider.stream(request) => answer,
    };
    match answer {
        Ok(events) => relay(live, events, usage).await,
        Err(error) => fail(live, &error),
    }
}

/// Publishes events until the stream ends. Leaving drops the stream, which closes the provider's connection.
async fn relay(live: &Live, events: EventStream, usage: &mut Option<Usage>) -> Status {
    let mut events = events.ready_chunks(BATCH);
    let mut reply = Reply { live, usage, thinking_since: None, finished: None };
    loop {
        let batch = tokio::select! {
            biased;
            () = live.stopped().cancelled() => return Status::Stopped,
            () = live.deadline().cancelled() => return interrupted(live),
            batch = events.next() => batch,
        };
        let Some(batch) = batch else { return reply.end() };
        if let Some(error) = reply.take(batch) {
            return fail(live, &error);
        }
    }
}

/// What must be remembered between two batches of events.
struct Reply<'a> {
    live: &'a Live,
    usage: &'a mut Option<Usage>,
    thinking_since: Option<Instant>,
    finished: Option<FinishReason>,
}

impl Reply<'_> {
    /// Publishes what arrived together, neighbouring texts as one event: a fast model costs fewer writes.
    fn take(&mut self, batch: Vec<Result<Event, Error>>) -> Option<Error> {
        let mut open: Option<Event> = None;
        for item in batch {
            let event = match item {
                Ok(event) => event,
                Err(error) => {
                    self.publish(open);
                    return Some(error);
                }
            };
            open = match (open, event) {
                (Some(Event::Text(mut text)), Event::Text(more)) => {
                    text.push_str(&more);
                    Some(Event::Text(text))
                }
                (Some(Event::Reasoning(mut text)), Event::Reasoning(more)) => {
                    text.push_str(&more);
                    Some(Event::Reasoning(text))
                }
                (before, event) => {
                    self.publish(before);
                    Some(event)
                }
            };
        }
        self.publish(open);
        None
    }

    fn publish(&mut self, event: Option<Event>) {
        let Some(event) = event else { return };
        match &event {
            Event::Reasoning(_) => {
                self.thinking_since.get_or_insert_with(Instant::now);
            }
            Event::Text(_) | Event::ToolCall(_) => self.note_end_of_thinking(),
            Event::TextWasReasoning => return self.live.turn_text_into_reasoning(),
            Event::Usage(_) | Event::ToolResult(_) | Event::Citation(_) | Event::Native(_) => {}
            Event::Finish(reason) => self.finished = Some(reason.clone()),
        }
        let Some(event) = to_stream_event(event) else { return };
        if let StreamEvent::Usage(cost) = &event {
            *self.usage = Some(*cost);
        }
        self.live.publish(&event);
    }

    fn note_end_of_thinking(&mut self) {
        if let Some(since) = self.thinking_since.take() {
            self.live.set_reasoning_duration(u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX));
        }
    }

    /// The stream has ended without an error.
    fn end(mut self) -> Status {
        self.note_end_of_thinking();
        match self.finished {
            Some(FinishReason::ContentFilter) => fail(
                self.live,
                &Error::new(ErrorKind::ContentFilter, "The provider's content filter ended the reply."),
            ),
            Some(_) => Status::Complete,
            None => fail(self.live, &Error::new(ErrorKind::CutOff, "The stream ended before the reply did.")),
        }
    }
}

fn interrupted(live: &Live) -> Status {
    let problem =
        Problem::new(Code::Interrupted, "The server was stopped while the reply was being written.");
    live.publish(&StreamEvent::Error { problem });
    Status::Interrupted
}

/// Publishes an error and says what it makes of the reply: one that had begun is interrupted, not failed.
fn fail(live: &Live, error: &Error) -> Status {
    let begun = !live.text().is_empty();
    tracing::warn!(
        generation = %live.ids().generation,
        kind = ?error.kind,
        status = error.status,
        retryable = error.retryable,
        begun,
        "the provider failed",
    );
    live.publish(&StreamEvent::Error { problem: to_problem(error) });
    if begun && error.kind != ErrorKind::ContentFilter { Status::Interrupted } else { Status::Failed }
}

fn to_problem(error: &Error) -> Problem {
    let code = match error.kind {
        ErrorKind::Auth => Code::ProviderAuth,
        ErrorKind::RateLimit => Code::ProviderRateLimit,
        ErrorKind::Quota => Code::ProviderQuota,
        ErrorKind::ContextLength => Code::ContextLength,
        ErrorKind::ContentFilter => Code::ContentFilter,
        ErrorKind::ModelNotFound => Code::ModelNotFound,
        ErrorKind::InvalidRequest => Code::ProviderRejected,
        ErrorKind::Unavailable => Code::ProviderUnavailable,
        ErrorKind::Timeout => Code::ProviderTimeout,
        ErrorKind::Network => Code::ProviderUnreachable,
        ErrorKind::Protocol => Code::ProviderProtocol,
        ErrorKind::CutOff => Code::ProviderCutOff,
    };
    let mut problem = Problem::new(code, error.detail.clone());
    problem.retry_after = error.retry_after.map(|wait| wait.as_secs().max(1));
    problem
}

/// Stores the end of a reply, and tries again while the database is away: the reply is all there is of it.
async fn store_end(engine: &Engine, live: &Live, outcome: &Outcome) {
    for attempt in 1..=FINISH_ATTEMPTS {
        let end = Finish {
            checkpoint: live.checkpoint(),
            status: outcome.status,
            usage: outcome.usage,
            now: engine.0.clock.now(),
        };
        match engine.0.store.generations().finish(&end).await {
            Ok(_) => return live.stored(end.checkpoint.sequence),
            Err(error) if attempt == FINISH_ATTEMPTS => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    generation = %live.ids().generation,
                    "the end of a reply could not be stored",
                );
            }
            Err(_) => tokio::time::sleep(FINISH_PAUSE).await,
        }
    }
}

async fn give_title(engine: &Engine, live: &Live, offer: &Offer, status: Status) {
    let ids = live.ids();
    let question = match engine.0.store.messages().find(ids.owner, ids.user_message).await {
        Ok(Some(message)) => message.text(),
        // Deleted in the meantime, or the database is away: there is nothing to give a title to.
        Ok(None) | Err(_) => return,
    };
    let title = titles::make(offer, live, &question, status).await;
    if title.is_empty() {
        return;
    }
    match engine.0.store.conversations().set_generated_title(ids.conversation, &title).await {
        Ok(true) => live.publish(&StreamEvent::Title { title }),
        Ok(false) => {}
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "a title could not be stored");
        }
    }
}
