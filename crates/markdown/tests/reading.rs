//! How a text is read.

mod support;

use kaiwa_markdown::{AlertKind, Block, ImageSource, Inline, InlineTag, parse};
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
    let [Inline::Image { src: Some(ImageSource::Remote(src)), alt }] =
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
fn a_file_of_ours_is_no_remote_image() {
    let address = "/api/files/0198a0b0-0000-7000-8000-00000000000a/content";
    let [Inline::Image { src: Some(source), .. }] = &paragraph(&format!("![a chart]({address})"))[..] else {
        panic!("an image expected")
    };
    assert!(matches!(source, ImageSource::Own(file) if file.as_str() == address));
    // A link to it is none: only the page's own addresses are followed.
    assert_eq!(addresses_of(&parse(&format!("[x]({address})"))), Vec::<String>::new());
}

#[test]
fn alerts_have_a_kind() {
    for (markdown, expected) in [
        ("> [!NOTE]\n> Text", AlertKind::Note),
        ("> [!tip]\n> Text\n>\n> - more", AlertKind::Tip),
        ("> [!IMPORTANT]  \n> 中文", AlertKind::Important),
        (">[!WARNING]\n>Text", AlertKind::Warning),
        ("> [!CAUTION]\nlazy", AlertKind::Caution),
    ] {
        assert!(
            matches!(&parse(markdown)[..], [Block::Alert { kind, blocks }] if *kind == expected && !blocks.is_empty()),
            "{markdown:?}: {:#?}",
            parse(markdown)
        );
    }
    for markdown in ["> [!NOTE] Text", "> [!OTHER]\n> Text", "> **[!NOTE]**\n> x", "[!NOTE]\nText"] {
        assert!(!matches!(&parse(markdown)[..], [Block::Alert { .. }]), "{markdown:?}");
    }
}

#[test]
fn text_between_known_tags_is_marked() {
    let tagged = |tag, content: &str| Inline::Tagged(tag, vec![text(content)]);
    assert_eq!(
        paragraph("H<sub>2</sub>O, x<SUP>2</SUP>, <kbd>Ctrl</kbd>+<kbd>C</kbd>"),
        [
            text("H"),
            tagged(InlineTag::Subscript, "2"),
            text("O, x"),
            tagged(InlineTag::Superscript, "2"),
            text(", "),
            tagged(InlineTag::Keyboard, "Ctrl"),
            text("+"),
            tagged(InlineTag::Keyboard, "C"),
        ]
    );
    assert_eq!(
        paragraph("a<sub>*b* <sup>c</sup></sub>"),
        [
            text("a"),
            Inline::Tagged(
                InlineTag::Subscript,
                vec![Inline::Emphasis(vec![text("b")]), text(" "), tagged(InlineTag::Superscript, "c"),]
            ),
        ]
    );
    for markdown in [
        "a<sub class=x>b</sub>",
        "a<sub>b",
        "a</sub>b",
        "*a<sub>b*c</sub>",
        "<u>a</u>, <b>c</b>",
        "`<sub>a</sub>`",
        "\\<sub>a\\</sub>",
    ] {
        let mut tags = 0;
        let blocks = parse(markdown);
        visit(&blocks, &mut |inline| tags += usize::from(matches!(inline, Inline::Tagged(..))));
        assert_eq!(tags, 0, "{markdown}");
        assert_eq!(words_of(&blocks).trim(), markdown.replace(['*', '`', '\\'], ""), "{markdown}");
    }
}

#[test]
fn tags_on_lines_of_their_own_do_not_hide_markdown() {
    assert_eq!(
        paragraph("<br>\n**a**"),
        [Inline::LineBreak, Inline::LineBreak, Inline::Strong(vec![text("a")])]
    );
    assert_eq!(
        paragraph("<sub>\n**a**\n</sub>"),
        [Inline::Tagged(
            InlineTag::Subscript,
            vec![Inline::LineBreak, Inline::Strong(vec![text("a")]), Inline::LineBreak]
        )]
    );
}

#[test]
fn details_hold_markdown() {
    let summary = vec![text("Show "), Inline::Code("it".to_owned())];
    for markdown in [
        "<details>\n<summary>Show `it`</summary>\n\n- a\n- b\n\n</details>\n\nAfter",
        "<details>\n<summary>Show `it`</summary>\n- a\n- b\n</details>\nAfter",
        "<details><summary>Show `it`</summary>\n\n- a\n- b\n</details>\n\nAfter",
        "<DETAILS>\n<SUMMARY>\nShow `it`\n</SUMMARY>\n\n- a\n- b\n\n</DETAILS>\nAfter",
        "<details>\n  <summary>Show `it`</summary>\n\n  - a\n  - b\n\n</details>\n\nAfter",
    ] {
        let blocks = parse(markdown);
        assert!(
            matches!(&blocks[..], [Block::Details { summary: shown, is_open: false, blocks }, Block::Paragraph(_)]
                if *shown == summary && matches!(&blocks[..], [Block::List { items, .. }] if items.len() == 2)),
            "{markdown:?}: {blocks:#?}"
        );
    }
    let blocks = parse(
        "<details open>\n\nNo summary\n\n<details>\n<summary>Inner</summary>\nx\n</details>\n\n</details>",
    );
    assert!(
        matches!(&blocks[..], [Block::Details { summary, is_open: true, blocks }]
            if summary.is_empty() && matches!(&blocks[..], [Block::Paragraph(_), Block::Details { .. }])),
        "{blocks:#?}"
    );
    let line = parse("<details><summary>A</summary>b **c**</details>\n- x");
    assert!(
        matches!(&line[..], [Block::Details { blocks, .. }, Block::List { .. }] if matches!(&blocks[..], [Block::Paragraph(_)])),
        "{line:#?}"
    );
    // One that is never closed ends with what is around it.
    let nested = parse("1. a\n   <details>\n   <summary>B</summary>\n\n   c\n2. d\n\n> <details>\n> e\n\nf");
    assert!(
        matches!(&nested[..], [Block::List { items, .. }, Block::Quote(_), Block::Paragraph(_)] if items.len() == 2),
        "{nested:#?}"
    );
}

#[test]
fn tags_of_details_that_do_not_fit_are_text() {
    for markdown in [
        "</details>",
        "<summary>x</summary>",
        "</summary>",
        "<details class=\"x\">\n</details>",
        "<details ontoggle=alert(1)>",
        "<details open ontoggle=alert(1)><summary>x</summary></details>",
        "```\n<details>\n<summary>x</summary>\n</details>\n```",
        "    <details>",
        "<div>\n<details>\n</details>\n</div>",
        "a <details> b",
        "<details></details> b",
        "> </details>",
    ] {
        let blocks = parse(markdown);
        assert!(!matches!(&blocks[..], [Block::Details { .. }, ..]), "{markdown:?}: {blocks:#?}");
        for line in markdown.lines().filter(|line| !line.starts_with("```")) {
            let line = line.trim_start_matches(['>', ' ']);
            assert!(words_of(&blocks).contains(line), "{markdown:?} is shown as {:?}", words_of(&blocks));
        }
    }
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
