//! Endpoints for administrators.

mod found;

use super::endpoints::endpoints;

endpoints![found::list_found_servers];
