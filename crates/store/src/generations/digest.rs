//! A digest of a request, to recognise a repeat.

use sha2::{Digest, Sha256};

use super::{NewTurn, Task};

/// Distinguishes a request from another one with the same id: by its content, or by the reply that it names. The models
/// are not part of it: a repeat returns what was started, whichever model is selected by then.
pub(super) fn digest_of(turn: &NewTurn) -> Vec<u8> {
    let mut digest = Sha256::new();
    match &turn.task {
        Task::Send { content, .. } => {
            digest.update(b"say\0");
            digest.update(content.text().as_bytes());
            content.files().for_each(|id| digest.update(id.as_uuid().as_bytes()));
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
