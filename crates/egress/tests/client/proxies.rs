//! Proxies: the configured ones, and no others.

use std::{process::Command, sync::Arc};

use kaiwa_egress::{Error, Origin, Proxies, UrlError, parse_url};

use crate::support::{LONG, Names, Server, Shared, client, client_for};

fn through(proxy: &Server, except: Option<&str>) -> Proxies {
    let url = format!("http://{}", proxy.address);
    Proxies::new(Some(&url), Some(&url), except).unwrap()
}

#[tokio::test]
async fn a_proxy_is_used_and_local_names_are_refused_before() {
    let proxy = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let names =
        Names::new(&[("public.example.com", &[&["8.8.8.8"]]), ("private.example.com", &[&["10.0.0.1"]])]);
    let client = client(|options| {
        options.proxies = through(&proxy, None);
        options.lookup = Arc::new(Shared(names));
    });
    let get = |url: &str| client.send(client.get(parse_url(url).unwrap()), LONG);
    assert_eq!(get("http://public.example.com/x").await.unwrap().status().as_u16(), 200);
    assert!(proxy.requests()[0].starts_with("get http://public.example.com/x "), "{:?}", proxy.requests());
    let refused = get("http://private.example.com/").await.unwrap_err();
    assert_eq!(refused, Error::Url(UrlError::NotPublic));
    assert_eq!(proxy.connections(), 1);
}

#[tokio::test]
async fn this_machine_and_the_exceptions_are_reached_without_the_proxy() {
    let proxy = Server::canary().await;
    let server = Server::answering("HTTP/1.1 204 No Content\r\n\r\n").await;
    let direct = client_for(&server, |options| options.proxies = through(&proxy, None));
    assert_eq!(direct.send(direct.get(server.url()), LONG).await.unwrap().status().as_u16(), 204);

    let names = Names::new(&[("models.corp.example", &[&["127.0.0.1"]])]);
    let url = parse_url(&format!("http://models.corp.example:{}/", server.address.port())).unwrap();
    let excepted = client(|options| {
        options.proxies = through(&proxy, Some("corp.example, 10.0.0.0/8"));
        options.lookup = Arc::new(Shared(names));
    });
    let excepted = excepted.at(Origin::of(&url).unwrap());
    assert_eq!(excepted.send(excepted.get(url), LONG).await.unwrap().status().as_u16(), 204);
    assert_eq!(proxy.connections(), 0);
}

/// The environment belongs to the process, so this test starts its own process.
#[tokio::test]
async fn proxies_of_the_environment_are_ignored() {
    let proxy = Server::canary().await;
    let url = format!("http://{}", proxy.address);
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "proxies::a_request_with_proxies_in_the_environment", "--ignored"]);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        child.env(name, &url);
    }
    let output = tokio::task::spawn_blocking(move || child.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(proxy.connections(), 0);
}

#[tokio::test]
#[ignore = "run by the test above, with proxies in its environment"]
async fn a_request_with_proxies_in_the_environment() {
    let server = Server::answering("HTTP/1.1 204 No Content\r\n\r\n").await;
    let names = Names::new(&[("inside.example", &[&["127.0.0.1"]])]);
    let url = parse_url(&format!("http://inside.example:{}/", server.address.port())).unwrap();
    let client = client(|options| options.lookup = Arc::new(Shared(names)));
    let client = client.at(Origin::of(&url).unwrap());
    assert_eq!(client.send(client.get(url), LONG).await.unwrap().status().as_u16(), 204);
}
