//! Which client a request has.

use actix_web::test::TestRequest;

use super::*;
use crate::settings::{Settings, source::Source};

fn peer_with(proxies: Option<&str>, from: &str, headers: &[(&'static str, &'static str)]) -> Peer {
    let source = Source::from_pairs(proxies.map(|proxies| ("TRUSTED_PROXIES", proxies)));
    let settings = Settings::read(&source).unwrap().server;
    let from = if from.contains(':') { format!("[{from}]") } else { from.to_owned() };
    let mut request = TestRequest::default().peer_addr(format!("{from}:1000").parse().unwrap());
    for header in headers {
        request = request.append_header(*header);
    }
    Peer::of(&request.to_http_request(), &settings)
}

fn address(proxies: Option<&str>, from: &str, chain: &'static str) -> String {
    peer_with(proxies, from, &[("x-forwarded-for", chain)]).address.to_string()
}

#[test]
fn by_default_one_hop_from_a_local_peer_is_believed() {
    for local in ["127.0.0.1", "10.1.2.3", "172.17.0.1", "192.168.1.2", "::1", "fd00::2", "::ffff:172.17.0.1"]
    {
        for (chain, client) in [
            ("198.51.100.7", "198.51.100.7"),
            ("6.6.6.6, 198.51.100.7", "198.51.100.7"),
            ("6.6.6.6, 192.168.1.50", "192.168.1.50"),
            ("6.6.6.6,10.0.0.2,127.0.0.1", "127.0.0.1"),
        ] {
            assert_eq!(address(None, local, chain), client, "{local}: {chain}");
        }
    }
    for remote in ["203.0.113.9", "100.64.0.1", "2001:db8::9", "172.32.0.1"] {
        assert_eq!(address(None, remote, "198.51.100.7"), remote);
    }
}

#[test]
fn named_proxies_are_believed_and_nobody_else() {
    let proxies = Some("10.0.0.0/8, 203.0.113.9");
    for (from, chain, client) in [
        ("10.0.0.1", "6.6.6.6, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("203.0.113.9", "198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "6.6.6.6, 192.168.1.50, 203.0.113.9", "192.168.1.50"),
        ("10.0.0.1", "10.9.9.9", "10.9.9.9"),
        ("127.0.0.1", "198.51.100.7", "127.0.0.1"),
        ("192.168.1.2", "198.51.100.7", "192.168.1.2"),
    ] {
        assert_eq!(address(proxies, from, chain), client, "{from}: {chain}");
    }
}

#[test]
fn an_address_may_have_a_port_brackets_quotes_or_the_standard_form() {
    for (chain, client) in [
        ("198.51.100.7:40007", "198.51.100.7"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("\"198.51.100.7:40007\"", "198.51.100.7"),
        ("\"[2001:db8::1]:443\"", "2001:db8::1"),
        ("for=198.51.100.7;proto=https;by=10.0.0.1", "198.51.100.7"),
        ("For=\"[2001:db8::1]:443\"", "2001:db8::1"),
        ("by=10.0.0.1;for=198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("fe80::1%eth0", "fe80::1"),
        ("198.51.100.7, unknown", "198.51.100.7"),
        ("198.51.100.7, Unknown, _hidden", "198.51.100.7"),
        ("198.51.100.7, ,", "198.51.100.7"),
        ("unknown", "127.0.0.1"),
        ("198.51.100.7, nonsense", "127.0.0.1"),
        ("198.51.100.7, 999.1.1.1", "127.0.0.1"),
    ] {
        assert_eq!(address(None, "127.0.0.1", chain), client, "{chain}");
    }
}

#[test]
fn several_lines_of_a_header_are_one_list() {
    let lines = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "198.51.100.7")];
    assert_eq!(peer_with(None, "127.0.0.1", &lines).address.to_string(), "198.51.100.7");
    let standard = [
        ("forwarded", "for=6.6.6.6;proto=http;host=evil.example"),
        ("forwarded", "for=\"[2001:db8::1]:443\""),
    ];
    let peer = peer_with(None, "127.0.0.1", &standard);
    assert_eq!((peer.address.to_string(), peer.secure), ("2001:db8::1".to_owned(), false));
    // The older headers, which every proxy knows, come first.
    let both = [("forwarded", "for=6.6.6.6;proto=https"), ("x-forwarded-for", "198.51.100.7")];
    assert_eq!(peer_with(None, "127.0.0.1", &both).address.to_string(), "198.51.100.7");
}

#[test]
fn the_scheme_is_the_one_that_the_outermost_believed_proxy_reports() {
    for (proxies, header, value, secure) in [
        (None, "x-forwarded-proto", "https", true),
        (None, "x-forwarded-proto", "HTTPS", true),
        (None, "x-forwarded-proto", "https,https", true),
        (None, "x-forwarded-proto", "http", false),
        // One proxy is believed, so everything before its own item may be forged.
        (None, "x-forwarded-proto", "https, http", false),
        (None, "x-forwarded-proto", "http, https", true),
        (None, "forwarded", "for=192.0.2.1;proto=https", true),
        (None, "forwarded", "for=6.6.6.6;proto=https, for=192.0.2.1;proto=http", false),
        (None, "forwarded", "for=6.6.6.6;proto=https, for=192.0.2.1", false),
        (
            Some("127.0.0.1, 10.0.0.0/8"),
            "forwarded",
            "proto=https;for=192.0.2.1, proto=http;for=10.0.0.1",
            true,
        ),
        (Some("127.0.0.1"), "forwarded", "proto=https;for=192.0.2.1, proto=http;for=10.0.0.1", false),
    ] {
        let peer = peer_with(proxies, "127.0.0.1", &[(header, value)]);
        assert_eq!(peer.secure, secure, "{proxies:?} {header}: {value}");
    }
    assert!(!peer_with(None, "203.0.113.9", &[("x-forwarded-proto", "https")]).secure);
}

#[test]
fn scheme_host_and_port_follow_the_same_hops_as_the_address() {
    let proxies = "127.0.0.1, 10.0.0.0/8";
    let (one, two, three) = ("192.0.2.1", "6.6.6.6, 192.0.2.1, 10.0.0.1", "192.0.2.1, 10.0.0.2, 10.0.0.1");
    for (proxies, chain, scheme, host, secure, hosts) in [
        (None, one, "https", "a.lan", true, ["a.lan", "a.lan:1"]),
        (None, two, "http, https", "b.lan, a.lan", true, ["a.lan", "a.lan:1"]),
        (Some(proxies), one, "http, https", "b.lan, a.lan", true, ["a.lan", "a.lan:1"]),
        (Some(proxies), two, "http, https, http", "c.lan, b.lan, a.lan", true, ["b.lan", "b.lan:2"]),
        (Some(proxies), two, "https, http, http", "b.lan, a.lan", false, ["b.lan", "b.lan:2"]),
        (Some(proxies), three, "https, http, http", "c.lan, b.lan, a.lan", true, ["c.lan", "c.lan:3"]),
        // The nearest proxy replaced what the others reported.
        (Some(proxies), three, "https", "a.lan", true, ["a.lan", "a.lan:3"]),
    ] {
        let headers = [
            ("x-forwarded-for", chain),
            ("x-forwarded-proto", scheme),
            ("x-forwarded-host", host),
            ("x-forwarded-port", "3, 2, 1"),
        ];
        let peer = peer_with(proxies, "127.0.0.1", &headers);
        assert_eq!((peer.secure, peer.hosts), (secure, hosts.map(str::to_owned).to_vec()), "{headers:?}");
    }
}

#[test]
fn a_host_has_the_port_that_a_proxy_reports() {
    let host = ("host", "nas.local");
    for (headers, hosts) in [
        (vec![host], vec!["nas.local"]),
        (vec![host, ("x-forwarded-port", "8080")], vec!["nas.local", "nas.local:8080"]),
        (vec![host, ("x-forwarded-port", "8080, x")], vec!["nas.local"]),
        (vec![host, ("x-forwarded-host", "b.lan, a.lan:8080")], vec!["a.lan:8080"]),
        (vec![host, ("x-forwarded-host", "a.lan:8080"), ("x-forwarded-port", "80")], vec!["a.lan:8080"]),
        (vec![host, ("forwarded", "host=\"a.lan:8080\"")], vec!["a.lan:8080"]),
        (vec![host, ("forwarded", "host=b.lan, for=192.0.2.1")], vec!["nas.local"]),
    ] {
        assert_eq!(peer_with(None, "127.0.0.1", &headers).hosts, hosts, "{headers:?}");
    }
    let forged = [host, ("x-forwarded-host", "a.lan"), ("x-forwarded-port", "8080")];
    assert_eq!(peer_with(None, "203.0.113.9", &forged).hosts, ["nas.local"]);
}
