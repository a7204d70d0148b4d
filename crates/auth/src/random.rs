//! Randomness. No other file produces it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// The operating system provided no randomness. Whatever needs it must fail.
#[derive(Debug, thiserror::Error)]
#[error("the operating system provided no randomness: {0}")]
pub struct NoRandomness(#[from] getrandom::Error);

/// `N` unpredictable bytes.
#[expect(clippy::disallowed_methods, reason = "this file owns randomness")]
pub fn bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// `N` unpredictable bytes as URL-safe Base64.
pub fn text<const N: usize>() -> Result<String, NoRandomness> {
    Ok(URL_SAFE_NO_PAD.encode(bytes::<N>()?))
}
