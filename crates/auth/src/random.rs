//! Randomness. This file owns it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// The operating system gave no randomness. Nothing that needs some may go on.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no randomness: {0}")]
pub struct NoRandomness(#[from] getrandom::Error);

/// `N` unpredictable bytes.
#[expect(clippy::disallowed_methods, reason = "this file owns randomness")]
pub fn bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// A text of letters, digits, `-` and `_` that carries `N` unpredictable bytes.
pub fn text<const N: usize>() -> Result<String, NoRandomness> {
    Ok(URL_SAFE_NO_PAD.encode(bytes::<N>()?))
}
