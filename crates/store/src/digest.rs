//! What tells one request to write a reply from another.

use sha2::{Digest, Sha256};

use crate::entities::{NewTurn, Task};

/// What tells a request from another one under the same id: what was said, or which reply is meant. The choice of
/// models is no part of it: a repeat is answered with what was started, whatever model is chosen by then.
pub(crate) fn digest_of(turn: &NewTurn) -> Vec<u8> {
    let mut digest = Sha256::new();
    match &turn.task {
        Task::Say { content, .. } => {
            digest.update(b"say\0");
            digest.update(content.as_bytes());
        }
        Task::Regenerate { reply } => {
            digest.update(b"regenerate\0");
            digest.update(reply.as_uuid().as_bytes());
        }
        Task::Continue => {
            digest.update(b"continue\0");
            digest.update(turn.reply_id.as_uuid().as_bytes());
        }
    }
    digest.finalize().to_vec()
}
