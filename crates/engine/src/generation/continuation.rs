//! Continuing a reply: what is sent to the model, and the seam between the old and the new text.

use kaiwa_llm::{Message, Role};

/// Sent to a model that does not continue its own last message by itself.
const INSTRUCTION: &str = "Your last message was cut off. Go on exactly where it stops: begin with the very next \
     character, even in the middle of a word or of a line of code. Do not repeat anything of it, do not apologise, \
     and do not say that you go on.";

/// Bytes at the end of a reply that are compared with the beginning of its continuation.
const MAX_SEAM: usize = 400;

/// Minimum length of a repetition, in bytes. A shorter one may be intended ("that that", "哈哈").
const MIN_REPEATED: usize = 12;

/// The messages that ask for the rest of a reply. With `prefills` the model continues its own message; otherwise it is
/// asked to.
pub(crate) fn messages(so_far: &str, prefills: bool) -> Vec<Message> {
    if prefills {
        // Some providers refuse a last message that ends in white space.
        return vec![Message::text(Role::Assistant, so_far.trim_end())];
    }
    vec![Message::text(Role::Assistant, so_far), Message::text(Role::User, INSTRUCTION)]
}

/// Holds back the first words of a continuation until it is clear whether they repeat the end of the reply.
pub(crate) struct Seam {
    before: String,
    held: String,
    prefills: bool,
}

impl Seam {
    /// A seam after `so_far`.
    pub(crate) fn new(so_far: &str, prefills: bool) -> Self {
        let start = so_far.ceil_char_boundary(so_far.len().saturating_sub(MAX_SEAM));
        let before = so_far.get(start..).unwrap_or_default().to_owned();
        Self { before, held: String::new(), prefills }
    }

    /// Takes more of the continuation. Returns all of it without the repetition once that is known.
    pub(crate) fn push(&mut self, text: &str) -> Option<String> {
        self.held.push_str(text);
        if self.may_repeat_more() { None } else { Some(self.close()) }
    }

    /// Returns what was held back, without the repetition, at the end of the continuation.
    pub(crate) fn close(&mut self) -> String {
        let held = std::mem::take(&mut self.held);
        held.get(self.repeated(&held)..).unwrap_or_default().to_owned()
    }

    /// Whether the held text may be the beginning of a longer repetition.
    fn may_repeat_more(&self) -> bool {
        self.before.char_indices().any(|(start, _)| {
            self.before
                .get(start..)
                .is_some_and(|rest| rest.len() > self.held.len() && rest.starts_with(&self.held))
        })
    }

    /// The length of the repetition at the start of `held`, in bytes.
    fn repeated(&self, held: &str) -> usize {
        let longest = held
            .char_indices()
            .rev()
            .map(|(at, c)| at + c.len_utf8())
            .find(|end| held.get(..*end).is_some_and(|start| self.before.ends_with(start)));
        longest.filter(|end| *end >= MIN_REPEATED || self.is_trimmed_space(held, *end)).unwrap_or_default()
    }

    /// Whether the repetition is white space that was trimmed before the model saw it.
    fn is_trimmed_space(&self, held: &str, end: usize) -> bool {
        self.prefills && held.get(..end).is_some_and(|start| start.trim().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole text when the continuation comes in pieces of `size` characters.
    fn joined(before: &str, after: &str, size: usize) -> String {
        let mut seam = Seam::new(before, false);
        join(&mut seam, before, after, size)
    }

    fn join(seam: &mut Seam, before: &str, after: &str, size: usize) -> String {
        let mut whole = before.to_owned();
        let mut open = true;
        let characters: Vec<char> = after.chars().collect();
        for piece in characters.chunks(size) {
            let piece: String = piece.iter().collect();
            if !open {
                whole.push_str(&piece);
            } else if let Some(text) = seam.push(&piece) {
                open = false;
                whole.push_str(&text);
            }
        }
        if open {
            whole.push_str(&seam.close());
        }
        whole
    }

    #[test]
    fn what_is_repeated_at_the_seam_is_cut_however_it_comes() {
        for size in [1, 2, 3, 7, 100] {
            let whole = joined("The quick brown fox jumps", "brown fox jumps over the dog.", size);
            assert_eq!(whole, "The quick brown fox jumps over the dog.", "{size}");
            let whole = joined("从前有一座山，山里有一座庙", "山里有一座庙，庙里有个老和尚。", size);
            assert_eq!(whole, "从前有一座山，山里有一座庙，庙里有个老和尚。", "{size}");
        }
    }

    #[test]
    fn what_is_not_repeated_stays_whole() {
        for size in [1, 3, 100] {
            assert_eq!(joined("Bana", "na split", size), "Banana split");
            assert_eq!(joined("ha ha", " ha ha ha", size), "ha ha ha ha ha");
            assert_eq!(joined("one two three", " four", size), "one two three four");
            assert_eq!(joined("", "all of it", size), "all of it");
            assert_eq!(joined("t1 t2 t3", "", size), "t1 t2 t3");
        }
    }

    #[test]
    fn words_that_occur_earlier_are_not_taken_for_a_repetition() {
        let before = "for item in list: print(item)\nfor other in list: print(other)\n";
        let after = "for item in list: pass";
        for size in [1, 5, 100] {
            assert_eq!(joined(before, after, size), format!("{before}{after}"));
        }
    }

    #[test]
    fn white_space_that_the_model_did_not_see_is_not_doubled() {
        let before = "A list:\n\n";
        let mut seam = Seam::new(before, true);
        assert_eq!(join(&mut seam, before, "\n\n- one", 1), "A list:\n\n- one");
        let mut seam = Seam::new(before, true);
        assert_eq!(join(&mut seam, before, "- one", 1), "A list:\n\n- one");
    }

    #[test]
    fn only_the_end_of_a_long_reply_is_compared() {
        let before = "话".repeat(10_000);
        assert!(Seam::new(&before, false).before.len() <= MAX_SEAM);
    }
}
