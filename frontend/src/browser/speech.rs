//! Reading aloud with the voices of the system.

use leptos::prelude::window;
use wasm_bindgen::JsValue;
use web_sys::{SpeechSynthesis, SpeechSynthesisUtterance};

fn voice() -> Option<SpeechSynthesis> {
    let voice = window().speech_synthesis().ok()?;
    (!AsRef::<JsValue>::as_ref(&voice).is_undefined()).then_some(voice)
}

/// The system can read aloud.
pub fn is_available() -> bool {
    voice().is_some()
}

/// Something is being read aloud.
pub fn is_speaking() -> bool {
    voice().is_some_and(|voice| voice.speaking() || voice.pending())
}

/// Reads a text aloud instead of what is being read. Each line is passed on its own, because Chromium stops in long ones.
pub fn speak(text: &str, language: Option<&str>) {
    let Some(voice) = voice() else { return };
    voice.cancel();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let Ok(utterance) = SpeechSynthesisUtterance::new_with_text(line) else { return };
        if let Some(language) = language {
            utterance.set_lang(language);
        }
        voice.speak(&utterance);
    }
}

/// Stops reading aloud.
pub fn stop() {
    if let Some(voice) = voice() {
        voice.cancel();
    }
}
