//! Compressed bodies, and bodies that claim to be compressed.

use std::io::Write as _;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};

use crate::script::{Oddity, Script};

/// The encoding of the bytes.
pub(super) enum Encoding {
    Identity,
    Gzip { encoder: Box<GzEncoder<Vec<u8>>>, is_cut: bool },
}

/// Whether the body declares compression.
pub(crate) fn is_declared(script: &Script) -> bool {
    is_compressed(script) || script.is(Oddity::Misencoded)
}

fn is_compressed(script: &Script) -> bool {
    script.is(Oddity::Gzip) || script.is(Oddity::GzipCut) || script.bomb_mb.is_some()
}

impl Encoding {
    pub(super) fn of(script: &Script) -> Self {
        if !is_compressed(script) {
            return Self::Identity;
        }
        let encoder = Box::new(GzEncoder::new(Vec::new(), Compression::fast()));
        Self::Gzip { encoder, is_cut: script.is(Oddity::GzipCut) }
    }

    /// The encoded bytes so far. Writing to memory cannot fail.
    pub(super) fn apply(&mut self, bytes: Bytes) -> Bytes {
        let Self::Gzip { encoder, .. } = self else { return bytes };
        let _ = encoder.write_all(&bytes);
        let _ = encoder.flush();
        Bytes::from(std::mem::take(encoder.get_mut()))
    }

    /// The trailer of the format.
    pub(super) fn finish(&mut self) -> Option<Bytes> {
        let Self::Gzip { encoder, is_cut: false } = std::mem::replace(self, Self::Identity) else {
            return None;
        };
        Some(Bytes::from(encoder.finish().unwrap_or_default()))
    }
}
