//! Tells the operator about forwarded headers that are ignored.

use std::{
    collections::HashSet,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use actix_web::HttpRequest;

use super::{Forwarded, Node, direct_address, is_proxy};
use crate::settings::server::ServerSettings;

/// The maximum number of peers that are warned of, so that nobody can fill the log.
const MAX_PEERS: usize = 16;

/// The peers that have been warned of.
static WARNED: Mutex<Option<HashSet<IpAddr>>> = Mutex::new(None);

/// Warns once for each peer whose forwarded headers are not believed, or not all of them.
pub(crate) fn warn(request: &HttpRequest, settings: &ServerSettings) {
    let names = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded"];
    if !names.iter().any(|name| request.headers().contains_key(*name)) {
        return;
    }
    let peer = direct_address(request);
    let proxies = settings.trusted_proxies.as_deref();
    let is_believed = is_proxy(peer, proxies);
    let hops = Forwarded::of(request.headers()).nodes.iter().filter(|node| **node != Node::Unknown).count();
    if is_believed && (proxies.is_some() || hops < 2) || !is_new(peer) {
        return;
    }
    if is_believed {
        tracing::warn!(
            %peer,
            "a request was forwarded several times, or its X-Forwarded-For is forged: only its last address is \
             believed. If there are several proxies, name all of them in TRUSTED_PROXIES"
        );
    } else {
        tracing::warn!(
            %peer,
            "forwarded headers are ignored, because the peer is not a trusted proxy. If it is your proxy, name it in \
             TRUSTED_PROXIES"
        );
    }
}

fn is_new(peer: IpAddr) -> bool {
    // The set cannot be left half-changed.
    let mut warned = WARNED.lock().unwrap_or_else(PoisonError::into_inner);
    let warned = warned.get_or_insert_default();
    warned.len() < MAX_PEERS && warned.insert(peer)
}
