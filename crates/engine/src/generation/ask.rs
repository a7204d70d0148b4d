//! Asking for a reply: which provider, how often, and with how much of the conversation.
//!
//! Before anything has arrived, a failed request is retried after a wait, then sent to the next provider of the model.
//! After that the reply is kept as far as it came; if the administrator allows it, another provider continues it once.

use std::{pin::Pin, time::Duration};

use futures_util::StreamExt;
use kaiwa_llm::{Error, ErrorKind, EventStream, NoText};
use kaiwa_shared::{
    message::{self, ContextUse, Finish, Part, Status, Usage},
    stream::{Retrying, StreamEvent},
};
use tokio::time::{Instant, Sleep, sleep_until};

use super::{
    attachments,
    context::{self, Prepared, Question},
    continuation::Seam,
    failure::{self, Ending, Halt},
    fallbacks,
    history::{self, Branch, HistoryItem},
    job::{History, Job},
    live::Live,
    reply::{self, Reply},
    retry::{self, Retries},
    tokens,
};
use crate::{Offer, Services};

/// Maximum number of a provider's events that are handled before a stop is checked again.
const MAX_BATCH: usize = 64;

/// Everything that is done to get one reply.
pub(crate) struct Asking<'a> {
    services: &'a Services,
    live: &'a Live,
    job: &'a Job,
    /// The offer that was asked last.
    answered: Offer,
    /// The number of requests so far.
    attempts: u32,
    /// What the reply has cost so far.
    usage: Option<Usage>,
    /// The number of bytes that the reply may still grow.
    capacity: usize,
    context_use: Option<ContextUse>,
    /// When the reply takes too long.
    time_up: Pin<Box<Sleep>>,
}

/// The outcome of asking.
enum Answer {
    /// The reply has ended.
    Ended(Ending),
    /// The provider failed before anything arrived.
    Refused(Error),
    /// The provider failed after something had arrived.
    Broke(Error),
}

impl<'a> Asking<'a> {
    /// Nothing has been sent yet; `spent` is what a continued reply cost before.
    pub(crate) fn new(services: &'a Services, live: &'a Live, job: &'a Job, spent: Option<Usage>) -> Self {
        let limits = services.options.limits;
        Self {
            services,
            live,
            job,
            answered: job.offer.clone(),
            attempts: 0,
            usage: spent,
            capacity: limits.reply_bytes,
            context_use: None,
            time_up: Box::pin(sleep_until(Instant::now() + limits.reply_time)),
        }
    }

    /// The offer that wrote the reply, or was asked last.
    pub(crate) fn answered(&self) -> &Offer {
        &self.answered
    }

    /// The cost of the reply, as far as it is known.
    pub(crate) fn usage(&self) -> Option<Usage> {
        self.usage
    }

    /// Asks until the reply has ended. A failure becomes its last event.
    pub(crate) async fn write(&mut self) -> Ending {
        let fallbacks = match Box::pin(fallbacks::of(self.services, self.live.ids(), self.job)).await {
            Ok(fallbacks) => fallbacks,
            Err(error) => return failure::unreadable(self.live, &error),
        };
        let offers: Vec<Offer> = std::iter::once(self.job.offer.clone()).chain(fallbacks).collect();
        let mut answer = self.ask_each(&offers).await;
        if let Answer::Broke(error) = &answer
            && self.services.options.auto_continue
            && retry::another_may_answer(error.kind)
            && let Some(next) = offers.iter().skip(1).find(|offer| offer.model.id != self.answered.model.id)
        {
            self.announce(Duration::ZERO, Some(next), error);
            answer = self.ask_each(std::slice::from_ref(next)).await;
        }
        match answer {
            Answer::Ended(ending) => ending,
            Answer::Refused(error) | Answer::Broke(error) => failure::fail(self.live, &error),
        }
    }

    /// Asks each offer in turn until one answers.
    async fn ask_each(&mut self, offers: &[Offer]) -> Answer {
        let mut offers = offers.iter().peekable();
        loop {
            let Some(offer) = offers.next() else {
                return Answer::Refused(Error::new(ErrorKind::ModelNotFound, "No provider is configured."));
            };
            self.answered = offer.clone();
            let answer = self.ask(offer).await;
            let Answer::Refused(error) = &answer else { return answer };
            match offers.peek() {
                Some(next) if retry::another_may_answer(error.kind) => {
                    self.announce(Duration::ZERO, Some(next), error);
                }
                _ => return answer,
            }
        }
    }

    /// Asks one provider; retries after a wait where that may help, and once with a shorter history if it was too long.
    async fn ask(&mut self, offer: &Offer) -> Answer {
        let mut retries = Retries::new(self.live.ids().generation);
        let mut window = context::window(offer, &self.job.options, self.services.options.context_tokens);
        let mut shrunk = false;
        loop {
            let so_far = self.live.text();
            // Boxed, because this future lives as long as the reply and reserves space for the largest one in it.
            let prepared = match Box::pin(self.prepare(offer, &so_far, window)).await {
                Ok(prepared) => prepared,
                Err(error) => return Answer::Ended(failure::unreadable(self.live, &error)),
            };
            let (used, can_shrink) = (prepared.context.used_tokens, prepared.can_shrink);
            let error = match self.attempt(offer, prepared, &so_far).await {
                Answer::Refused(error) => error,
                answer => return answer,
            };
            if error.kind == ErrorKind::ContextLength && can_shrink && !shrunk {
                (window, shrunk) = (used.min(window) / 2, true);
                self.announce(Duration::ZERO, None, &error);
                continue;
            }
            let Some(wait) = retries.after(&error) else { return Answer::Refused(error) };
            self.announce(wait, None, &error);
            tokio::select! {
                biased;
                halt = halted(self.live, &mut self.time_up) => return Answer::Ended(failure::halt(self.live, halt)),
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Reads as much of the history as fits into the window and builds the request. A history is read again for each
    /// request instead of being held in memory while the reply is written, which may take minutes.
    async fn prepare(&mut self, offer: &Offer, so_far: &str, window: u64) -> kaiwa_store::Result<Prepared> {
        let (history, unread) = match (&self.job.history, &self.job.first_message) {
            (History::Temporary { messages, files }, _) => (history::of_temporary(messages, files), 0),
            (History::Branch | History::Continued(_), Some(text)) => {
                let parts = [Part::Text { text: text.clone() }];
                (HistoryItem::of_user(&parts, 0).into_iter().collect(), 0)
            }
            (History::Branch | History::Continued(_), None) => {
                let branch = Branch::read(&self.services.store, self.live.ids(), window).await?;
                (branch.items(&offer.slug), branch.unread())
            }
        };
        let mut prepared = context::prepare(Question {
            offer,
            system_prompt: self.job.system_prompt.as_deref(),
            history,
            unread,
            so_far,
            options: &self.job.options,
            conversation: Some(self.live.ids().conversation.to_string()),
            stream: self.services.options.stream,
            window,
        });
        let attachments = std::mem::take(&mut prepared.attachments);
        let owner = self.live.ids().owner;
        attachments::load(self.services, owner, offer, &mut prepared.request, attachments, window).await?;
        Ok(prepared)
    }

    /// Sends one request and reads its answer.
    async fn attempt(&mut self, offer: &Offer, prepared: Prepared, so_far: &str) -> Answer {
        self.attempts += 1;
        self.show_context(prepared.context);
        let prefills = !so_far.is_empty() && offer.provider.prefills(&offer.provider_model);
        let answer = tokio::select! {
            biased;
            halt = halted(self.live, &mut self.time_up) => return Answer::Ended(failure::halt(self.live, halt)),
            answer = offer.provider.stream(prepared.request) => answer,
        };
        let events = match answer {
            Ok(events) => events,
            Err(error) => return Answer::Refused(error),
        };
        let seam = (!so_far.is_empty()).then(|| Seam::new(so_far, prefills));
        let before = tokens::of_parts(&self.live.parts());
        let mut reply = Reply::new(self.live, offer, self.usage, seam, self.capacity);
        let end = relay(&mut reply, events, self.live, &mut self.time_up).await;
        reply.end();
        self.capacity = reply.capacity();
        let begun = reply.has_begun();
        let (finished, no_text) = (reply.finished(), reply.no_text());
        let written = tokens::of_parts(&self.live.parts()).saturating_sub(before);
        self.settle(offer, &reply, written, finished.is_some());
        match end {
            End::Halted(halt) => Answer::Ended(failure::halt(self.live, halt)),
            End::Failed(error) if begun => Answer::Broke(error),
            End::Failed(error) => Answer::Refused(error),
            End::Closed => match finished {
                Some(reason) => Answer::Ended(self.finish(reason, no_text.as_ref())),
                None if begun => Answer::Broke(cut_off()),
                None => Answer::Refused(cut_off()),
            },
        }
    }

    /// What the model's own reason makes of the reply.
    fn finish(&self, finish: Finish, no_text: Option<&NoText>) -> Ending {
        if finish == Finish::ContentFilter {
            let detail = "The provider's content filter ended the reply.";
            return failure::fail(self.live, &Error::new(ErrorKind::ContentFilter, detail));
        }
        // A refusal says why, and a reply that was continued has text.
        match no_text.filter(|_| finish != Finish::Refusal && self.live.text().trim().is_empty()) {
            Some(why) => failure::no_text(self.live, why, finish),
            None => Ending { status: Status::Complete, finish: Some(finish) },
        }
    }

    /// Says what the answer cost, by the provider's count or by our estimate where it gave none.
    fn settle(&mut self, offer: &Offer, reply: &Reply<'_>, written: u64, whole: bool) {
        let sent = self.context_use.map_or(0, |context| context.used_tokens);
        let Some(now) = settled(reply.usage(), sent, written, whole) else { return };
        if let Some(context) =
            self.context_use.filter(|_| reply.usage().is_some_and(|usage| usage.input_tokens > 0))
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
        if self.context_use != Some(context) {
            self.context_use = Some(context);
            self.live.publish(&StreamEvent::Context(context));
        }
    }

    /// Publishes that the request is sent again, and why.
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

/// Waits until the reply must end although its provider would go on.
async fn halted(live: &Live, time_up: &mut Pin<Box<Sleep>>) -> Halt {
    tokio::select! {
        halt = live.halted() => halt,
        () = time_up => Halt::TimeUp,
    }
}

/// Takes events until the stream ends. Returning drops the stream, which closes the provider's connection.
async fn relay(
    reply: &mut Reply<'_>,
    events: EventStream,
    live: &Live,
    time_up: &mut Pin<Box<Sleep>>,
) -> End {
    let mut batches = events.ready_chunks(MAX_BATCH);
    loop {
        let batch = tokio::select! {
            biased;
            halt = halted(live, time_up) => return End::Halted(halt),
            batch = batches.next() => batch,
        };
        let Some(batch) = batch else { return End::Closed };
        for event in batch {
            match event {
                Ok(event) => reply.take(event),
                Err(error) => return End::Failed(error),
            }
            if let Some(limit) = reply.limit() {
                return End::Halted(limit);
            }
        }
    }
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
