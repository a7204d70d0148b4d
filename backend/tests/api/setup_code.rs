//! Registration at addresses that the server does not know.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    program::Program,
    support::{PASSWORD, body},
};

/// The headers of a request at this host.
type Headers<'a> = &'a [(&'a str, &'a str)];

struct Server(Program);

fn server(variables: &[(&str, &str)]) -> Server {
    Server(Program::spawn(variables))
}

impl Server {
    async fn register(&self, name: &str, headers: Headers<'_>, code: Option<&str>) -> (u16, Value) {
        let mut account = json!({ "username": name, "password": PASSWORD });
        if let Some(code) = code {
            account["setup_code"] = json!(code);
        }
        let request = self.0.request(Method::POST, "/api/auth/register").body(account.to_string());
        let request = request.header("content-type", "application/json");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let response = request.send().await.unwrap();
        (response.status().as_u16(), body(response).await)
    }

    async fn asks_for_code(&self, headers: Headers<'_>) -> bool {
        let request = self.0.request(Method::GET, "/api/settings");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        body(request.send().await.unwrap()).await["setup_code_required"] == true
    }

    /// The code that the server has printed.
    fn code(&self) -> Option<String> {
        let line = self.0.log.iter().find(|line| line.contains("setup_code="))?;
        let (_, rest) = line.split_once("setup_code=")?;
        Some(rest.split_whitespace().next()?.trim_matches('"').to_owned())
    }
}

#[actix_web::test]
async fn at_an_unknown_address_registration_needs_the_code_that_the_server_prints() {
    let server = server(&[("APP_MODE", "multi")]);
    for unknown in [
        [("host", "evil.example")].as_slice(),
        &[("host", "evil.example:8001")],
        &[("host", "localhost.evil.example")],
        &[("host", "127.0.0.1.evil.example")],
        &[("host", "evil.example"), ("x-forwarded-host", "localhost")],
        &[("host", "backend:8001"), ("x-forwarded-host", "evil.example")],
        &[("host", "backend:8001"), ("x-forwarded-host", "localhost, evil.example")],
        &[("host", "localhost@evil.example")],
    ] {
        assert!(server.asks_for_code(unknown).await, "{unknown:?}");
        for (code, reason) in [(None, "required"), (Some(""), "required"), (Some("AAAA-AAAA-AAAA"), "wrong")]
        {
            // A guess counts, and this is not about the limit.
            let forwarded = format!("198.51.100.{}", unknown.len() * 16 + reason.len());
            let headers: Vec<_> = unknown.iter().copied().chain([("x-forwarded-for", &*forwarded)]).collect();
            let (status, problem) = server.register("eve", &headers, code).await;
            if status == 429 {
                continue;
            }
            assert_eq!(
                (status, &problem["code"]),
                (403, &json!("setup_code_required")),
                "{unknown:?} {problem}"
            );
            assert_eq!(problem["errors"][0]["code"], reason, "{problem}");
            assert!(problem["detail"].as_str().unwrap().contains("SITE_URL"), "{problem}");
        }
    }
    let proxied = [
        ("host", "backend:8001"),
        ("x-forwarded-host", "Chat.Example.org:443"),
        ("x-forwarded-for", "192.0.2.9"),
    ];
    let code = server.code().expect("the server to print the code").to_lowercase();
    let (status, session) = server.register("ada", &proxied, Some(&code)).await;
    assert_eq!((status, &session["user"]["role"]), (201, &json!("admin")), "{session}");
    // The code was for once, and the name is confirmed.
    assert!(!server.asks_for_code(&proxied).await);
    assert_eq!(server.register("grace", &proxied, None).await.0, 201);
    let elsewhere = [("host", "evil.example"), ("x-forwarded-for", "192.0.2.10")];
    assert_eq!(server.register("eve", &elsewhere, Some(&code)).await.0, 403);
}

#[actix_web::test]
async fn at_a_known_address_no_code_is_needed() {
    let server = server(&[("APP_MODE", "multi"), ("SITE_URL", "https://chat.example.org")]);
    assert_eq!(server.code(), None, "with SITE_URL, nobody needs it");
    for host in [
        "localhost:8001",
        "127.0.0.1",
        "192.168.1.20:3000",
        "203.0.113.7",
        "[::1]:8001",
        "[2001:db8::1]",
        "nas",
        "kaiwa-backend:8001",
        "nas.local",
        "NAS.Local.:8080",
        "chat.lan",
        "chat.corp.internal",
        "chat.home.arpa",
        "kaiwa.localhost",
        "chat.example.org",
        "Chat.Example.Org:443",
    ] {
        assert!(!server.asks_for_code(&[("host", host)]).await, "{host}");
    }
    assert_eq!(server.register("ada", &[("host", "nas.local")], None).await.0, 201);
    for unknown in ["example.org", "evil.chat.example.org", "chat.example.org.evil.example", "local.example"]
    {
        assert!(server.asks_for_code(&[("host", unknown)]).await, "{unknown}");
    }
}

#[actix_web::test]
async fn nobody_is_asked_for_a_code_where_registration_is_closed() {
    let server = server(&[]);
    assert!(server.asks_for_code(&[("host", "evil.example")]).await);
    assert_eq!(server.register("ada", &[], None).await.0, 201);
    assert!(!server.asks_for_code(&[("host", "evil.example")]).await);
    let (_, problem) = server.register("eve", &[("host", "evil.example")], None).await;
    assert_eq!(problem["code"], "registration_closed");
}
