#![no_main]

use kaiwa_llm::sse;
use kaiwa_llm_fuzz::{pieces, read};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((size, body)) = data.split_last() else { return };
    let whole = read(sse::events(pieces(body, body.len().max(1))));
    let cut = read(sse::events(pieces(body, usize::from(*size).max(1))));
    assert_eq!(whole, cut, "the cuts make a difference");
});
