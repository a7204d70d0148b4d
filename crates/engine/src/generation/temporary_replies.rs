//! Temporary replies that ended recently.
//!
//! Nothing of a temporary reply is stored, so it stays here for a minute after its end: a lost connection can be
//! resumed, and a message that is sent twice is answered once. Each account has limits of its own.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kaiwa_shared::{ClientMessageId, Content, GenerationId, UserId, stream::StreamEvent};

use super::live::Live;

/// How long a reply can be read after its end.
pub(crate) const KEPT_FOR: Duration = Duration::from_mins(1);

/// Maximum number of replies of one account; the oldest are dropped first.
const MAX_KEPT: usize = 64;

/// Maximum size of the replies of one account and of the messages that they answer, in bytes. The last reply is kept
/// however large it is.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Temporary replies that run or ended recently. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct TemporaryReplies(Arc<Mutex<HashMap<UserId, VecDeque<Kept>>>>);

struct Kept {
    live: Arc<Live>,
    /// For the first reply of a request, to recognise and answer a repeat.
    request: Option<TemporaryRequest>,
}

/// A request in a temporary conversation.
#[derive(Clone)]
pub(crate) struct TemporaryRequest {
    pub(crate) id: ClientMessageId,
    pub(crate) content: Content,
    /// Its `created` event.
    pub(crate) created: StreamEvent,
}

impl TemporaryReplies {
    /// The reply of this owner's temporary generation.
    pub(crate) fn find(&self, owner: UserId, id: GenerationId) -> Option<Arc<Live>> {
        let replies = self.lock();
        let mut lives = replies.get(&owner)?.iter().map(|kept| &kept.live);
        lives.find(|live| live.ids().generation == id).cloned()
    }

    /// Adds replies, the first of which answers `request`. If this owner made a request with the same id before,
    /// returns that one with its reply instead.
    pub(crate) fn insert(
        &self,
        owner: UserId,
        request: &TemporaryRequest,
        lives: &[&Arc<Live>],
    ) -> Option<(TemporaryRequest, Arc<Live>)> {
        let mut replies = self.lock();
        let earlier = replies.get(&owner).into_iter().flatten().find_map(|kept| {
            let earlier = kept.request.as_ref().filter(|earlier| earlier.id == request.id)?;
            Some((earlier.clone(), Arc::clone(&kept.live)))
        });
        if earlier.is_some() || lives.is_empty() {
            return earlier;
        }
        let kept = replies.entry(owner).or_default();
        for (n, live) in lives.iter().enumerate() {
            kept.push_back(Kept { live: Arc::clone(live), request: (n == 0).then(|| request.clone()) });
        }
        trim(kept);
        None
    }

    /// Drops the oldest replies of an account that has too many or too large ones. Called when a reply has ended.
    pub(crate) fn trim(&self, owner: UserId) {
        if let Some(kept) = self.lock().get_mut(&owner) {
            trim(kept);
        }
    }

    /// Drops a reply.
    pub(crate) fn remove(&self, owner: UserId, id: GenerationId) {
        let mut replies = self.lock();
        let Some(kept) = replies.get_mut(&owner) else { return };
        kept.retain(|kept| kept.live.ids().generation != id);
        if kept.is_empty() {
            replies.remove(&owner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, VecDeque<Kept>>> {
        // Every change is complete before the lock is released.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn size(&self) -> usize {
        let request = self.request.as_ref().map_or(0, |request| request.content.text().len());
        self.live.size() + request
    }
}

fn trim(kept: &mut VecDeque<Kept>) {
    let mut bytes: usize = kept.iter().map(Kept::size).sum();
    while kept.len() > MAX_KEPT || (bytes > MAX_BYTES && kept.len() > 1) {
        let Some(oldest) = kept.pop_front() else { return };
        bytes -= oldest.size().min(bytes);
    }
}

#[cfg(test)]
mod tests {
    use kaiwa_shared::stream::{NewTitle, TextDelta};
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::generation::live::LiveIds;

    fn reply(owner: UserId, bytes: usize) -> Arc<Live> {
        let ids = LiveIds::temporary(owner);
        let live = Live::new(ids, &CancellationToken::new());
        live.publish(&StreamEvent::Delta(TextDelta { text: "x".repeat(bytes) }));
        Arc::new(live)
    }

    fn request(content: &str) -> TemporaryRequest {
        let created = StreamEvent::Title(NewTitle { title: String::new() });
        TemporaryRequest { id: ClientMessageId::new(), content: content.into(), created }
    }

    fn add(replies: &TemporaryReplies, owner: UserId, question: usize, answer: usize) -> GenerationId {
        let live = reply(owner, answer);
        assert!(replies.insert(owner, &request(&"q".repeat(question)), &[&live]).is_none());
        live.ids().generation
    }

    #[test]
    fn one_account_never_drops_the_replies_of_another() {
        const MB: usize = 1024 * 1024;
        for (count, question, answer) in [(1000, 1, 1), (20, 1, 3 * MB), (40, MB, 1), (3, 1, 30 * MB)] {
            let (replies, ada, eve) = (TemporaryReplies::default(), UserId::new(), UserId::new());
            let of_ada = add(&replies, ada, 1, 1);
            let of_eve: Vec<_> = (0..count).map(|_| add(&replies, eve, question, answer)).collect();
            assert!(replies.find(ada, of_ada).is_some());
            assert!(replies.find(eve, of_ada).is_none());
            let kept = of_eve.iter().filter(|id| replies.find(eve, **id).is_some()).count();
            assert!(kept <= MAX_KEPT && kept < count, "{kept} of {count}");
            assert!((kept - 1) * (question + answer) <= MAX_BYTES, "{kept} of {count}");
            assert!(replies.find(eve, *of_eve.last().unwrap()).is_some(), "the last one is kept");
        }
    }

    #[test]
    fn replies_that_grew_are_dropped_when_one_ends_and_nothing_is_left_of_an_account_without_any() {
        let (replies, owner) = (TemporaryReplies::default(), UserId::new());
        let lives = [(); 3].map(|()| reply(owner, 1));
        let first = request("question");
        assert!(replies.insert(owner, &first, &[&lives[0], &lives[1], &lives[2]]).is_none());
        for live in &lives {
            live.publish(&StreamEvent::Delta(TextDelta { text: "x".repeat(MAX_BYTES / 2) }));
        }
        replies.trim(owner);
        let [one, two, three] = lives.each_ref().map(|live| live.ids().generation);
        assert!(replies.find(owner, one).is_none() && replies.find(owner, three).is_some());
        replies.remove(owner, two);
        replies.remove(owner, three);
        assert!(replies.lock().is_empty());
    }
}
