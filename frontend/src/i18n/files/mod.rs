//! Words of files: in the composer and in messages.

pub(super) mod en;
pub(super) mod zh;

/// Words of files: in the composer and in messages.
pub struct FilesWords {
    /// Button that adds files to the message.
    pub add: &'static str,
    /// Name of a list of files.
    pub list: &'static str,
    /// A file whose name is not known.
    pub unnamed: &'static str,
    /// Button that removes this file from the message.
    pub remove: fn(&str) -> String,
    /// Button that uploads this file again.
    pub retry: fn(&str) -> String,
    /// Link that opens this picture.
    pub open: fn(&str) -> String,
    /// Link that downloads this file.
    pub download: fn(&str) -> String,
    /// The file waits until others are uploaded.
    pub waiting: &'static str,
    /// So much of the file is uploaded.
    pub uploading: fn(u8) -> String,
    /// The file is uploaded, and the server looks at it.
    pub checking: &'static str,
    /// The message cannot be sent before its files are uploaded.
    pub not_uploaded: &'static str,
    /// The message cannot be sent with a file that failed.
    pub has_failed: &'static str,
    /// This model cannot see the pictures of the message.
    pub cannot_see: fn(&str) -> String,
    /// The model with this name cannot read the document of this name, which has no text.
    pub cannot_read: fn(&str, &str) -> String,
    /// The model with this name gets only the text of the document of this name.
    pub only_text: fn(&str, &str) -> String,
    /// The file is larger than this limit, if it is known.
    pub too_large: fn(Option<&str>) -> String,
    /// A message takes so many files.
    pub too_many: fn(usize) -> String,
    /// Name of the file that a long pasted text becomes.
    pub pasted_text: &'static str,
    /// A long pasted text has become a file, and how to paste it as text.
    pub paste_became_file: &'static str,
    /// Files are dragged over the page.
    pub drop: &'static str,
    /// Files were dropped or pasted where there is no composer.
    pub nowhere: &'static str,
}
