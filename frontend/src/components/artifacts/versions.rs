//! Which pieces of code in a conversation are versions of one artifact.

use kaiwa_markdown::{Block, parse};

/// What a piece of code makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A page.
    Html,
    /// A drawing.
    Svg,
    /// A diagram.
    Mermaid,
}

/// A piece of code whose result can be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// What it makes.
    pub kind: Kind,
    /// The code.
    pub source: String,
}

impl Kind {
    /// The kind of a code block by its label.
    pub fn of(language: &str) -> Option<Self> {
        [Self::Html, Self::Svg, Self::Mermaid]
            .into_iter()
            .find(|kind| language.eq_ignore_ascii_case(kind.label()))
    }

    /// The label of its code.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Svg => "svg",
            Self::Mermaid => "mermaid",
        }
    }

    /// The extension of its file.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Svg => "svg",
            Self::Mermaid => "mmd",
        }
    }
}

impl Artifact {
    /// Its title: that of the document, or its first heading.
    pub fn title(&self) -> Option<String> {
        ["title", "h1"].into_iter().find_map(|tag| text_in(&self.source, tag))
    }

    /// Its versions in the texts of a conversation: all code of the same kind and title, in order. Diagrams have no
    /// title and no versions.
    pub fn versions(&self, texts: &[String]) -> Vec<Self> {
        if self.kind == Kind::Mermaid {
            return vec![self.clone()];
        }
        let title = self.title();
        let mut found = Vec::new();
        for text in texts {
            collect(&parse(text), &mut found);
        }
        found.retain(|other| other.kind == self.kind && other.title() == title);
        if !found.contains(self) {
            found.push(self.clone());
        }
        found
    }
}

/// Adds the artifacts in blocks.
fn collect(blocks: &[Block], found: &mut Vec<Artifact>) {
    for block in blocks {
        match block {
            Block::Code { language, code } => {
                let kind = language.as_deref().and_then(Kind::of);
                found.extend(kind.map(|kind| Artifact { kind, source: code.clone() }));
            }
            Block::Quote(blocks)
            | Block::Alert { blocks, .. }
            | Block::Details { blocks, .. }
            | Block::Footnote { blocks, .. } => collect(blocks, found),
            Block::List { items, .. } => items.iter().for_each(|item| collect(&item.blocks, found)),
            _ => {}
        }
    }
}

/// The text of the first element of this name, on one line; `None` if it is empty or contains elements.
fn text_in(source: &str, tag: &str) -> Option<String> {
    let lower = source.to_ascii_lowercase();
    let open = lower.find(&format!("<{tag}>")).or_else(|| lower.find(&format!("<{tag} ")))?;
    let start = open + lower.get(open..)?.find('>')? + 1;
    let end = start + lower.get(start..)?.find(&format!("</{tag}"))?;
    let text = source.get(start..end)?.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty() && !text.contains('<')).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(source: &str) -> Artifact {
        Artifact { kind: Kind::Html, source: source.into() }
    }

    #[test]
    fn the_title_is_that_of_the_document_or_its_first_heading() {
        for (source, title) in [
            ("<!doctype html><TITLE>To\n do</TITLE><h1>Other</h1>", Some("To do")),
            ("<h1 class=\"big\">Clock</h1>", Some("Clock")),
            ("<svg><title>猫</title></svg>", Some("猫")),
            ("<title></title><h1>After</h1>", Some("After")),
            ("<h1><b>Bold</b></h1>", None),
            ("<h1>open", None),
            ("<h1", None),
            ("<titles>x</titles>", None),
            ("İ<title>x</title>", Some("x")),
            ("", None),
        ] {
            assert_eq!(html(source).title().as_deref(), title, "{source}");
        }
    }

    #[test]
    fn code_of_the_same_kind_and_title_is_a_version() {
        let texts = [
            "```html\n<title>A</title>1\n```\n\n```svg\n<title>A</title>\n```".to_owned(),
            "- In a list:\n  ```HTML\n  <title>A</title>2\n  ```\n> ```html\n> <title>B</title>\n> ```"
                .to_owned(),
            "Without a title:\n```html\n<p>3\n```".to_owned(),
        ];
        let versions = |artifact: Artifact| -> Vec<String> {
            artifact.versions(&texts).into_iter().map(|version| version.source).collect()
        };
        assert_eq!(versions(html("<title>A</title>1\n")), ["<title>A</title>1\n", "<title>A</title>2\n"]);
        assert_eq!(versions(html("<title>B</title>\n")), ["<title>B</title>\n"]);
        assert_eq!(versions(html("<p>3\n")), ["<p>3\n"]);
        assert_eq!(versions(html("<p>typed")), ["<p>3\n", "<p>typed"]);
        let diagram = Artifact { kind: Kind::Mermaid, source: "graph TD".into() };
        assert_eq!(versions(diagram), ["graph TD"]);
    }
}
