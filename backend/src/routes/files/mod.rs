//! Uploaded files.

mod content;
mod delete;
mod serve;
mod thumbnail;
mod upload;

use super::endpoints::endpoints;

endpoints![
    upload::upload_file,
    content::get_file_content,
    thumbnail::get_file_thumbnail,
    delete::delete_file
];
