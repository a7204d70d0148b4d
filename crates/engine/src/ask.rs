//! Asking for a reply: who, how often, and with how much of the conversation, until there is one or nobody is left.
//!
//! Before the first token a request is sent again after a wait, then to the next provider of the same model. After it
//! the reply is kept as far as it came; where the administrator wants that, another provider continues it once.

use std::{
    future::poll_fn,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_util::StreamExt;
use kaiwa_llm::{Error, ErrorKind, EventStream, FinishReason};
use kaiwa_shared::{
    message::{self, ContextUse, Finish, Status, Usage},
    stream::{Retrying, StreamEvent},
};

use crate::{
    Engine, Offer,
    context::{self, Prepared, Question},
    continuation::Seam,
    failure::{self, Ending, Halt},
    halted::Halted,
    history::{self, Branch, Turn},
    job::{History, Job},
    live::Live,
    reply::{self, Reply},
    retry::{self, Patience},
    tokens,
};

/// How many events of a provider that are ready at once are taken before anything else is looked at.
const BATCH: usize = 64;

/// The way to one reply.
pub(crate) struct Asking<'a> {
    engine: &'a Engine,
    live: &'a Live,
    job: &'a Job,
    /// Who was asked last.
    answered: Offer,
    /// How many requests were sent.
    attempts: u32,
    /// What the reply has cost so far.
    usage: Option<Usage>,
    /// How many more bytes it may have.
    room: usize,
    context: Option<ContextUse>,
    /// The message that is answered, if nothing was said before it, until it has been sent once.
    opening: Option<String>,
}

/// What came of asking.
enum Answer {
    /// The reply is over.
    Ended(Ending),
    /// The provider failed before it said anything.
    Refused(Error),
    /// The provider failed after it had said something.
    Broke(Error),
}

impl<'a> Asking<'a> {
    /// Nobody has been asked yet; `spent` is what the reply cost before it is continued.
    pub(crate) fn new(
        engine: &'a Engine,
        live: &'a Live,
        job: &'a Job,
        spent: Option<Usage>,
        opening: Option<String>,
    ) -> Self {
        Self {
            engine,
            live,
            job,
            answered: job.offer.clone(),
            attempts: 0,
            usage: spent,
            room: engine.0.options.limits.reply_bytes,
            context: None,
            opening,
        }
    }

    /// Who wrote the reply, or was asked last.
    pub(crate) fn answered(&self) -> &Offer {
        &self.answered
    }

    /// What the reply cost, as far as that is known.
    pub(crate) fn usage(&self) -> Option<Usage> {
        self.usage
    }

    /// Asks until the reply is over. What went wrong becomes its last event.
    pub(crate) async fn write(&mut self) -> Ending {
        let mut halted = Halted::new(self.live, self.engine.0.options.limits.reply_time);
        let fallbacks = self.engine.0.catalog.fallbacks(&self.job.offer.model.id);
        let offers: Vec<Offer> = std::iter::once(self.job.offer.clone()).chain(fallbacks).collect();
        let mut answer = self.ask_each(&offers, &mut halted).await;
        if let Answer::Broke(error) = &answer
            && self.engine.0.options.auto_continue
            && retry::another_may_answer(error.kind)
            && let Some(next) = offers.iter().skip(1).find(|offer| offer.model.id != self.answered.model.id)
        {
            self.announce(Duration::ZERO, Some(next), error);
            answer = self.ask_each(std::slice::from_ref(next), &mut halted).await;
        }
        match answer {
            Answer::Ended(ending) => ending,
            Answer::Refused(error) | Answer::Broke(error) => failure::fail(self.live, &error),
        }
    }

    /// Asks one after the other until one answers.
    async fn ask_each(&mut self, offers: &[Offer], halted: &mut Halted<'a>) -> Answer {
        let mut offers = offers.iter().peekable();
        loop {
            let Some(offer) = offers.next() else {
                return Answer::Refused(Error::new(ErrorKind::ModelNotFound, "No provider is configured."));
            };
            self.answered = offer.clone();
            let answer = self.ask(offer, halted).await;
            let Answer::Refused(error) = &answer else { return answer };
            match offers.peek() {
                Some(next) if retry::another_may_answer(error.kind) => {
                    self.announce(Duration::ZERO, Some(next), error);
                }
                _ => return answer,
            }
        }
    }

    /// Asks one provider, again after a wait where that may help, and once with less if it was too much.
    async fn ask(&mut self, offer: &Offer, halted: &mut Halted<'a>) -> Answer {
        let mut patience = Patience::new(self.live.ids().generation);
        let mut window = context::window(offer, &self.job.options, self.engine.0.options.context_tokens);
        let mut shrunk = false;
        loop {
            let so_far = self.live.text();
            // Boxed, as everything that is done once per reply: a future keeps room for the largest thing it ever does,
            // and this one lives as long as the reply is written.
            let prepared = match Box::pin(self.prepare(offer, &so_far, window)).await {
                Ok(prepared) => prepared,
                Err(error) => return Answer::Ended(failure::unreadable(self.live, &error)),
            };
            let (used, can_shrink) = (prepared.context.used_tokens, prepared.can_shrink);
            let error = match self.attempt(offer, prepared, &so_far, halted).await {
                Answer::Refused(error) => error,
                answer => return answer,
            };
            if error.kind == ErrorKind::ContextLength && can_shrink && !shrunk {
                (window, shrunk) = (used.min(window) / 2, true);
                self.announce(Duration::ZERO, None, &error);
                continue;
            }
            let Some(wait) = patience.after(&error) else { return Answer::Refused(error) };
            self.announce(wait, None, &error);
            tokio::select! {
                biased;
                halt = &mut *halted => return Answer::Ended(failure::halt(self.live, halt)),
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Reads what was said, as much as the window holds, and makes the request of it. It is read for each request
    /// anew, because remembering it would cost more than that: the reply may take minutes, and a conversation be long.
    /// Only a message before which nothing was said is at hand for the first request.
    async fn prepare(&mut self, offer: &Offer, so_far: &str, window: u64) -> kaiwa_store::Result<Prepared> {
        let (turns, unread) = match (&self.job.history, self.opening.take()) {
            (History::Temporary(said), _) => (history::temporary_turns(said), 0),
            (History::Branch | History::Continued(_), Some(opening)) => (vec![Turn::said(opening)], 0),
            (History::Branch | History::Continued(_), None) => {
                let branch = Branch::read(self.engine, self.live.ids(), window).await?;
                (branch.turns(&offer.slug), branch.unread())
            }
        };
        Ok(context::prepare(Question {
            offer,
            turns,
            unread,
            so_far,
            options: &self.job.options,
            conversation: Some(self.live.ids().conversation.to_string()),
            stream: self.engine.0.options.stream,
            window,
        }))
    }

    /// Sends one request and reads its answer.
    async fn attempt(
        &mut self,
        offer: &Offer,
        prepared: Prepared,
        so_far: &str,
        halted: &mut Halted<'a>,
    ) -> Answer {
        self.attempts += 1;
        self.show_context(prepared.context);
        let prefills = !so_far.is_empty() && offer.provider.prefills(&offer.provider_model);
        let answer = tokio::select! {
            biased;
            halt = &mut *halted => return Answer::Ended(failure::halt(self.live, halt)),
            answer = offer.provider.stream(prepared.request) => answer,
        };
        let events = match answer {
            Ok(events) => events,
            Err(error) => return Answer::Refused(error),
        };
        let seam = (!so_far.is_empty()).then(|| Seam::new(so_far, prefills));
        let before = tokens::of_parts(&self.live.parts());
        let mut reply = Reply::new(self.live, offer, self.usage, seam, self.room);
        let end = relay(&mut reply, events, halted).await;
        reply.end();
        self.room = reply.room();
        let begun = reply.has_begun();
        let finished = reply.finished().cloned();
        let written = tokens::of_parts(&self.live.parts()).saturating_sub(before);
        self.settle(offer, &reply, written, finished.is_some());
        match end {
            End::Halted(halt) => Answer::Ended(failure::halt(self.live, halt)),
            End::Failed(error) if begun => Answer::Broke(error),
            End::Failed(error) => Answer::Refused(error),
            End::Closed => match finished {
                Some(reason) => Answer::Ended(self.finish(&reason)),
                None if begun => Answer::Broke(cut_off()),
                None => Answer::Refused(cut_off()),
            },
        }
    }

    /// What the model's own reason makes of the reply.
    fn finish(&self, reason: &FinishReason) -> Ending {
        let finish = match reason {
            FinishReason::Stop => Finish::Stop,
            FinishReason::Length => Finish::Length,
            FinishReason::ToolCalls => Finish::ToolCalls,
            FinishReason::Refusal => Finish::Refusal,
            FinishReason::Other(_) => Finish::Other,
            FinishReason::ContentFilter => {
                let detail = "The provider's content filter ended the reply.";
                return failure::fail(self.live, &Error::new(ErrorKind::ContentFilter, detail));
            }
        };
        Ending { status: Status::Complete, finish: Some(finish) }
    }

    /// Says what the answer cost, by the provider's count or by our estimate where it gave none.
    fn settle(&mut self, offer: &Offer, reply: &Reply<'_>, written: u64, whole: bool) {
        let sent = self.context.map_or(0, |context| context.used_tokens);
        let Some(now) = settled(reply.usage(), sent, written, whole) else { return };
        if let Some(context) =
            self.context.filter(|_| reply.usage().is_some_and(|usage| usage.input_tokens > 0))
        {
            self.show_context(ContextUse { used_tokens: now.input_tokens, estimated: false, ..context });
        }
        let total = reply::total(self.usage.as_ref(), now, offer.model.abilities.prices.as_ref());
        self.usage = Some(total);
        // The provider's own count has been published as it came.
        if now.estimated {
            self.live.publish(&StreamEvent::Usage(total));
        }
    }

    fn show_context(&mut self, context: ContextUse) {
        if self.context != Some(context) {
            self.context = Some(context);
            self.live.publish(&StreamEvent::Context(context));
        }
    }

    /// Tells the reader that it takes longer, and why.
    fn announce(&self, wait: Duration, next: Option<&Offer>, error: &Error) {
        tracing::info!(
            generation = %self.live.ids().generation,
            kind = ?error.kind,
            status = error.status,
            wait_ms = wait.as_millis(),
            elsewhere = next.is_some(),
            "the provider is asked again",
        );
        self.live.publish(&StreamEvent::Retrying(Retrying {
            attempt: self.attempts + 1,
            wait_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            model: next.map(|offer| offer.model.id.clone()),
            problem: failure::to_problem(error),
        }));
    }
}

/// Why no more events come.
enum End {
    Halted(Halt),
    Failed(Error),
    Closed,
}

/// Takes events until the stream ends. Leaving drops the stream, which closes the provider's connection.
async fn relay(reply: &mut Reply<'_>, mut events: EventStream, halted: &mut Halted<'_>) -> End {
    loop {
        let end = tokio::select! {
            biased;
            halt = &mut *halted => return End::Halted(halt),
            end = poll_fn(|context| poll_take(reply, &mut events, context)) => end,
        };
        if let Some(end) = end {
            return end;
        }
    }
}

/// Takes what is ready, but looks up after some of it: a provider that never pauses must not keep a stop waiting.
/// What is ready together becomes one event, because nobody reads in between.
fn poll_take(
    reply: &mut Reply<'_>,
    events: &mut EventStream,
    context: &mut Context<'_>,
) -> Poll<Option<End>> {
    for _ in 0..BATCH {
        match ready!(events.poll_next_unpin(context)) {
            None => return Poll::Ready(Some(End::Closed)),
            Some(Err(error)) => return Poll::Ready(Some(End::Failed(error))),
            Some(Ok(event)) => reply.take(event),
        }
        if reply.room() == 0 {
            return Poll::Ready(Some(End::Halted(Halt::Full)));
        }
    }
    Poll::Ready(None)
}

fn cut_off() -> Error {
    Error::new(ErrorKind::CutOff, "The stream ended before the reply did.")
}

/// The cost of one answer: what the provider counted, and our estimates where it counted nothing or was cut off before
/// it could. `None` if there was no answer.
fn settled(counted: Option<message::Usage>, sent: u64, written: u64, whole: bool) -> Option<message::Usage> {
    let mut usage = counted.unwrap_or_default();
    if counted.is_none() && written == 0 {
        return None;
    }
    if usage.input_tokens == 0 {
        (usage.input_tokens, usage.estimated) = (sent, true);
    }
    let too_few = if whole { usage.output_tokens == 0 } else { usage.output_tokens < written };
    if too_few && written > 0 {
        (usage.output_tokens, usage.estimated) = (written, true);
    }
    Some(usage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "what is asked for is an option, too")]
    fn usage(input_tokens: u64, output_tokens: u64, estimated: bool) -> Option<Usage> {
        Some(Usage { input_tokens, output_tokens, estimated, ..Usage::default() })
    }

    #[test]
    fn a_count_is_believed_and_what_is_missing_is_estimated_and_marked() {
        assert_eq!(settled(usage(10, 20, false), 99, 5, true), usage(10, 20, false));
        assert_eq!(settled(usage(10, 3, false), 99, 5, true), usage(10, 3, false), "ours is the guess");
        assert_eq!(settled(None, 99, 5, true), usage(99, 5, true));
        assert_eq!(settled(usage(0, 20, false), 99, 5, true), usage(99, 20, true));
        assert_eq!(settled(usage(10, 0, false), 99, 5, true), usage(10, 5, true));
        assert_eq!(settled(None, 99, 0, true), None, "nobody knows of a request that was refused");
    }

    #[test]
    fn a_count_from_the_beginning_of_a_reply_that_was_cut_off_is_made_up_for() {
        assert_eq!(settled(usage(10, 1, false), 99, 5, false), usage(10, 5, true));
        assert_eq!(settled(usage(10, 7, false), 99, 5, false), usage(10, 7, false));
    }
}
