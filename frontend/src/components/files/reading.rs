//! What a model reads of files.

use kaiwa_shared::{File, model::Model};

use crate::i18n::Words;

/// Why a model cannot read one of the files.
pub fn cannot_read(model: &Model, files: &[File], words: &Words) -> Option<String> {
    let sees = model.abilities.vision != Some(false);
    if !sees && files.iter().any(File::is_picture) {
        return Some((words.files.cannot_see)(&model.name));
    }
    // A scanned page has no text.
    let is_unreadable = |file: &File| file.is_pdf() && !model.reads_pdf && file.has_text == Some(false);
    files
        .iter()
        .find(|file| is_unreadable(file))
        .map(|file| (words.files.cannot_read)(&model.name, &file.name))
}

/// What a model does not get of the files that it can read: it gets the text of a document that it does not read itself.
pub fn only_text(model: &Model, files: &[File], words: &Words) -> Option<String> {
    let is_reduced = |file: &File| file.is_document() && !(file.is_pdf() && model.reads_pdf);
    files.iter().find(|file| is_reduced(file)).map(|file| (words.files.only_text)(&model.name, &file.name))
}

#[cfg(test)]
mod tests {
    use kaiwa_shared::{FileId, model::Abilities};

    use super::*;
    use crate::i18n::Language;

    fn file(media_type: &str, has_text: Option<bool>) -> File {
        let side = media_type.starts_with("image/").then_some(9);
        let (name, media_type) = ("a.x".into(), media_type.into());
        File { id: FileId::new(), name, media_type, size: 1, width: side, height: side, has_text }
    }

    fn model(vision: Option<bool>, reads_pdf: bool) -> Model {
        let abilities = Abilities { vision, ..Abilities::default() };
        Model { name: "M".into(), reads_pdf, abilities, ..Model::default() }
    }

    #[test]
    fn a_model_reads_what_it_gets() {
        let words = Language::English.words();
        let office = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
        for (file, model, blocked, reduced) in [
            (file("image/png", None), model(Some(false), false), true, false),
            (file("image/png", None), model(None, false), false, false),
            (file("application/pdf", Some(true)), model(None, false), false, true),
            (file("application/pdf", Some(true)), model(Some(false), false), false, true),
            (file("application/pdf", Some(true)), model(None, true), false, false),
            (file("application/pdf", Some(false)), model(None, true), false, false),
            (file("application/pdf", Some(false)), model(None, false), true, true),
            (file("application/pdf", None), model(None, false), false, true),
            (file(office, Some(true)), model(None, true), false, true),
            (file("text/plain", None), model(Some(false), false), false, false),
        ] {
            let about = format!("{file:?} {model:?}");
            let files = [self::file("text/plain", None), file];
            assert_eq!(cannot_read(&model, &files, words).is_some(), blocked, "{about}");
            assert_eq!(only_text(&model, &files, words).is_some(), reduced, "{about}");
        }
    }
}
