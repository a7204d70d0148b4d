//! Single messages.

mod delete;
mod edit;
mod subtree;

use super::endpoints::endpoints;

endpoints![edit::edit_message, subtree::get_subtree, delete::delete_message,];
