//! What holds for every text, however it is written and however it arrives.

mod support;

use std::collections::BTreeSet;

use kaiwa_markdown::{Block, SafeUrl, Stream, Tail, parse};
use proptest::{prelude::*, sample::select};
use support::{addresses_of, words_of};

/// Pieces that mean something to Markdown, or stop meaning it when they are cut or put side by side.
const FRAGMENTS: &[&str] = &[
    "word",
    "two words",
    "数据库",
    "。",
    "，",
    "🙂",
    "👩‍👩‍👧",
    "é",
    "\u{301}",
    "العربية",
    "1",
    "42",
    " ",
    "  ",
    "    ",
    "\t",
    "\n",
    "\n",
    "\n",
    "\n\n",
    "\n\n",
    "\r\n",
    "\r",
    "\r\n\r\n",
    "  \n",
    "\\\n",
    "\\",
    "\0",
    "*",
    "**",
    "***",
    "_",
    "__",
    "~",
    "~~",
    "`",
    "``",
    "```",
    "~~~",
    "```rust\n",
    "```\n",
    "````\n",
    "~~~\n",
    "\n```\n",
    "# ",
    "###### ",
    "#",
    "\n---\n",
    "\n===\n",
    "***\n",
    "- ",
    "* ",
    "+ ",
    "1. ",
    "2) ",
    "10. ",
    "- [ ] ",
    "- [x] ",
    "\n- ",
    "\n  - ",
    "\n    - ",
    "\n1. ",
    "\n   ",
    "> ",
    ">",
    "\n> ",
    "> > ",
    "\n>\n",
    "> ```\n",
    "- ```\n",
    "> - ",
    "|",
    " | ",
    "| a | b |\n|---|---|\n",
    "| c | d |\n",
    "|---|\n",
    "|:-:|",
    "---",
    "| x | y | z |\n",
    "[",
    "]",
    "](",
    ")",
    "[label](https://example.com/a)",
    "[label](javascript:x)",
    "![alt](https://example.com/i.png)",
    "<https://example.com>",
    "https://example.com/path",
    "http://",
    "<",
    ">",
    "<b>",
    "</b>",
    "<br>",
    "<div>\n",
    "</div>\n",
    "<!-- ",
    "-->",
    "<script>",
    "</script>",
    "&amp;",
    "&",
    "$",
    "$$",
    "$x$",
    "$$\ny\n$$",
    "$5",
    "\\(",
    "\\)",
    "\\[",
    "\\]",
    "\n\\[\n",
    "\n\\]\n",
    "```markdown\n",
    "\n~~~md\n",
    "```math\n",
    "\\begin{align}",
    "\\end{align}",
    "\n\\begin{cases}\n",
    "\\end{cases}\n",
    "<sub>",
    "</sub>",
    "<kbd>x</kbd>",
    "\n<sup>\n",
    "\n<details>\n",
    "<details><summary>s</summary>",
    "\n<summary>s</summary>\n",
    "\n</details>\n",
    "</details>",
    "<details open>",
    "\n<summary>",
    "</summary>\n",
    "> [!NOTE]\n",
    "> [!tip]",
    "[!WARNING]\n",
    "www.example.com",
    "a@example.com",
    "@",
    ".com",
    "\"",
    "'",
    ":",
    "!",
];

/// Pieces through which one part of a text changes what another means.
const FAR_REACHING: &[&str] = &[
    "[ref]",
    "[ref][]",
    "[text][ref]",
    "\n\n[ref]: https://example.com/ref\n\n",
    "[^1]",
    "\n\n[^1]: note\n",
    "\n[ref]: ",
];

fn text_of(fragments: Vec<&'static str>) -> impl Strategy<Value = String> {
    prop::collection::vec(select(fragments), 0..40).prop_map(|parts| parts.concat())
}

fn self_contained() -> impl Strategy<Value = String> {
    // A colon after a bracket would make a definition.
    text_of(FRAGMENTS.to_vec()).prop_map(|text| text.replace("]:", "] :"))
}

fn any_markdown() -> impl Strategy<Value = String> {
    prop_oneof![3 => text_of([FRAGMENTS, FAR_REACHING].concat()), 1 => any::<String>()]
}

/// A text and where it is cut.
fn in_pieces(text: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<String>> {
    (text, prop::collection::vec(1..12_usize, 1..20)).prop_map(|(text, lengths)| {
        let mut chars = text.chars().peekable();
        let mut lengths = lengths.into_iter().cycle();
        let mut pieces = Vec::new();
        while chars.peek().is_some() {
            pieces.push(chars.by_ref().take(lengths.next().unwrap_or(1)).collect());
        }
        pieces
    })
}

/// Streams the pieces, with a look at the tail after each; returns the blocks as sealed, the blocks in the end, and
/// which of them the stream said had changed.
fn streamed(pieces: &[String]) -> (Vec<Block>, Vec<Block>, Vec<usize>) {
    let mut stream = Stream::new();
    let mut sealed = Vec::new();
    let mut code_so_far = String::new();
    for piece in pieces {
        let newly_sealed = stream.push(piece);
        if !newly_sealed.is_empty() {
            code_so_far.clear();
        }
        sealed.extend_from_slice(newly_sealed);
        assert_eq!(stream.sealed(), sealed, "sealed blocks stay as they are");
        match stream.tail() {
            Tail::Blocks(blocks) => {
                assert!(addresses_of(&blocks).iter().all(|address| SafeUrl::parse(address).is_some()));
            }
            Tail::Code { code, .. } => {
                assert!(code.starts_with(&code_so_far), "open code only grows");
                code.clone_into(&mut code_so_far);
            }
        }
    }
    let finish = stream.finish();
    (sealed, finish.blocks, finish.changed)
}

fn alphanumeric_runs(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty()).map(str::to_owned).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_streamed_text_equals_the_text_parsed_at_once(pieces in in_pieces(any_markdown())) {
        let (sealed, blocks, changed) = streamed(&pieces);
        let whole = parse(&pieces.concat());
        prop_assert_eq!(&blocks, &whole);
        for (index, (sealed, definitive)) in sealed.iter().zip(&whole).enumerate() {
            prop_assert_eq!(changed.contains(&index), sealed != definitive, "block {}", index);
        }
    }

    #[test]
    fn without_references_nothing_sealed_ever_changes(pieces in in_pieces(self_contained())) {
        let (sealed, blocks, changed) = streamed(&pieces);
        prop_assert_eq!(changed, Vec::<usize>::new(), "{:#?}\n{:#?}", sealed, blocks);
        prop_assert!(sealed.len() <= blocks.len());
    }

    #[test]
    fn every_linked_address_is_safe(text in any_markdown()) {
        for address in addresses_of(&parse(&text)) {
            let lower = address.to_lowercase();
            prop_assert!(["http://", "https://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme)), "{}", address);
            prop_assert!(!address.contains(char::is_control));
        }
    }

    #[test]
    fn no_word_is_lost(parts in prop::collection::vec((select(FRAGMENTS.to_vec()), "[a-z]{3}[0-9]{4}"), 1..20)) {
        // What a definition, an entity or a fence's first line holds is not for reading.
        let apart = ["&", "```", "~~~", "`", "](", "<!--", "[label](javascript:x)"];
        let text: String = parts
            .iter()
            .filter(|(fragment, _)| !apart.iter().any(|mark| fragment.contains(mark)))
            .flat_map(|(fragment, word)| [fragment, word.as_str()])
            .collect();
        let found = words_of(&parse(&text));
        for (_, word) in &parts {
            prop_assert!(!text.contains(word) || found.contains(word.as_str()), "{} of {:?}", word, text);
        }
    }

    #[test]
    fn plain_words_stay_in_their_order(words in prop::collection::vec("[a-z0-9]{1,9}", 1..30)) {
        let text = words.join(" ");
        prop_assert_eq!(alphanumeric_runs(&words_of(&parse(&text))), alphanumeric_runs(&text));
    }
}
