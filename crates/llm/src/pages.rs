//! Reads lists of models that come in pages.

use serde::de::DeserializeOwned;
use url::Url;

use crate::{Error, abilities::Listed, transport::Transport};

/// Maximum number of pages that are read; one holds all models of every provider today.
const PAGES_MAX: usize = 10;

/// Maximum number of models that are asked for in one page.
const PAGE_SIZE: &str = "1000";

/// One page of a list of models.
pub(crate) trait Page: DeserializeOwned {
    /// The query parameter for the size of a page.
    const SIZE: &'static str;
    /// The query parameter for where the page begins.
    const CURSOR: &'static str;

    /// Where the next page begins; `None` on the last page.
    fn next(&self) -> Option<String>;

    /// The page's models, in its order.
    fn into_models(self) -> Vec<Listed>;
}

/// The models of all pages at `url`.
pub(crate) async fn list<P: Page>(transport: &Transport, url: &Url) -> Result<Vec<Listed>, Error> {
    let (mut models, mut cursor) = (Vec::new(), None::<String>);
    for _ in 0..PAGES_MAX {
        let mut url = url.clone();
        url.query_pairs_mut().append_pair(P::SIZE, PAGE_SIZE);
        if let Some(cursor) = &cursor {
            url.query_pairs_mut().append_pair(P::CURSOR, cursor);
        }
        let page: P = transport.fetch(&url).await?;
        cursor = page.next();
        models.extend(page.into_models());
        if cursor.is_none() {
            break;
        }
    }
    Ok(models)
}
