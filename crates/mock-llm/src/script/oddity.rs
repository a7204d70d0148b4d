//! What can be odd about the wire, and the words for it.

/// An oddity of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// Lines end in CR LF.
    CrLf,
    /// Lines end in CR.
    Cr,
    /// A byte order mark comes first.
    Bom,
    /// Chunks are cut inside characters.
    SplitUtf8,
    /// A few bytes at a time.
    Drip,
    /// Lines and bytes that mean nothing.
    Garbage,
    /// Events whose fields have other types than they should.
    Weird,
    /// Each event's data is spread over two lines, with a comment and an id.
    Lines,
    /// A first event without content.
    Empty,
    /// No marker of the end.
    NoDone,
    /// Events after the end.
    Trailing,
    /// The last event comes twice.
    Twice,
    /// An event whose JSON stops half-way.
    Broken,
    /// What strict hosts refuse is refused.
    Strict,
    /// The body is compressed.
    Gzip,
    /// The body is compressed, and its end is missing.
    GzipCut,
    /// The body calls itself compressed, and is not.
    Misencoded,
    /// Headers that must not be handed on.
    Headers,
    /// Tool calls come in one piece.
    Whole,
    /// The pieces of parallel tool calls take turns.
    Interleaved,
    /// No usage.
    NoUsage,
    /// The usage is negative.
    NegativeUsage,
    /// The fields that only some hosts send.
    Details,
    /// Thoughts that the provider has sealed come first.
    Redacted,
    /// The reply ends because it is too long.
    Length,
}

/// Every oddity by its word.
pub(super) const WORDS: [(&str, Oddity); 25] = [
    ("crlf", Oddity::CrLf),
    ("cr", Oddity::Cr),
    ("bom", Oddity::Bom),
    ("utf8", Oddity::SplitUtf8),
    ("drip", Oddity::Drip),
    ("garbage", Oddity::Garbage),
    ("weird", Oddity::Weird),
    ("lines", Oddity::Lines),
    ("empty", Oddity::Empty),
    ("nodone", Oddity::NoDone),
    ("trailing", Oddity::Trailing),
    ("twice", Oddity::Twice),
    ("broken", Oddity::Broken),
    ("strict", Oddity::Strict),
    ("gzip", Oddity::Gzip),
    ("gzipcut", Oddity::GzipCut),
    ("misencoded", Oddity::Misencoded),
    ("headers", Oddity::Headers),
    ("whole", Oddity::Whole),
    ("interleaved", Oddity::Interleaved),
    ("nousage", Oddity::NoUsage),
    ("negative", Oddity::NegativeUsage),
    ("details", Oddity::Details),
    ("redacted", Oddity::Redacted),
    ("length", Oddity::Length),
];

impl Oddity {
    /// No reader can get the whole reply out of it.
    pub(super) fn is_wrong(self) -> bool {
        matches!(self, Self::Weird | Self::Broken | Self::GzipCut | Self::Misencoded)
    }

    /// It changes the bytes of events after they have been written, so events are written one by one.
    pub(crate) fn disguises(self) -> bool {
        matches!(
            self,
            Self::CrLf
                | Self::Cr
                | Self::SplitUtf8
                | Self::Drip
                | Self::Garbage
                | Self::Weird
                | Self::Lines
                | Self::Broken
        )
    }
}
