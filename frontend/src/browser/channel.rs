//! Messages between the pages of this browser.

use std::rc::Rc;

use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{BroadcastChannel, MessageEvent};

/// A channel to the other pages that have opened one of the same name. Dropping the last clone closes it.
#[derive(Clone)]
pub struct Channel(Rc<Open>);

struct Open {
    channel: BroadcastChannel,
    _listener: Closure<dyn FnMut(MessageEvent)>,
}

impl Channel {
    /// Opens a channel; `None` if the browser has none. `hear` gets the texts of the other pages.
    pub fn open(name: &str, mut hear: impl FnMut(String) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(name).ok()?;
        let listener = Closure::new(move |event: MessageEvent| {
            if let Some(text) = event.data().as_string() {
                hear(text);
            }
        });
        channel.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        Some(Self(Rc::new(Open { channel, _listener: listener })))
    }

    /// Sends a text to the other pages.
    pub fn send(&self, text: &str) {
        // Fails only once the channel is closed.
        _ = self.0.channel.post_message(&JsValue::from_str(text));
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.channel.set_onmessage(None);
        self.channel.close();
    }
}
