//! What can be chosen, from what is configured and what providers list.

use std::{collections::BTreeMap, sync::Arc};

use kaiwa_engine::Offer;
use kaiwa_llm::{
    Demo, Provider,
    abilities::{self, Listed},
};
use kaiwa_shared::model::{Abilities, Model};

use super::set::Configured;

/// The offers of one provider: the models that were named, or those on its list.
pub(super) fn of(configured: &Configured, overrides: &BTreeMap<String, Abilities>) -> Vec<Offer> {
    let list = Arc::clone(&configured.list().models);
    if configured.settings.models.is_empty() {
        return list.iter().map(|listed| offer(configured, listed, overrides)).collect();
    }
    let named = configured.settings.models.iter().map(|model| {
        let listed = list.iter().find(|listed| listed.id == *model).cloned();
        listed.unwrap_or_else(|| Listed { id: model.clone(), ..Listed::default() })
    });
    named.map(|listed| offer(configured, &listed, overrides)).collect()
}

fn offer(configured: &Configured, listed: &Listed, overrides: &BTreeMap<String, Abilities>) -> Offer {
    let settings = &configured.settings;
    let id = format!("{}/{}", settings.slug, printable(&listed.id));
    let learnt = listed.abilities.or(abilities::known(&settings.slug, &listed.id));
    let abilities = overrides.get(&id).map_or(learnt, |said| said.or(learnt));
    let id_alone = printable(&listed.id);
    // Some lists repeat the id as the name.
    let given = Some(printable(&listed.name)).filter(|name| !name.is_empty() && *name != id_alone);
    let given = if settings.names_model { Some(settings.name.clone()) } else { given };
    let name = given.or_else(|| abilities::name_of(&id_alone)).unwrap_or(id_alone);
    let reads_pdf = configured.provider.reads_pdf(&listed.id) && abilities.vision != Some(false);
    Offer {
        model: Model { id, name, provider: settings.name.clone(), demo: false, reads_pdf, abilities },
        slug: settings.slug.clone(),
        provider_model: listed.id.clone(),
        provider: Arc::clone(&configured.provider),
    }
}

/// The text without control characters, and without marks that change the direction of what follows them.
fn printable(text: &str) -> String {
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
            || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
    };
    text.chars().filter(|&c| !is_hidden(c)).collect::<String>().trim().to_owned()
}

/// The demonstration, which answers while no provider is configured.
pub(super) fn demo() -> Offer {
    let model = Model {
        id: "demo".to_owned(),
        name: "Kaiwa Demo".to_owned(),
        provider: "Kaiwa".to_owned(),
        demo: true,
        ..Model::default()
    };
    let provider: Arc<dyn Provider> = Arc::new(Demo::new());
    Offer { model, slug: "demo".to_owned(), provider_model: "demo".to_owned(), provider }
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn names_lose_what_cannot_be_seen() {
        for (written, shown) in [
            ("GPT\u{1b}[31m-5\u{7}", "GPT[31m-5"),
            ("a\u{202e}b\u{200b}c\u{feff}", "abc"),
            (" one\ntwo\u{0} \r", "onetwo"),
            ("通义 Max 👨‍👩", "通义 Max 👨‍👩"),
        ] {
            assert_eq!(printable(written), shown);
        }
    }
}
