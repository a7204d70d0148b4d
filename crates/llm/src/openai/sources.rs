//! The sources of a reply, wherever hosts put them.

use kaiwa_shared::message::Citation;
use serde_json::Value;

use crate::Event;

/// Maximum number of sources that one reply returns.
const SOURCES_MAX: usize = 200;

/// The sources of one reply.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    emitted: Vec<Citation>,
    /// Lists that the host repeats in every chunk; the last one counts.
    listed: Vec<Citation>,
}

impl Sources {
    /// Emits the source of an annotation, once.
    pub(crate) fn push_annotation(&mut self, annotation: &Value, out: &mut Vec<Event>) {
        let inner = annotation.get("url_citation").unwrap_or(annotation);
        self.tell(source(inner), out);
    }

    /// Takes a list of addresses or search results, which is emitted at the end.
    pub(crate) fn push_list(&mut self, list: &Value) {
        let Some(list) = list.as_array().filter(|list| !list.is_empty()) else { return };
        for entry in list.iter().take(SOURCES_MAX) {
            let new = match entry {
                Value::String(url) => Some(Citation { url: url.clone(), ..Citation::default() }),
                entry => source(entry),
            };
            let Some(new) = new else { continue };
            // The same source comes bare in one list and with its title in the other.
            let is_same = |known: &Citation| *known == new || (known.url == new.url && !new.url.is_empty());
            match self.listed.iter().position(is_same) {
                None => self.listed.push(new),
                Some(at) => {
                    if let Some(known) = self.listed.get_mut(at).filter(|known| known.title.is_empty()) {
                        *known = new;
                    }
                }
            }
        }
    }

    /// Emits the listed sources.
    pub(crate) fn finish(&mut self, out: &mut Vec<Event>) {
        for citation in std::mem::take(&mut self.listed) {
            self.tell(Some(citation), out);
        }
    }

    fn tell(&mut self, citation: Option<Citation>, out: &mut Vec<Event>) {
        if let Some(citation) = citation.filter(|citation| !self.emitted.contains(citation))
            && self.emitted.len() < SOURCES_MAX
        {
            self.emitted.push(citation.clone());
            out.push(Event::Citation(citation));
        }
    }
}

/// The source in an object, whatever its fields are called; `None` if there is none.
fn source(entry: &Value) -> Option<Citation> {
    let field = |names: &[&str]| {
        let mut found = names.iter().filter_map(|name| entry.get(name)?.as_str());
        found.find(|text| !text.is_empty()).unwrap_or_default().to_owned()
    };
    let citation = Citation {
        url: field(&["url", "link", "uri"]),
        title: field(&["title", "sourceName", "filename", "name"]),
        excerpt: field(&["content", "snippet", "q", "quote"]),
    };
    (!citation.url.is_empty() || !citation.title.is_empty()).then_some(citation)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cited(url: &str, title: &str, excerpt: &str) -> Event {
        Event::Citation(Citation { url: url.into(), title: title.into(), excerpt: excerpt.into() })
    }

    #[test]
    fn repeated_lists_of_sources_are_emitted_once_with_titles() {
        let (mut sources, mut out) = (Sources::default(), Vec::new());
        for _ in 0..3 {
            sources.push_list(&json!(["https://a", "https://b"]));
            sources.push_list(&json!([{ "title": "A", "url": "https://a", "snippet": "aaa" }, 5, {}]));
            // Zhipu's search
            sources.push_list(&json!([{ "title": "C", "link": "https://c" }]));
        }
        assert_eq!(out, []);
        sources.finish(&mut out);
        assert_eq!(
            out,
            [cited("https://a", "A", "aaa"), cited("https://b", "", ""), cited("https://c", "C", "")]
        );
    }

    #[test]
    fn annotations_are_emitted_immediately_in_both_shapes() {
        let (mut sources, mut out) = (Sources::default(), Vec::new());
        let nested = json!({ "type": "url_citation", "url_citation": { "url": "https://a", "title": "A", "content": "x" } });
        let flat = json!({ "type": "url_citation", "url": "https://b", "title": "B" });
        for annotation in
            [&nested, &flat, &nested, &json!(null), &json!({ "type": "file_path", "file_id": "f" })]
        {
            sources.push_annotation(annotation, &mut out);
        }
        assert_eq!(out, [cited("https://a", "A", "x"), cited("https://b", "B", "")]);
    }
}
