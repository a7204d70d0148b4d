//! Which addresses a client reaches.

use std::{net::TcpListener, time::Duration};

use kaiwa_egress::{Client, Error, Origin, UrlError, header, parse_url};
use url::Url;

use crate::support::{LONG, Names, Server, Shared, client, client_for};

/// An address that is global by the table but unused.
const NOBODY: &str = "2d00::1";

async fn get(client: &Client, url: &str) -> Result<u16, Error> {
    // Uses the parser directly, like an address that was saved before a rule became stricter.
    let url = Url::parse(url).unwrap();
    client.send(client.get(url), LONG).await.map(|response| response.status().as_u16())
}

const NOT_PUBLIC: Result<u16, Error> = Err(Error::Url(UrlError::NotPublic));

#[tokio::test]
async fn a_public_client_reaches_no_literal_address_of_this_machine() {
    let canary = Server::canary().await;
    let port = canary.address.port();
    let client = client(|options| options.ports = vec![port]);
    for host in [
        "127.0.0.1",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "ⓛocalhost",
        "2130706433",
        "0x7f.1",
        "127.1",
        "017700000001",
        "0",
        "①②⑦.⓪.⓪.①",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
    ] {
        assert_eq!(get(&client, &format!("http://{host}:{port}/")).await, NOT_PUBLIC, "{host}");
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn a_name_with_any_private_address_is_refused() {
    let canary = Server::canary().await;
    let port = canary.address.port();
    let names = Names::new(&[
        ("private.example.com", &[&["127.0.0.1"]]),
        ("mixed.example.com", &[&[NOBODY, "127.0.0.1"]]),
        ("mixed6.example.com", &[&["8.8.8.8", "::1"]]),
        ("metadata.example.com", &[&["169.254.169.254"]]),
        ("mapped.example.com", &[&["::ffff:10.0.0.1"]]),
        ("empty.example.com", &[&[]]),
    ]);
    let client = client(|options| {
        options.ports = vec![port];
        options.lookup = std::sync::Arc::new(Shared(names));
    });
    for name in ["private", "mixed", "mixed6", "metadata", "mapped"] {
        assert_eq!(get(&client, &format!("http://{name}.example.com:{port}/")).await, NOT_PUBLIC, "{name}");
    }
    for name in ["empty", "unknown"] {
        let answer = get(&client, &format!("http://{name}.example.com:{port}/")).await;
        assert!(matches!(answer, Err(Error::Unresolved(_))), "{name}: {answer:?}");
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn a_name_that_changes_to_a_local_address_is_not_reached() {
    let canary = Server::canary().await;
    let port = canary.address.port();
    let names = Names::new(&[("rebind.example.com", &[&[NOBODY], &["127.0.0.1"]])]);
    let client = client(|options| {
        options.ports = vec![port];
        options.connect_timeout = Duration::from_millis(300);
        options.lookup = std::sync::Arc::new(Shared(std::sync::Arc::clone(&names)));
    });
    let url = format!("http://rebind.example.com:{port}/");
    // Only the checked first answer is tried: the name is not resolved a second time.
    let first = get(&client, &url).await;
    assert!(matches!(first, Err(Error::Connect(_) | Error::Timeout { .. })), "{first:?}");
    assert_eq!(names.lookups(), 1);
    assert_eq!(get(&client, &url).await, NOT_PUBLIC);
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn open_closed_and_filtered_ports_look_the_same() {
    let open = Server::canary().await;
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let client = client(|options| options.ports = vec![open.address.port(), closed]);
    for port in [open.address.port(), closed] {
        assert_eq!(get(&client, &format!("http://127.0.0.1:{port}/")).await, NOT_PUBLIC);
    }
    assert_eq!(get(&client, "http://127.0.0.1:22/").await, NOT_PUBLIC, "the port is not looked at first");
}

#[tokio::test]
async fn a_configured_origin_is_reached_and_no_other() {
    let (server, canary) = (Server::canary().await, Server::canary().await);
    let base = client(|_| ());
    let client = base.at(server.origin());
    assert_eq!(get(&client, server.url().as_str()).await, Ok(200));
    let port = server.address.port();
    for other in [
        canary.url().to_string(),
        format!("https://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        "https://example.com/".to_owned(),
    ] {
        assert_eq!(get(&client, &other).await, Err(Error::OtherOrigin), "{other}");
    }
    // A client must not reach what a client derived from it may reach, although they share connections.
    let url = server.url();
    assert!(matches!(get(&base, url.as_str()).await, Err(Error::Url(_))));
    assert_eq!((server.connections(), canary.connections()), (1, 0));
}

#[tokio::test]
async fn a_configured_name_may_be_local() {
    let server = Server::canary().await;
    let names = Names::new(&[("ollama.lan", &[&["127.0.0.1"]])]);
    let url = parse_url(&format!("http://ollama.lan:{}/api", server.address.port())).unwrap();
    let client = client(|options| options.lookup = std::sync::Arc::new(Shared(names)));
    let client = client.at(Origin::of(&url).unwrap());
    assert_eq!(get(&client, url.as_str()).await, Ok(200));
}

#[tokio::test]
async fn no_redirect_is_followed_with_a_key() {
    let canary = Server::canary().await;
    for status in [301, 302, 303, 307, 308] {
        for location in
            [canary.url().to_string(), "file:///etc/passwd".to_owned(), "//evil.example".to_owned()]
        {
            let answer = format!(
                "HTTP/1.1 {status} X\r\nLocation: {location}\r\nRefresh: 0; url={location}\r\nContent-Length: 0\r\n\r\n"
            );
            let server = Server::answering(answer).await;
            let client = client_for(&server, |_| ());
            let request = client
                .post(server.url())
                .header(header::AUTHORIZATION, "Bearer key")
                .header(header::HeaderName::from_static("x-api-key"), "key")
                .body("{}");
            let response = client.send(request, LONG).await.unwrap();
            assert_eq!(response.status().as_u16(), status);
            assert_eq!(server.connections(), 1);
        }
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn no_cookie_and_no_referrer_is_sent() {
    let server = Server::answering(
        "HTTP/1.1 200 OK\r\nSet-Cookie: session=1; Path=/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    )
    .await;
    let client = client_for(&server, |_| ());
    for _ in 0..2 {
        assert_eq!(get(&client, server.url().as_str()).await, Ok(200));
    }
    for request in server.requests() {
        assert!(!request.contains("cookie:") && !request.contains("referer:"), "{request}");
    }
}

#[tokio::test]
async fn a_header_that_cannot_be_sent_stops_the_request() {
    let canary = Server::canary().await;
    let client = client_for(&canary, |_| ());
    let request = client.get(canary.url()).header(header::ACCEPT, "a\r\nHost: evil");
    assert!(matches!(client.send(request, LONG).await, Err(Error::Request(_))));
    assert_eq!(canary.connections(), 0);
}
