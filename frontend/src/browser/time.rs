//! The clock, and waiting.

use std::time::Duration;

use js_sys::Promise;
use kaiwa_shared::time::Millis;
use leptos::prelude::window;
use wasm_bindgen_futures::JsFuture;

/// The current moment.
#[expect(
    clippy::cast_possible_truncation,
    reason = "milliseconds since 1970 fit an i64 for longer than the sun lasts"
)]
pub fn now() -> Millis {
    Millis(js_sys::Date::now() as i64)
}

/// How far the reader's clock is ahead of UTC at `moment`, in milliseconds.
#[expect(clippy::cast_precision_loss, reason = "a JavaScript date takes a double")]
#[expect(clippy::cast_possible_truncation, reason = "an offset is a whole number of minutes, at most a day")]
pub fn utc_offset(moment: Millis) -> i64 {
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(moment.0 as f64));
    -(date.get_timezone_offset() as i64) * 60_000
}

/// Waits for `duration`.
pub async fn sleep(duration: Duration) {
    let promise = Promise::new(&mut |resolve, _reject| {
        let millis = i32::try_from(duration.as_millis()).unwrap_or(i32::MAX);
        // Fails only where there is no event loop to wait in.
        _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, millis);
    });
    _ = JsFuture::from(promise).await;
}
