//! A growing text, on its way from the state to the page.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use leptos::prelude::{ArcTrigger, Notify, Track};

/// A growing text that any number of [`StreamingMarkdown`](super::StreamingMarkdown)s can show. Cloning clones the
/// handle. It holds the whole text, so that a component that is mounted late shows all of it.
#[derive(Clone, Debug, Default)]
pub struct MarkdownFeed {
    content: Arc<Mutex<Content>>,
    changed: ArcTrigger,
}

#[derive(Debug, Default)]
struct Content {
    text: String,
    is_finished: bool,
    /// How often the text was replaced.
    beginnings: u32,
}

/// A position in a feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    beginnings: u32,
    bytes: usize,
    is_finished: bool,
}

/// The text since a position.
pub(super) struct News {
    pub(super) is_new_text: bool,
    pub(super) piece: String,
    pub(super) is_finished: bool,
}

impl MarkdownFeed {
    /// An empty feed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends the next piece of the text.
    pub fn push(&self, piece: &str) {
        if !piece.is_empty() {
            self.content().text.push_str(piece);
            self.changed.notify();
        }
    }

    /// Marks the text as complete. It is then rendered as a whole.
    pub fn finish(&self) {
        if !std::mem::replace(&mut self.content().is_finished, true) {
            self.changed.notify();
        }
    }

    /// Replaces the text; the new one may continue to grow.
    pub fn reset(&self, text: &str) {
        self.content().begin([text].into_iter());
        self.changed.notify();
    }

    /// Sets the whole text, given in pieces: appends if it continues the current text, otherwise replaces it. For state
    /// that holds the text itself, and for snapshots after a lost connection.
    pub fn follow<'a>(&self, text: impl Iterator<Item = &'a str> + Clone) {
        let mut content = self.content();
        match news(&content.text, text.clone()) {
            Some(news) => {
                let mut news = news.filter(|piece| !piece.is_empty()).peekable();
                if news.peek().is_none() {
                    return;
                }
                if content.is_finished {
                    content.begin(text);
                } else {
                    content.text.extend(news);
                }
            }
            None => content.begin(text),
        }
        drop(content);
        self.changed.notify();
    }

    pub(super) fn track(&self) {
        self.changed.track();
    }

    pub(super) fn is_finished(&self) -> bool {
        self.content().is_finished
    }

    /// Whether there is text since `position`.
    pub(super) fn has_news(&self, position: Position) -> bool {
        self.content().end() != position
    }

    /// Returns the text since `position` and moves `position` to the end.
    pub(super) fn take(&self, position: &mut Position) -> News {
        let content = self.content();
        let is_new_text = position.beginnings != content.beginnings;
        let from = if is_new_text { 0 } else { position.bytes };
        *position = content.end();
        News {
            is_new_text,
            piece: content.text.get(from..).unwrap_or_default().to_owned(),
            is_finished: content.is_finished,
        }
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        // The text is consistent between any two pushes, so a poisoned lock is harmless.
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Content {
    fn end(&self) -> Position {
        Position { beginnings: self.beginnings, bytes: self.text.len(), is_finished: self.is_finished }
    }

    fn begin<'a>(&mut self, text: impl Iterator<Item = &'a str>) {
        self.text.clear();
        self.text.extend(text);
        self.is_finished = false;
        self.beginnings += 1;
    }
}

/// The rest of `text` after `known`; `None` if it is another text.
fn news<'a, I: Iterator<Item = &'a str>>(
    mut known: &str,
    mut text: I,
) -> Option<impl Iterator<Item = &'a str> + use<'a, I>> {
    let mut rest = None;
    while !known.is_empty() {
        let piece = text.next()?;
        if let Some(more) = known.strip_prefix(piece) {
            known = more;
        } else {
            rest = Some(piece.strip_prefix(known)?);
            break;
        }
    }
    Some(rest.into_iter().chain(text))
}

#[cfg(test)]
mod tests {
    use super::{MarkdownFeed, Position};

    #[test]
    fn every_piece_is_delivered_once() {
        let feed = MarkdownFeed::new();
        let mut position = Position::default();
        feed.push("Hel");
        feed.push("lo");
        assert_eq!(feed.take(&mut position).piece, "Hello");
        feed.push("!");
        assert_eq!(feed.take(&mut position).piece, "!");
        assert_eq!(feed.take(&mut Position::default()).piece, "Hello!", "one that comes late gets all");
    }

    #[test]
    fn a_snapshot_appends_or_replaces() {
        let feed = MarkdownFeed::new();
        let mut position = Position::default();
        feed.follow(["Hello"].into_iter());
        feed.take(&mut position);
        feed.follow(["Hel", "lo, ", "you"].into_iter());
        let news = feed.take(&mut position);
        assert_eq!((news.is_new_text, news.piece.as_str()), (false, ", you"));
        feed.follow(["Other"].into_iter());
        let news = feed.take(&mut position);
        assert_eq!((news.is_new_text, news.piece.as_str()), (true, "Other"));
    }

    #[test]
    fn a_finished_text_continues_as_a_new_one() {
        let feed = MarkdownFeed::new();
        let mut position = Position::default();
        feed.push("one");
        feed.finish();
        assert!(feed.take(&mut position).is_finished);
        feed.follow(["one"].into_iter());
        assert!(feed.is_finished(), "nothing new has come");
        feed.follow(["one", " two"].into_iter());
        let news = feed.take(&mut position);
        assert_eq!((news.is_new_text, news.is_finished, news.piece.as_str()), (true, false, "one two"));
    }
}
