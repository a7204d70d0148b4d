//! How a text is read.

mod support;

use kaiwa_markdown::{Block, Inline, parse};
use support::{addresses_of, visit, words_of};

fn text(text: &str) -> Inline {
    Inline::Text(text.to_owned())
}

fn paragraph(markdown: &str) -> Vec<Inline> {
    match parse(markdown).as_slice() {
        [Block::Paragraph(content)] => content.clone(),
        other => panic!("one paragraph expected: {other:?}"),
    }
}

#[test]
fn github_flavoured_blocks_are_parsed() {
    let blocks = parse(
        "# Title\n\ntext\n\n- [x] done\n- [ ] open\n\n1. one\n2. two\n\n> quote\n\n| a | b |\n|:--|--:|\n| 1 | 2 |\n\n---\n\n\
         ```rust ignore\nlet x;\n```\n\n$$\nx^2\n$$\n",
    );
    let names: Vec<_> = blocks.iter().map(|block| format!("{block:?}")).collect();
    for (name, expected) in names.iter().zip([
        "Heading { level: 1",
        "Paragraph",
        "List { start: None, tight: true",
        "List { start: Some(1)",
        "Quote",
        "Table",
        "Rule",
        "Code { language: Some(\"rust\"), code: \"let x;\\n\" }",
        "Math(Formula { tex: \"\\nx^2\\n\"",
    ]) {
        assert!(name.starts_with(expected), "{name}");
    }
    let Block::List { items, .. } = &blocks[2] else { panic!("a list expected") };
    assert_eq!(items.iter().map(|item| item.checked).collect::<Vec<_>>(), [Some(true), Some(false)]);
}

#[test]
fn blank_lines_between_items_make_a_list_loose() {
    for (markdown, expected) in
        [("- a\n- b", true), ("- a\n\n- b", false), ("- a\n\n  b\n- c", false), ("- a\n  - b\n\n", true)]
    {
        assert!(
            matches!(parse(markdown)[..], [Block::List { tight, .. }] if tight == expected),
            "{markdown:?}"
        );
    }
}

#[test]
fn a_bare_address_ends_where_chinese_text_begins() {
    let blocks = parse("请访问https://example.com/a，或 http://example.org.");
    assert_eq!(addresses_of(&blocks), ["https://example.com/a", "http://example.org"]);
    assert_eq!(
        addresses_of(&parse("`https://example.com`\n\n    https://example.com")),
        Vec::<String>::new()
    );
}

#[test]
fn emphasis_works_between_chinese_characters_and_punctuation() {
    assert_eq!(paragraph("**注意：**请看"), [Inline::Strong(vec![text("注意：")]), text("请看")]);
    assert_eq!(
        paragraph("这是**“引用”**的，**重点**是*（这里）*吗"),
        [
            text("这是"),
            Inline::Strong(vec![text("“引用”")]),
            text("的，"),
            Inline::Strong(vec![text("重点")]),
            text("是"),
            Inline::Emphasis(vec![text("（这里）")]),
            text("吗"),
        ]
    );
    assert_eq!(
        paragraph("用**`code`**命令"),
        [text("用"), Inline::Strong(vec![Inline::Code("code".to_owned())]), text("命令")]
    );
}

#[test]
fn a_range_between_numbers_is_not_struck_out() {
    assert_eq!(paragraph("3~5天，6~8天"), [text("3~5天，6~8天")]);
    assert_eq!(paragraph("~~old~~"), [Inline::Strikethrough(vec![text("old")])]);
}

#[test]
fn prices_are_not_formulas() {
    assert_eq!(paragraph("from $5 to $10"), [text("from $5 to $10")]);
}

#[test]
fn a_line_break_within_a_cell_is_kept() {
    let blocks = parse("| a |\n|---|\n| one<br>two |\n");
    let Block::Table { rows, .. } = &blocks[0] else { panic!("a table expected") };
    assert_eq!(rows[0][0], [text("one"), Inline::LineBreak, text("two")]);
}

#[test]
fn cells_beyond_the_last_column_are_kept() {
    assert!(words_of(&parse("| a |\n|---|\n| one | two | three |\n")).contains("one | two | three"));
}

#[test]
fn an_image_keeps_its_address_and_text() {
    let [Inline::Image { src: Some(src), alt }] =
        &paragraph("![a *fine* cat](https://example.com/cat.png)")[..]
    else {
        panic!("an image expected")
    };
    assert_eq!((src.host(), alt.as_str()), (Some("example.com"), "a fine cat"));
    assert_eq!(
        paragraph("![cat](data:image/png;base64,x)"),
        [Inline::Image { src: None, alt: "cat".to_owned() }]
    );
}

#[test]
fn a_footnote_and_its_reference_share_a_label() {
    let blocks = parse("Said[^1].\n\n[^1]: Who said it.\n");
    assert!(
        matches!(&blocks[0], Block::Paragraph(content) if content[1] == Inline::FootnoteReference("1".to_owned()))
    );
    assert!(matches!(&blocks[1], Block::Footnote { label, .. } if label == "1"));
}

#[test]
fn all_line_endings_are_equivalent() {
    let unix = "a\nb\n\n```\ncode\n```\n- x\n- y\n";
    assert_eq!(parse(&unix.replace('\n', "\r\n")), parse(unix));
    assert_eq!(parse(&unix.replace('\n', "\r")), parse(unix));
}

#[test]
fn deep_nesting_is_flattened() {
    let deep = [
        ">".repeat(10_000) + " end",
        "> ".repeat(10_000) + "end",
        "- ".repeat(10_000) + "end",
        (0..1_000).flat_map(|depth| ["  ".repeat(depth), "- x\n".to_owned()]).collect::<String>() + "end",
        "*a ".repeat(10_000) + &"b* ".repeat(10_000) + "end",
        "[".repeat(10_000) + &"](https://example.com)".repeat(10_000) + "end",
        "![".repeat(10_000) + &"](https://example.com)".repeat(10_000) + "end",
        "a ".to_owned() + &"`".repeat(10_001) + "end",
    ];
    for (case, markdown) in deep.into_iter().enumerate() {
        let blocks = parse(&markdown);
        let mut nodes = 0_usize;
        // Walks, compares, prints and drops recursively, on a stack no larger than a browser's.
        let walked = std::thread::Builder::new().stack_size(256 * 1024).spawn(move || {
            visit(&blocks, &mut |_| nodes += 1);
            assert!(blocks == blocks.clone() && nodes > 0);
            assert!(words_of(&blocks).contains("end"), "case {case}");
        });
        walked.expect("a thread").join().expect("no overflow");
    }
}
