#![no_main]

use kaiwa_llm_fuzz::hold;

libfuzzer_sys::fuzz_target!(|data: &[u8]| hold(data, |body| kaiwa_llm::responses::events(body)));
