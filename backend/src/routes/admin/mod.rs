//! What only an administrator may ask.

mod found;

use super::endpoints::endpoints;

endpoints![found::list_found_servers];
