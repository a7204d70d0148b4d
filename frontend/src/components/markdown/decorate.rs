//! What is added to a finished text by JavaScript that is loaded when a text first needs it.

use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Node;

#[wasm_bindgen(module = "/src/components/markdown/decorate.js")]
extern "C" {
    /// Colours the code and sets the formulas at and below a node. Their nodes must not grow any more.
    pub(super) fn decorate(node: &Node);
}
