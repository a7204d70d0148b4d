//! Replies in the manner of the large models: they read the same however they arrive.

mod support;

use kaiwa_markdown::{Block, OwnFile, SafeUrl, Stream, Tail, parse};
use support::{addresses_of, words_of};

const ENGLISH: &str = include_str!("fixtures/replies/english.md");
const CHINESE: &str = include_str!("fixtures/replies/chinese.md");
/// How many replies are composed in each language.
const REPLIES: usize = 150;

/// Replies of three parts each. Every part begins, continues and ends one, beside ever different neighbours.
fn replies(parts: &str) -> Vec<String> {
    let parts: Vec<&str> = parts.split("%%%\n").collect();
    let part = |number: usize| parts[number % parts.len()];
    // A part may end within a block; most models leave a blank line, some none.
    let gap = |number: usize| if number % 5 == 4 { "" } else { "\n" };
    (0..REPLIES)
        .map(|n| {
            [part(n), gap(n), part(n * 7 + 3), gap(n + 2), part(n * 11 + n / parts.len() * 2 + 5)].concat()
        })
        .collect()
}

fn all_replies() -> impl Iterator<Item = String> {
    [ENGLISH, CHINESE].into_iter().flat_map(replies)
}

/// Whether later text may change what was read: definitions give meaning to earlier brackets.
fn has_definitions(text: &str) -> bool {
    text.lines().any(|line| line.starts_with('[') && line.contains("]: "))
}

#[test]
fn a_reply_cut_anywhere_reads_as_a_whole() {
    for (number, text) in all_replies().enumerate() {
        let whole = parse(&text);
        let mut stream = Stream::new();
        for (at, c) in text.char_indices() {
            stream.push(c.encode_utf8(&mut [0; 4]));
            stream.tail();
            if c == '\n' && number % 5 == 0 {
                // What follows in one piece changes nothing either.
                let mut rest = Stream::new();
                rest.push(&text[..=at]);
                rest.push(&text[at + 1..]);
                assert_eq!(rest.finish().blocks, whole, "cut after {:?}", &text[..=at]);
            }
        }
        let sealed = stream.sealed().to_vec();
        let finish = stream.finish();
        assert_eq!(finish.blocks, whole, "{text:?}");
        if !has_definitions(&text) {
            assert_eq!(finish.changed, Vec::<usize>::new(), "{text:?}");
            assert_eq!(sealed, whole[..sealed.len()], "{text:?}");
        }
    }
}

#[test]
fn a_reply_shows_its_words_while_it_arrives() {
    for text in all_replies().step_by(7) {
        let mut stream = Stream::new();
        let mut sealed = 0;
        let mut longest = 0;
        for c in text.chars() {
            sealed += words_of(stream.push(c.encode_utf8(&mut [0; 4]))).chars().count();
            let tail = match stream.tail() {
                Tail::Blocks(blocks) => words_of(&blocks).chars().count(),
                Tail::Code { code, .. } => code.chars().count(),
            };
            // Marks are held back until they are complete, but nothing that was shown for long disappears.
            assert!(sealed + tail + 80 >= longest, "{} of {longest} characters of {text:?}", sealed + tail);
            longest = longest.max(sealed + tail);
        }
    }
}

#[test]
fn every_address_in_a_reply_is_safe() {
    let addresses: Vec<String> = all_replies().flat_map(|text| addresses_of(&parse(&text))).collect();
    assert!(addresses.len() > 100);
    for address in addresses {
        assert!(SafeUrl::parse(&address).is_some() || OwnFile::parse(&address).is_some(), "{address}");
    }
}

#[test]
fn no_reply_loses_a_block() {
    let count = |is_kind: fn(&Block) -> bool| {
        all_replies().map(|text| parse(&text).iter().filter(|block| is_kind(block)).count()).sum::<usize>()
    };
    // Each kind of block is there, so that the tests above mean something.
    assert!(count(|block| matches!(block, Block::Math(_))) > 60);
    assert!(count(|block| matches!(block, Block::Table { .. })) > 40);
    assert!(count(|block| matches!(block, Block::Details { .. })) > 20);
    assert!(count(|block| matches!(block, Block::Alert { .. })) > 30);
    assert!(count(|block| matches!(block, Block::Footnote { .. })) > 20);
    assert!(count(|block| matches!(block, Block::Code { .. })) > 100);
}
