//! The sources of an answer.

use kaiwa_shared::message::Citation;
use serde_json::{Map, Value};

use super::chunk::{Candidate, Grounding};
use crate::Event;

/// The sources of one answer. Later chunks repeat and complete them, so they are emitted once, at the end.
#[derive(Debug, Default)]
pub(super) struct Sources {
    known: Vec<Citation>,
}

impl Sources {
    /// Takes the grounding of a chunk.
    pub(super) fn take(&mut self, candidate: &Candidate) {
        self.take_grounding(&candidate.grounding_metadata);
        for source in &candidate.citation_metadata.citation_sources {
            self.add(Citation {
                url: source.uri.clone(),
                title: source.title.clone(),
                excerpt: String::new(),
            });
        }
    }

    fn take_grounding(&mut self, grounding: &Grounding) {
        for support in &grounding.grounding_supports {
            let named = support.grounding_chunk_indices.iter();
            for citation in named.filter_map(|&at| found(grounding.grounding_chunks.get(at)?)) {
                self.add(Citation { excerpt: support.segment.text.clone(), ..citation });
            }
        }
        for citation in grounding.grounding_chunks.iter().filter_map(found) {
            self.add(citation);
        }
    }

    fn add(&mut self, citation: Citation) {
        if citation != Citation::default() && !self.known.contains(&citation) {
            self.known.push(citation);
        }
    }

    /// Emits the sources. A source with cited text is not repeated without it.
    pub(super) fn flush(&mut self, out: &mut Vec<Event>) {
        let known = std::mem::take(&mut self.known);
        let is_cited = |citation: &Citation| {
            known.iter().any(|other| other.url == citation.url && !other.excerpt.is_empty())
        };
        let news = known.iter().filter(|citation| !citation.excerpt.is_empty() || !is_cited(citation));
        out.extend(news.cloned().map(Event::Citation));
    }
}

/// A source of any kind: its only field names the kind and holds an address and a title.
fn found(chunk: &Map<String, Value>) -> Option<Citation> {
    let text = |source: &Value, field: &str| source.get(field).and_then(Value::as_str).map(str::to_owned);
    chunk.values().find(|source| source.is_object()).map(|source| Citation {
        url: text(source, "uri").unwrap_or_default(),
        title: text(source, "title").unwrap_or_default(),
        excerpt: String::new(),
    })
}
