//! The clock, and waiting.

use std::time::Duration;

use js_sys::Promise;
use kaiwa_shared::time::Millis;
use leptos::prelude::window;
use wasm_bindgen_futures::JsFuture;
use web_sys::EventTarget;

/// The current moment.
#[expect(
    clippy::cast_possible_truncation,
    reason = "milliseconds since 1970 fit an i64 for longer than the sun lasts"
)]
pub fn now() -> Millis {
    Millis(js_sys::Date::now() as i64)
}

/// How far the local time is ahead of UTC at `moment`, in milliseconds.
#[expect(clippy::cast_precision_loss, reason = "a JavaScript date takes a double")]
#[expect(clippy::cast_possible_truncation, reason = "an offset is a whole number of minutes, at most a day")]
pub fn utc_offset(moment: Millis) -> i64 {
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(moment.0 as f64));
    -(date.get_timezone_offset() as i64) * 60_000
}

/// Waits for `duration`.
pub async fn sleep(duration: Duration) {
    sleep_until(duration, None).await;
}

/// Waits for `duration`, or until the target fires the event, whichever is first.
pub async fn sleep_until(duration: Duration, wake: Option<(&EventTarget, &str)>) {
    let mut listener = None;
    let promise = Promise::new(&mut |resolve, _reject| {
        let millis = i32::try_from(duration.as_millis()).unwrap_or(i32::MAX);
        // Fails only without an event loop.
        _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, millis);
        if let Some((target, name)) = wake {
            _ = target.add_event_listener_with_callback(name, &resolve);
            listener = Some(resolve);
        }
    });
    _ = JsFuture::from(promise).await;
    if let (Some((target, name)), Some(listener)) = (wake, listener) {
        _ = target.remove_event_listener_with_callback(name, &listener);
    }
}

/// Waits before a retry: for `duration` minus some jitter, so that clients do not all reconnect at once, or until the
/// browser is back online.
pub async fn pause(duration: Duration) {
    let share = 0.5 + js_sys::Math::random() / 2.0;
    let window = window();
    sleep_until(duration.mul_f64(share), Some((window.as_ref(), "online"))).await;
}

/// The moment as the browser formats it in this language.
#[expect(clippy::cast_precision_loss, reason = "a JavaScript date takes a double")]
pub fn written(moment: Millis, language: &str) -> String {
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(moment.0 as f64));
    date.to_locale_string(language, &wasm_bindgen::JsValue::UNDEFINED).into()
}
