//! A streamed reply as timed bytes: its pace, faults and oddities, in any protocol.

mod disguise;
pub(crate) mod encoding;

use std::{collections::VecDeque, time::Duration};

use actix_web::error::PayloadError;
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, stream};
use tokio::time::{Instant, sleep, sleep_until};

use self::encoding::Encoding;
use crate::{
    ask::Ask,
    plan::{Piece, Plan},
    script::{Fault, Oddity, Script},
    state::OpenReply,
    surface::{Framing, Protocol, Usage, Writer},
};

/// Waits until earlier data has been sent, because breaking the connection would lose it.
const FAREWELL: Duration = Duration::from_millis(20);

/// Bytes of late events that are written at once.
const FULL: usize = 4 * 1024;

/// What to do next.
enum Action {
    Send(Bytes),
    Pause(Duration),
    /// MiB of data that compresses well.
    Bomb(u64),
    Stall,
    Abort,
    Over,
}

/// The progress of a reply.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    New,
    Begun,
    Over,
}

/// A reply that is being sent.
struct Run {
    script: Script,
    ask: Ask,
    plan: Plan,
    writer: Box<dyn Writer>,
    framing: Framing,
    /// The next actions, in order.
    actions: VecDeque<Action>,
    out: BytesMut,
    encoding: Encoding,
    start: Instant,
    stage: Stage,
    /// Events are sent unchanged.
    is_plain: bool,
    sent: u64,
    thoughts: u64,
    in_call: bool,
    open: OpenReply,
}

/// The reply as a response body, which records how it ended.
pub(crate) fn body(
    protocol: Protocol,
    script: Script,
    ask: Ask,
    open: OpenReply,
) -> impl Stream<Item = Result<Bytes, PayloadError>> {
    let run = Run {
        plan: Plan::new(&script, &ask, protocol.has_whole_calls()),
        writer: protocol.writer(&ask, &script),
        framing: protocol.framing(),
        actions: VecDeque::new(),
        out: BytesMut::new(),
        encoding: Encoding::of(&script),
        start: Instant::now() + script.delay,
        stage: Stage::New,
        is_plain: !script.oddities.iter().any(|oddity| oddity.disguises()),
        sent: 0,
        thoughts: 0,
        in_call: false,
        open,
        script,
        ask,
    };
    stream::unfold(Box::new(run), |mut run| async move {
        let bytes = run.next().await?;
        Some((bytes, run))
    })
}

impl Run {
    async fn next(&mut self) -> Option<Result<Bytes, PayloadError>> {
        loop {
            match self.actions.pop_front() {
                Some(Action::Send(bytes)) => {
                    let bytes = self.encoding.apply(bytes);
                    if !bytes.is_empty() {
                        return Some(Ok(bytes));
                    }
                }
                Some(Action::Bomb(0)) => {}
                Some(Action::Bomb(left)) => {
                    self.actions.push_front(Action::Bomb(left - 1));
                    let comments = disguise::filler(self.framing);
                    return Some(Ok(self.encoding.apply(comments)));
                }
                Some(Action::Pause(time)) => sleep(time).await,
                Some(Action::Stall) => std::future::pending().await,
                Some(Action::Abort) => {
                    self.open.finish();
                    self.stage = Stage::Over;
                    return Some(Err(PayloadError::Incomplete(None)));
                }
                Some(Action::Over) => {
                    self.stage = Stage::Over;
                    if let Some(last) = self.encoding.finish() {
                        return Some(Ok(last));
                    }
                }
                None if self.stage == Stage::Over => {
                    self.open.finish();
                    return None;
                }
                None => self.advance().await,
            }
        }
    }

    /// Adds the next actions.
    async fn advance(&mut self) {
        if self.stage == Stage::New {
            self.stage = Stage::Begun;
            self.begin();
        } else if let Some(fault) = self.fault_now() {
            self.fail(fault);
        } else if self.plan.is_over() {
            self.end();
        } else {
            let due = self.due();
            // A late token needs no timer.
            if due > Instant::now() {
                sleep_until(due).await;
            }
            self.write_pieces();
        }
    }

    fn begin(&mut self) {
        if self.script.is(Oddity::Bom) {
            self.out.extend_from_slice(b"\xef\xbb\xbf");
        }
        if self.script.is(Oddity::Empty) {
            self.writer.empty(&mut self.out);
        }
        self.flush();
        if let Some(mib) = self.script.bomb_mb {
            self.actions.push_back(Action::Bomb(mib));
        }
        let huge = disguise::huge(self.framing, self.script.huge_kb);
        let nested = disguise::nested(self.framing, self.script.nested);
        self.actions.extend(huge.into_iter().chain(nested).map(Action::Send));
        let usage = Usage::after(&self.ask, &self.script, 1, 0);
        self.writer.begin(usage.as_ref(), &mut self.out);
        self.flush();
    }

    /// Writes the next piece and those after it that are late.
    fn write_pieces(&mut self) {
        let now = Instant::now();
        loop {
            self.write_piece();
            if !self.is_plain
                || self.out.len() >= FULL
                || self.fault_now().is_some()
                || self.plan.is_over()
                || self.due() > now
            {
                return self.flush();
            }
        }
    }

    fn write_piece(&mut self) {
        let Some(piece) = self.plan.next() else { return };
        if matches!(piece, Piece::Reasoning(_)) {
            self.thoughts += 1;
        }
        if matches!(piece, Piece::CallArguments(..) | Piece::CallWhole(_)) {
            self.in_call = true;
        }
        if self.script.is(Oddity::Weird) && self.sent == 1 {
            disguise::weird(self.framing, self.writer.weird(), &mut self.out);
        }
        let before = self.out.len();
        self.writer.piece(piece, &mut self.out);
        if self.script.is(Oddity::Broken) && self.sent == 2 {
            let half = before + (self.out.len() - before) / 2;
            self.out.truncate(half);
            self.out.extend_from_slice(self.framing.end().as_bytes());
        }
        if self.script.is(Oddity::Garbage) {
            self.out.extend_from_slice(disguise::garbage(self.framing));
        }
        self.sent += 1;
    }

    fn end(&mut self) {
        let signed = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let (pieces, thoughts) = (signed(self.sent), signed(self.thoughts));
        let usage = Usage::after(&self.ask, &self.script, pieces, thoughts);
        self.writer.end(self.plan.end(), usage.as_ref(), &mut self.out);
        if self.script.is(Oddity::Twice) {
            let last = disguise::last_event(self.framing, &self.out).to_vec();
            self.out.extend_from_slice(&last);
        }
        if self.script.is(Oddity::Trailing) {
            let last = disguise::last_event(self.framing, &self.out).to_vec();
            self.writer.piece(Piece::Text("after the end"), &mut self.out);
            self.out.extend_from_slice(&last);
        }
        self.flush();
        self.actions.push_back(Action::Over);
    }

    /// The fault that is due.
    fn fault_now(&self) -> Option<Fault> {
        let fault = self.script.fault?;
        let is_due = match fault {
            Fault::Cut(at) | Fault::Tear(at) | Fault::End(at) | Fault::Stall(at) | Fault::Fail(at) => {
                at == self.sent
            }
            Fault::CutCall | Fault::EndCall => self.in_call,
            _ => false,
        };
        is_due.then_some(fault)
    }

    fn fail(&mut self, fault: Fault) {
        match fault {
            Fault::Tear(_) => {
                if self.plan.is_over() {
                    self.writer.end(self.plan.end(), None, &mut self.out);
                } else {
                    self.write_piece();
                }
                let torn = disguise::torn(&self.out);
                self.out.truncate(torn);
                self.flush();
                self.actions.extend([Action::Pause(FAREWELL), Action::Abort]);
            }
            Fault::Stall(_) => self.actions.push_back(Action::Stall),
            Fault::End(_) | Fault::EndCall => self.actions.push_back(Action::Over),
            Fault::Fail(_) => {
                self.writer.fail(&mut self.out);
                self.flush();
                self.actions.push_back(Action::Over);
            }
            _ => self.actions.extend([Action::Pause(FAREWELL), Action::Abort]),
        }
    }

    /// When the next piece is due. Deadlines avoid the accumulated error of sleeps at 300 tokens per second.
    fn due(&self) -> Instant {
        let micros = self.sent.saturating_mul(1_000_000).checked_div(self.script.rate).unwrap_or(0);
        self.start + Duration::from_micros(micros)
    }

    /// Takes the written bytes.
    fn flush(&mut self) {
        if self.out.is_empty() {
            return;
        }
        let bytes = self.out.split().freeze();
        if self.is_plain {
            self.actions.push_back(Action::Send(bytes));
        } else {
            self.actions.extend(disguise::transmit(&self.script, self.framing, &bytes));
        }
        if self.out.capacity() < FULL {
            self.out = BytesMut::with_capacity(2 * FULL);
        }
    }
}
