//! What a model may write and what must not come of it.

mod support;

use kaiwa_markdown::{Block, Inline, Stream, Tail, parse};
use support::{addresses_of, visit, words_of};

#[test]
fn script_addresses_never_become_links() {
    let addresses = [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java&#x09;script:alert(1)",
        "java&Tab;script:alert(1)",
        "java&NewLine;script:alert(1)",
        "&#106;avascript:alert(1)",
        "&#x1;javascript:alert(1)",
        "javascript&colon;alert(1)",
        "\\javascript:alert(1)",
        "%6aavascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "DATA:text/html;base64,PHNjcmlwdD4=",
        "vbscript:msgbox(1)",
        "blob:https://example.com/1",
        "file:///etc/passwd",
        "filesystem:https://example.com/x",
        "about:blank",
        "//evil.example",
        "/logout",
        "#id",
        "?q",
        "intent://x#Intent;end",
        "view-source:https://example.com",
    ];
    for address in addresses {
        for markdown in [
            format!("[x]({address})"),
            format!("[x](<{address}>)"),
            format!("![x]({address})"),
            format!("<{address}>"),
            format!("[x][r]\n\n[r]: {address}\n"),
            format!("[![x]({address})]({address})"),
            format!("| [x]({address}) |\n|---|\n"),
        ] {
            let found = addresses_of(&parse(&markdown));
            assert!(found.is_empty(), "{markdown} gave {found:?}");
        }
    }
}

#[test]
fn raw_html_is_text() {
    let corpus = [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<style>@import 'https://canary.example/x.css';</style>",
        "<form action='https://canary.example'><input></form>",
        "<base href='https://canary.example/'>",
        "<meta http-equiv=refresh content='0;url=https://canary.example'>",
        "<object data='https://canary.example'></object>",
        "<link rel=prefetch href='https://canary.example'>",
        "<svg onload=alert(1)>",
        "<video poster='https://canary.example/p'>",
        "<a ping='https://canary.example' href='x'>y</a>",
        "<!-- comment -->",
        "<?php x ?>",
        "<![CDATA[x]]>",
        "<!DOCTYPE html>",
    ];
    for html in corpus {
        for markdown in
            [html.to_owned(), format!("before {html} after"), format!("- {html}"), format!("> {html}")]
        {
            let shown = words_of(&parse(&markdown));
            assert!(shown.contains(html), "{markdown} is shown as {shown}");
        }
    }
}

#[test]
fn images_are_never_loaded() {
    let blocks = parse("![](https://canary.example/?q=secret) ![x][r]\n\n[r]: https://canary.example/2\n");
    let mut images = 0;
    visit(&blocks, &mut |inline| images += usize::from(matches!(inline, Inline::Image { src: Some(_), .. })));
    assert_eq!(images, 2);
    assert!(
        parse("<img src='https://canary.example'>")
            .iter()
            .all(|block| matches!(block, Block::Html(_) | Block::Paragraph(_)))
    );
}

#[test]
fn no_address_is_linked_before_it_is_complete() {
    let text = "[x](https://canary.example/?q=secret) ![y](https://canary.example/?q=other)";
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        let mut stream = Stream::new();
        stream.push(&text[..end]);
        let Tail::Blocks(blocks) = stream.tail() else { panic!("no code expected") };
        for address in addresses_of(&blocks) {
            assert!(text.contains(&format!("({address})")), "{address} after {end} bytes");
        }
    }
}
