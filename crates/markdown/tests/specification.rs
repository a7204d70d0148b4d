//! The examples of the `CommonMark` 0.31.2 and GFM 0.29 specifications (`fixtures/specification`).
//!
//! Our tree is written as HTML and compared with the expected one. What differs by a rule of ours is made equal in both:
//!
//! - Raw HTML is text, so entities are decoded in both, and `<b>` as text equals `<b>` as a tag.
//! - A soft line break is a break, so `<br />` is only a line break in both.
//! - An address that is not safe to link is empty in both. Titles of images are not kept.
//!
//! What still differs is listed, with its reason, in [`COMMONMARK`] and [`GFM`]; an example in it that passes is an error too.

use kaiwa_markdown::{Alignment, Block, ImageSource, Inline, InlineTag, SafeUrl, parse};

/// The examples of `CommonMark` that we read differently, with the reason.
const COMMONMARK: &[(&str, &[u64])] = &[
    ("brackets after a backslash are the delimiters of a formula", &[12]),
    ("a mark beside a punctuation mark that is not ASCII flanks on both sides, as Chinese needs it", &[354]),
    ("bare addresses are links, as in GFM", &[602, 606, 608, 611, 612]),
];

/// The examples of GFM that we read differently, with the reason.
const GFM: &[(&str, &[u64])] = &[
    ("cells beyond the last column are kept", &[204]),
    ("bare addresses are links, also where the examples of CommonMark have none", &[610, 616, 619]),
    ("only the web and mail are linked", &[628]),
];

#[derive(serde::Deserialize)]
struct Example {
    #[serde(rename = "example")]
    number: u64,
    section: String,
    markdown: String,
    html: String,
}

fn check(name: &str, examples: &[Example], deviations: &[&[u64]]) {
    let mut findings = Vec::new();
    for Example { number, section, markdown, html } in examples {
        let (shown, expected) = (comparable(&html_of(&parse(markdown))), comparable(html));
        let may_differ = deviations.iter().any(|numbers| numbers.contains(number));
        if (shown == expected) == may_differ {
            findings.push(format!(
                "{name} {number} ({section}) {}\n  markdown {markdown:?}\n  expected {expected:?}\n  shown    {shown:?}",
                if may_differ { "is no deviation" } else { "differs" }
            ));
        }
    }
    assert!(findings.is_empty(), "{} of {}:\n{}", findings.len(), examples.len(), findings.join("\n"));
}

#[test]
fn the_examples_of_commonmark_are_read_as_specified() {
    let deviations: Vec<&[u64]> = COMMONMARK.iter().map(|(_, numbers)| *numbers).collect();
    check(
        "CommonMark",
        &serde_json::from_str::<Vec<Example>>(include_str!("fixtures/specification/commonmark.json"))
            .unwrap(),
        &deviations,
    );
}

#[test]
fn the_examples_of_gfm_are_read_as_specified() {
    let deviations: Vec<&[u64]> = GFM.iter().map(|(_, numbers)| *numbers).collect();
    check(
        "GFM",
        &serde_json::from_str::<Vec<Example>>(include_str!("fixtures/specification/gfm.json")).unwrap(),
        &deviations,
    );
}

/// HTML in a form in which equal meanings are equal texts.
fn comparable(html: &str) -> String {
    let mut text = without_attribute(&decoded(html), " class=\"language-", |value| {
        format!(" class=\"language-{value}\"")
    });
    for attribute in [" href=\"", " src=\"", " title=\""] {
        text = without_attribute(&text, attribute, |value| {
            let is_address = attribute != " title=\"";
            let kept = !is_address || SafeUrl::parse(value).is_some();
            if kept { format!("{attribute}{}\"", percent_decoded(value)) } else { String::new() }
        });
    }
    let text = without_image_titles(&text);
    let text = text.replace("<br />\n", "\n").replace("<br />", "\n");
    let lines: Vec<&str> = text.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join("\n").replace(">\n", ">").replace("\n<", "<")
}

/// Replaces every attribute by what `change` makes of its value.
fn without_attribute(html: &str, opening: &str, change: impl Fn(&str) -> String) -> String {
    let mut parts = html.split(opening);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (value, rest) = part.split_once('"').unwrap_or((part, ""));
        text.push_str(&change(value));
        text.push_str(rest);
    }
    text
}

fn without_image_titles(html: &str) -> String {
    let mut parts = html.split("<img");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (image, rest) = part.split_once("/>").unwrap_or((part, ""));
        text.push_str("<img");
        text.push_str(&without_attribute(image, " title=\"", |_| String::new()));
        text.push_str("/>");
        text.push_str(rest);
    }
    text
}

fn decoded(html: &str) -> String {
    html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

fn percent_decoded(address: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = address.as_bytes();
    while let [first, after @ ..] = rest {
        let code = match after {
            [high, low, ..] if *first == b'%' => {
                std::str::from_utf8(&[*high, *low]).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok())
            }
            _ => None,
        };
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn html_of(blocks: &[Block]) -> String {
    blocks.iter().map(|block| block_html(block, false)).collect::<Vec<_>>().join("\n")
}

fn block_html(block: &Block, is_tight: bool) -> String {
    match block {
        Block::Paragraph(content) if is_tight => inline_html(content),
        Block::Paragraph(content) => format!("<p>{}</p>", inline_html(content)),
        Block::Heading { level, content } => format!("<h{level}>{}</h{level}>", inline_html(content)),
        Block::Code { language: Some(language), code } => {
            format!("<pre><code class=\"language-{}\">{}</code></pre>", escaped(language), escaped(code))
        }
        Block::Code { language: None, code } => format!("<pre><code>{}</code></pre>", escaped(code)),
        Block::Quote(blocks) => format!("<blockquote>\n{}\n</blockquote>", html_of(blocks)),
        Block::List { start, tight, items } => {
            let items: Vec<String> = items
                .iter()
                .map(|item| {
                    let mark = match item.checked {
                        Some(true) => "<input checked=\"\" disabled=\"\" type=\"checkbox\"> ",
                        Some(false) => "<input disabled=\"\" type=\"checkbox\"> ",
                        None => "",
                    };
                    let blocks: Vec<String> =
                        item.blocks.iter().map(|block| block_html(block, *tight)).collect();
                    format!("<li>{mark}{}</li>", blocks.join("\n"))
                })
                .collect();
            let (open, close) = match start {
                None => ("<ul>".to_owned(), "</ul>"),
                Some(1) => ("<ol>".to_owned(), "</ol>"),
                Some(start) => (format!("<ol start=\"{start}\">"), "</ol>"),
            };
            format!("{open}\n{}\n{close}", items.join("\n"))
        }
        Block::Table { alignments, head, rows } => {
            let row = |cells: &[Vec<Inline>], tag: &str| {
                let cells: Vec<String> = cells
                    .iter()
                    .zip(alignments)
                    .map(|(cell, alignment)| {
                        let align = match alignment {
                            Alignment::None => "",
                            Alignment::Left => " align=\"left\"",
                            Alignment::Center => " align=\"center\"",
                            Alignment::Right => " align=\"right\"",
                        };
                        format!("<{tag}{align}>{}</{tag}>", inline_html(cell))
                    })
                    .collect();
                format!("<tr>\n{}\n</tr>", cells.join("\n"))
            };
            let body: Vec<String> = rows.iter().map(|cells| row(cells, "td")).collect();
            let body = if body.is_empty() {
                String::new()
            } else {
                format!("<tbody>\n{}\n</tbody>", body.join("\n"))
            };
            format!("<table>\n<thead>\n{}\n</thead>\n{body}\n</table>", row(head, "th"))
        }
        Block::Rule => "<hr />".to_owned(),
        Block::Math(formula) => formula.source(),
        Block::Html(html) => html.clone(),
        Block::Alert { .. } | Block::Details { .. } | Block::Footnote { .. } => format!("{block:?}"),
    }
}

fn inline_html(content: &[Inline]) -> String {
    let around = |tag: &str, inner: &[Inline]| format!("<{tag}>{}</{tag}>", inline_html(inner));
    let html = content.iter().map(|inline| match inline {
        Inline::Text(text) => escaped(text),
        Inline::Code(code) => format!("<code>{}</code>", escaped(code)),
        Inline::Emphasis(inner) => around("em", inner),
        Inline::Strong(inner) => around("strong", inner),
        Inline::Strikethrough(inner) => around("del", inner),
        Inline::Tagged(InlineTag::Subscript, inner) => around("sub", inner),
        Inline::Tagged(InlineTag::Superscript, inner) => around("sup", inner),
        Inline::Tagged(InlineTag::Keyboard, inner) => around("kbd", inner),
        Inline::Link { href, title, content } => {
            let href =
                href.as_ref().map_or(String::new(), |href| format!(" href=\"{}\"", escaped(href.as_str())));
            let title =
                if title.is_empty() { String::new() } else { format!(" title=\"{}\"", escaped(title)) };
            format!("<a{href}{title}>{}</a>", inline_html(content))
        }
        Inline::Image { src, alt } => {
            let src = match src {
                Some(ImageSource::Remote(url)) => format!(" src=\"{}\"", escaped(url.as_str())),
                _ => String::new(),
            };
            format!("<img{src} alt=\"{}\" />", escaped(alt))
        }
        Inline::Math(formula) => formula.source(),
        Inline::FootnoteReference(label) => format!("[^{label}]"),
        Inline::LineBreak => "\n".to_owned(),
    });
    html.collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
