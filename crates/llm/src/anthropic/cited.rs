//! The citations of a text.

use serde_json::Value;

use kaiwa_shared::message::Citation;

/// A citation of any kind: of a web page, a search result or a document.
pub(super) fn citation(wire: &Value) -> Option<Citation> {
    let text = |field: &str| wire.get(field).and_then(Value::as_str).unwrap_or_default();
    let first = |fields: [&'static str; 2]| fields.map(text).into_iter().find(|text| !text.is_empty());
    let citation = Citation {
        url: first(["url", "source"]).unwrap_or_default().to_owned(),
        title: first(["title", "document_title"]).unwrap_or_default().to_owned(),
        excerpt: text("cited_text").to_owned(),
    };
    (citation != Citation::default()).then_some(citation)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_of_citation_names_its_source() {
        let cited = |wire: Value| citation(&wire).map(|c| (c.url, c.title, c.excerpt));
        let owned = |url: &str, title: &str, excerpt: &str| Some((url.into(), title.into(), excerpt.into()));
        let page = json!({ "type": "web_search_result_location", "url": "https://a.example", "title": "A",
            "encrypted_index": "Eo8B", "cited_text": "Words" });
        assert_eq!(cited(page), owned("https://a.example", "A", "Words"));
        let document = json!({ "type": "page_location", "cited_text": "Words", "document_index": 0,
            "document_title": "Report", "start_page_number": 1, "end_page_number": 2 });
        assert_eq!(cited(document), owned("", "Report", "Words"));
        let result = json!({ "type": "search_result_location", "source": "https://b.example", "title": null,
            "cited_text": "" });
        assert_eq!(cited(result), owned("https://b.example", "", ""));
        assert_eq!(cited(json!({ "type": "unheard_of" })), None);
    }
}
