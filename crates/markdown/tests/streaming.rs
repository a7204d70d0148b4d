//! How a text reads while it arrives, and what that costs.

mod support;

use kaiwa_markdown::{Block, Stream, Tail, parse};
use support::{addresses_of, words_of};

fn tail_of(text: &str) -> Vec<Block> {
    let mut stream = Stream::new();
    let mut blocks = stream.push(text).to_vec();
    match stream.tail() {
        Tail::Blocks(tail) => blocks.extend(tail),
        Tail::Code { .. } => panic!("no open code expected"),
    }
    blocks
}

#[test]
fn unfinished_marks_look_finished() {
    for (so_far, finished) in [
        ("some **bo", "some **bo**"),
        ("some **bold*", "some **bold**"),
        ("some **bold ", "some **bold**"),
        ("some **", "some "),
        ("some *it", "some *it*"),
        ("***both", "***both***"),
        ("**a *b", "**a *b***"),
        ("~~gone", "~~gone~~"),
        ("~~gone~", "~~gone~~"),
        ("use `code", "use `code`"),
        ("use `a *b", "use `a *b`"),
        ("use ``a`b", "use ``a`b``"),
        ("use `", "use "),
        ("$$x^2", "$$x^2$$"),
        ("- one\n- **two", "- one\n- **two**"),
        ("> **quoted", "> **quoted**"),
        ("# **head", "# **head**"),
        ("**注意：", "**注意：**"),
        ("snake_case and 2 * 3", "snake_case and 2 * 3"),
        ("escaped \\*star", "escaped \\*star"),
        ("**one\n\ntwo", "**one\n\ntwo"),
        ("| a | b |\n|---|---|\n| **x | y", "| a | b |\n|---|---|\n| **x | y"),
        ("| a | b |\n|---|---|\n| x | **y", "| a | b |\n|---|---|\n| x | **y** |"),
    ] {
        assert_eq!(tail_of(so_far), parse(finished), "{so_far:?}");
    }
}

#[test]
fn an_unfinished_link_is_text_and_a_finished_one_is_not() {
    for so_far in [
        "see [the page",
        "see [the page]",
        "see [the page](",
        "see [the page](https://example.com/pa",
        "see ![the page](https://example.com/pa",
        "see [the page](https://example.com \"tit",
    ] {
        assert_eq!(addresses_of(&tail_of(so_far)), Vec::<String>::new(), "{so_far}");
        assert_eq!(words_of(&tail_of(so_far)).trim(), "see the page", "{so_far}");
    }
    assert_eq!(
        addresses_of(&tail_of("see [the page](https://example.com/page)")),
        ["https://example.com/page"]
    );
}

#[test]
fn a_bare_address_is_a_link_only_once_it_has_ended() {
    for so_far in
        ["https://exa", "- x https://example.com/p", "**https://example.com", "| a |\n|---|\n| https://exam"]
    {
        assert_eq!(addresses_of(&tail_of(so_far)), Vec::<String>::new(), "{so_far}");
    }
    assert_eq!(addresses_of(&tail_of("https://example.com ")), ["https://example.com"]);
}

#[test]
fn an_ambiguous_last_line_is_held_back() {
    for so_far in [
        "Text:\n-",
        "Text:\n- ",
        "Text:\n--",
        "Text:\n=",
        "Text:\n#",
        "Text:\n``",
        "Text:\n```ru",
        "Text:\n1",
        "Text:\n1.",
    ] {
        assert_eq!(tail_of(so_far), parse("Text:"), "{so_far:?}");
    }
}

#[test]
fn a_table_is_recognised_from_its_header_row() {
    for so_far in ["| a | b |", "| a | b |\n", "| a | b |\n|", "| a | b |\n|--", "| a | b |\n|---|:-"] {
        assert_eq!(tail_of(so_far), parse("| a | b |\n|---|---|\n"), "{so_far:?}");
    }
    assert_eq!(tail_of("| a | b"), parse("| a | b |\n|---|---|\n"));
}

#[test]
fn a_block_is_sealed_when_nothing_can_change_it() {
    let mut stream = Stream::new();
    assert_eq!(stream.push("# Title\n").len(), 1);
    assert_eq!(stream.push("A paragraph\nof two lines.").len(), 0);
    assert_eq!(stream.push("\n\n").len(), 1);
    assert_eq!(stream.push("- one\n- two\n\n").len(), 0);
    assert_eq!(stream.push("  still two\n\nAfter").len(), 0, "the last line may still turn into an item");
    assert_eq!(stream.push(" it\n").len(), 1);
}

#[test]
fn open_code_never_shows_its_closing_fence() {
    let mut stream = Stream::new();
    stream.push("```rust\nfn main() {}\n");
    assert_eq!(stream.tail(), Tail::Code { language: Some("rust"), code: "fn main() {}\n" });
    stream.push("``");
    assert_eq!(stream.tail(), Tail::Code { language: Some("rust"), code: "fn main() {}\n" });
    let sealed = stream.push("`\n").to_vec();
    assert_eq!(sealed, parse("```rust\nfn main() {}\n```\n"));
    assert_eq!(stream.tail(), Tail::Blocks(vec![]));
}

#[test]
fn a_late_definition_changes_only_its_references() {
    let mut stream = Stream::new();
    let text = "See [docs].\n\nUnrelated.\n\nAnd[^1].\n\n[docs]: https://example.com/docs\n\n[^1]: Note.\n";
    for line in text.split_inclusive('\n') {
        stream.push(line);
    }
    assert_eq!(stream.sealed().len(), 3);
    let finish = stream.finish();
    assert_eq!(finish.changed, [0, 2]);
    assert_eq!(finish.blocks, parse(text));
}

#[test]
fn a_list_without_own_text_is_sealed_at_its_end() {
    let mut stream = Stream::new();
    for line in ["- <div>\n", "\n", "- line\n", "  ---\n", "\n", "After it.\n"] {
        stream.push(line);
    }
    assert!(matches!(stream.sealed(), [Block::List { .. }]));
    assert_eq!(stream.finish().changed, Vec::<usize>::new());
}

/// The bytes parsed for each push of four bytes, once `before` has arrived and until `text` has.
/// Lines that are a block of their own, in which a formula begins that the next line would close.
#[test]
fn a_formula_does_not_leave_the_block_it_began_in() {
    for line in [
        "<summary>\\(a",
        "<details>\\(a",
        "<details open>\\[a",
        "</details>$$a",
        "</summary>\\begin{align}a",
        "- <summary>\\(a",
        "> <details>\\(a",
        "<details><summary>\\(a",
        "<!-- \\(a -->",
        "<?php \\(a ?>",
        "<!DOCTYPE \\(a>",
        "<![CDATA[\\(a]]>",
        "<pre>\\(a</pre>",
        "<script>\\[a</script>",
        "<style>$$a</style>",
        "<textarea>\\begin{align}a</textarea>",
        "# \\(a",
        "## $$a",
        "- # \\[a",
        "| \\(a",
        "> | $$a",
        "- <!-- $$a",
        "> ```\n> $$a",
        "> > \\(a\n> x",
    ] {
        for closing in ["b\\)", "b\\]", "b$$", "b\\end{align}"] {
            let text = format!("{line}\n{closing}\n\nx\n");
            let mut stream = Stream::new();
            for piece in text.split_inclusive(|_: char| true) {
                stream.push(piece);
            }
            let finish = stream.finish();
            assert_eq!(finish.changed, Vec::<usize>::new(), "{text:?}");
            assert_eq!(finish.blocks, parse(&text), "{text:?}");
        }
    }
}

fn work_per_push(before: &str, text: &str) -> f64 {
    let mut stream = Stream::new();
    for piece in before.split_inclusive(' ') {
        stream.push(piece);
    }
    let start = stream.parsed_bytes();
    let mut pushes = 0_u32;
    for piece in text.split_inclusive(' ') {
        stream.push(piece);
        stream.tail();
        pushes += 1;
    }
    #[expect(clippy::cast_precision_loss, reason = "a ratio of small counts")]
    let parsed = (stream.parsed_bytes() - start) as f64;
    parsed / f64::from(pushes)
}

fn reply(bytes: usize) -> String {
    let section = "## A heading\n\nA paragraph with **bold**, `code` and [a link](https://example.com), as long as they are \
                   in a reply that explains something.\n\n1. First, with text\n2. Second, with text\n   - inner\n\n\
                   ```rust\nfn main() {\n    println!(\"hello\");\n}\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n";
    section.repeat(bytes.div_ceil(section.len()))
}

#[test]
fn a_late_token_costs_as_much_as_an_early_one() {
    let early = work_per_push(&reply(2_000), &reply(2_000));
    let late = work_per_push(&reply(48_000), &reply(2_000));
    println!("parsed bytes per push: {early:.0} at 2 KB, {late:.0} at 48 KB");
    assert!(late <= early * 1.5, "{early} at 2 KB, {late} at 48 KB");
}

#[test]
fn one_long_code_block_or_list_costs_no_more_as_it_grows() {
    let code = |lines: usize| "let some = code(with, words);\n".repeat(lines);
    assert!(
        work_per_push(&format!("```rust\n{}", code(1_500)), &code(50)) < 1.0,
        "open code is not parsed at all"
    );

    let list = |items: usize| "- an item with **some** words and\n  a second line\n".repeat(items);
    let early = work_per_push(&list(40), &list(40));
    let late = work_per_push(&list(1_000), &list(40));
    println!("parsed bytes per push: {early:.0} after 40 items, {late:.0} after 1 000");
    assert!(late <= early * 1.5, "{early} after 40 items, {late} after 1 000");
}

#[test]
fn an_endless_paragraph_is_not_parsed_for_every_word() {
    let words = |count: usize| "word ".repeat(count);
    let per_push = work_per_push(&words(10_000), &words(5_000));
    println!("parsed bytes per push in a paragraph of 75 KB: {per_push:.0}");
    assert!(per_push < 200.0, "{per_push}");
}

#[test]
fn an_endless_paragraph_shows_all_of_its_words() {
    let mut stream = Stream::new();
    let mut text = String::new();
    for index in 0..8_000 {
        let word = format!("w{index} ");
        stream.push(&word);
        text.push_str(&word);
        if index % 97 == 0 || index > 7_990 {
            let Tail::Blocks(blocks) = stream.tail() else { panic!("no code expected") };
            assert_eq!(words_of(&blocks).trim(), text.trim());
        }
    }
}
