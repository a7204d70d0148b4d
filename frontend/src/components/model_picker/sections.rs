//! The order of the models in the picker.

use kaiwa_shared::model::Model;

use crate::state::model_lists::Lists;

/// With fewer models than this, the recently used ones need no group of their own.
const MANY: usize = 10;

/// How many recently used models are shown.
const RECENT: usize = 5;

/// A group of models.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Section {
    pub(super) heading: Heading,
    pub(super) models: Vec<Model>,
}

/// The heading of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heading {
    Favourites,
    Recent,
    Provider(String),
}

/// The groups that match `query`, with at most `limit` models. A model is in one group only: without a query, the
/// favourites and the recently used models come first.
pub(super) fn sections(models: &[Model], lists: &Lists, query: &str, limit: usize) -> Vec<Section> {
    let query = query.to_lowercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    let mut left: Vec<&Model> = models.iter().filter(|model| matches(model, &words)).collect();
    let mut by_provider = Vec::<Section>::new();
    for model in &left {
        let heading = Heading::Provider(model.provider.clone());
        if by_provider.iter().all(|section| section.heading != heading) {
            by_provider.push(Section { heading, models: Vec::new() });
        }
    }
    let mut sections = Vec::new();
    if words.is_empty() {
        sections.push(take(&mut left, Heading::Favourites, &lists.favourites));
        if models.len() >= MANY {
            let recent = lists.recent.iter().filter(|id| !lists.favourites.contains(id)).take(RECENT);
            sections.push(take(&mut left, Heading::Recent, recent));
        }
    }
    sections.append(&mut by_provider);
    for model in left {
        let heading = Heading::Provider(model.provider.clone());
        if let Some(section) = sections.iter_mut().find(|section| section.heading == heading) {
            section.models.push(model.clone());
        }
    }
    let mut room = limit;
    for section in &mut sections {
        section.models.truncate(room);
        room -= section.models.len();
    }
    sections.retain(|section| !section.models.is_empty());
    sections
}

/// Moves the models with these ids into a group.
fn take<'a>(left: &mut Vec<&Model>, heading: Heading, ids: impl IntoIterator<Item = &'a String>) -> Section {
    let mut models = Vec::new();
    for id in ids {
        if let Some(at) = left.iter().position(|model| model.id == *id) {
            models.push(left.remove(at).clone());
        }
    }
    Section { heading, models }
}

fn matches(model: &Model, words: &[&str]) -> bool {
    let fields = [&model.name, &model.id, &model.provider].map(|field| field.to_lowercase());
    words.iter().all(|word| fields.iter().any(|field| field.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn models(count: usize) -> Vec<Model> {
        let model = |at: usize| {
            let provider = if at.is_multiple_of(2) { "Even" } else { "Odd" };
            Model {
                id: format!("{}/m{at}", provider.to_lowercase()),
                name: format!("Model {at}"),
                provider: provider.to_owned(),
                ..Model::default()
            }
        };
        (0..count).map(model).collect()
    }

    fn shown(count: usize, lists: &Lists, query: &str, limit: usize) -> String {
        let sections = sections(&models(count), lists, query, limit);
        let text = |section: &Section| {
            let heading = match &section.heading {
                Heading::Favourites => "F",
                Heading::Recent => "R",
                Heading::Provider(name) => name,
            };
            let ids: Vec<_> =
                section.models.iter().map(|model| model.name.trim_start_matches("Model ")).collect();
            format!("{heading}:{}", ids.join(","))
        };
        sections.iter().map(text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_model_is_in_one_group() {
        let lists = Lists {
            favourites: vec!["odd/m3".into(), "gone/x".into(), "even/m0".into()],
            recent: vec!["even/m0".into(), "odd/m1".into()],
        };
        assert_eq!(shown(4, &lists, "", 99), "F:3,0 Even:2 Odd:1");
        assert_eq!(shown(10, &lists, "", 99), "F:3,0 R:1 Even:2,4,6,8 Odd:5,7,9");
        assert_eq!(shown(4, &Lists::default(), "", 99), "Even:0,2 Odd:1,3");
        assert_eq!(shown(10, &lists, "", 4), "F:3,0 R:1 Even:2");
    }

    #[test]
    fn every_word_is_searched_in_name_id_and_provider() {
        let lists = Lists { favourites: vec!["odd/m3".into()], ..Lists::default() };
        for (query, expected) in [
            ("ODD", "Odd:1,3"),
            ("even m2", "Even:2"),
            ("  model   3 ", "Odd:3"),
            ("odd/m1", "Odd:1"),
            ("nothing", ""),
        ] {
            assert_eq!(shown(4, &lists, query, 99), expected, "{query}");
        }
    }
}
