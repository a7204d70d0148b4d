//! Numbers in the names by which script and module know each other.
//!
//! `wasm-bindgen` ends each of these names with a hash. Hundreds of them, in the script and again in the module, are 5 KB that
//! no compression removes. Numbers of the same length compress well, and leave all positions in the module as they are.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Result;

use super::inputs;

const LENGTH: usize = 16;

/// Replaces the hashes in the names of `script` in this file and all others in its folder.
pub(super) fn shorten(folder: &Path, script: &str) -> Result<()> {
    let numbers = numbers(&fs::read_to_string(folder.join(script))?);
    for file in inputs::files(folder)? {
        let mut content = fs::read(&file)?;
        replace(&mut content, &numbers);
        fs::write(&file, content)?;
    }
    Ok(())
}

/// The hashes in the names that `wasm-bindgen` generates, and a number for each.
fn numbers(script: &str) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let names = script.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let generated = names.filter(|name| name.starts_with("__wb") || name.starts_with("wasm_bindgen__"));
    let mut numbers = BTreeMap::new();
    for part in generated.flat_map(|name| name.split('_')) {
        let hash = part.strip_prefix('h').unwrap_or(part).as_bytes();
        if is_hash(hash) && !numbers.contains_key(hash) {
            let number = format!("{:0LENGTH$}", numbers.len());
            numbers.insert(hash.to_vec(), number.into_bytes());
        }
    }
    numbers
}

fn is_hash(part: &[u8]) -> bool {
    part.len() == LENGTH && part.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn replace(content: &mut [u8], numbers: &BTreeMap<Vec<u8>, Vec<u8>>) {
    let mut at = 1;
    while at + LENGTH <= content.len() {
        let follows_name = matches!(content[at - 1], b'_' | b'h');
        let found = if follows_name { numbers.get(&content[at..at + LENGTH]) } else { None };
        if let Some(number) = found {
            content[at..at + LENGTH].copy_from_slice(number);
            at += LENGTH;
        } else {
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "__wbg_new_bb74001155cb8ca8: f, wasm.wasm_bindgen__convert__invoke__h00531af58bfc081c_13(a);\n\
        wasm.wasm_bindgen__convert__invoke__h00531af58bfc081c(b); other_0123456789abcdef; __wbg_short_12ab;\n\
        __wbindgen_generic_0000000000000001";

    #[test]
    fn hashes_become_numbers_in_script_and_module() {
        let numbers = numbers(SCRIPT);
        let mut script = SCRIPT.as_bytes().to_vec();
        replace(&mut script, &numbers);
        assert_eq!(
            String::from_utf8(script).expect("is text"),
            "__wbg_new_0000000000000000: f, wasm.wasm_bindgen__convert__invoke__h0000000000000001_13(a);\n\
             wasm.wasm_bindgen__convert__invoke__h0000000000000001(b); other_0123456789abcdef; __wbg_short_12ab;\n\
             __wbindgen_generic_0000000000000002"
        );
        let mut module = b"\0asm\x1a__wbg_new_bb74001155cb8ca8\0\xff_bb74001155cb8ca".to_vec();
        replace(&mut module, &numbers);
        assert_eq!(module, b"\0asm\x1a__wbg_new_0000000000000000\0\xff_bb74001155cb8ca");
    }
}
