//! Every error response is a problem.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{TestApp, body};

#[actix_web::test]
async fn every_error_is_a_problem_with_a_code_and_a_request_id() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let post = |path: &str| app.request(Method::POST, path).bearer_auth(&user.token);
    let json_type = ("content-type", "application/json");
    let deep = "[".repeat(100_000);
    for (request, status, code) in [
        (app.request(Method::GET, "/api/nowhere"), 404, "not_found"),
        (app.request(Method::GET, "/assets/nothing.js"), 404, "not_found"),
        (app.request(Method::GET, "/api/conversations"), 401, "not_signed_in"),
        (app.get(&user, "/api/conversations/not-an-id"), 404, "not_found"),
        (post("/api/health"), 405, "method_not_allowed"),
        (post("/api/chat/stream").body("{}"), 415, "unsupported_media_type"),
        (post("/api/chat/stream").header(json_type.0, json_type.1).body("{"), 400, "bad_request"),
        (post("/api/chat/stream").header(json_type.0, json_type.1).body(deep), 422, "invalid"),
        (post("/api/chat/stream").header(json_type.0, json_type.1).body("{}"), 422, "invalid"),
        (
            post("/api/chat/stream").header(json_type.0, json_type.1).body(vec![b' '; 3 * 1024 * 1024]),
            413,
            "too_large",
        ),
        (
            post("/api/chat/stream").header(json_type.0, json_type.1).body(&b"{\"content\":\"\xff\"}"[..]),
            400,
            "bad_request",
        ),
    ] {
        let response = request.send().await.unwrap();
        let path = response.url().path().to_owned();
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(response.headers()["content-type"], "application/problem+json", "{path}");
        let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        let problem = body(response).await;
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["request_id"], json!(id), "{problem}");
        assert_eq!(problem["type"], format!("urn:kaiwa:problem:{code}"), "{problem}");
    }
}

#[actix_web::test]
async fn an_error_names_the_missing_field() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let response =
        app.send(&user, Method::POST, "/api/chat/stream", &json!({ "content": "x" })).send().await.unwrap();
    assert_eq!(body(response).await.pointer("/errors/0/field").unwrap(), "client_message_id");
}

#[actix_web::test]
async fn a_body_that_never_ends_does_not_block_other_requests() {
    let app = TestApp::spawn().await;
    let address = app.base.trim_start_matches("http://").to_owned();
    let mut slow = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /api/auth/login HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(app.request(Method::GET, "/health").send().await.unwrap().status(), 200);
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(45), slow.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "the server closes the connection by itself");
    assert!(
        String::from_utf8_lossy(&answer).starts_with("HTTP/1.1 408"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
}

/// Sends bytes and returns everything that the server sends until it closes the connection.
async fn exchange(app: &TestApp, head: &str, drip: &[u8]) -> String {
    let address = app.base.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).await.unwrap();
    stream.write_all(head.replace("{}", &address).as_bytes()).await.unwrap();
    let (mut read, mut write) = stream.split();
    let mut answer = Vec::new();
    let drip = async {
        // Until the server closes the connection.
        while !drip.is_empty() && write.write_all(drip).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        std::future::pending::<()>().await;
    };
    let end = tokio::time::timeout(Duration::from_secs(10), read.read_to_end(&mut answer));
    tokio::select! {
        // A reset after the answer is a close, too.
        closed = end => drop(closed.expect("the server closes the connection")),
        () = drip => {}
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[actix_web::test]
async fn an_answer_that_leaves_a_body_unread_closes_the_connection() {
    let app = TestApp::spawn().await;
    let chunked = "Host: {}\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (head, drip, status) in [
        (format!("GET /health HTTP/1.1\r\n{chunked}"), "1\r\nx\r\n", "200"),
        (format!("POST /health HTTP/1.1\r\n{chunked}"), "1\r\nx\r\n", "405"),
        (format!("POST /api/auth/logout HTTP/1.1\r\n{chunked}"), "1\r\nx\r\n", "401"),
        (format!("POST /api/nowhere HTTP/1.1\r\n{chunked}"), "1\r\nx\r\n", "404"),
        (format!("POST /api/auth/login HTTP/1.1\r\n{chunked}"), "1\r\nx\r\n", "415"),
        (format!("OPTIONS / HTTP/1.1\r\n{chunked}"), "1\r\nx\r\n", "204"),
        ("POST /health HTTP/1.1\r\nHost: {}\r\nContent-Length: 1000\r\n\r\n".to_owned(), "x", "405"),
    ] {
        let answer = exchange(&app, &head, drip.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{head}: {answer}");
        assert!(answer.to_ascii_lowercase().contains("connection: close"), "{head}: {answer}");
    }
}

#[actix_web::test]
async fn an_odd_request_that_can_be_read_gets_a_problem_with_our_headers() {
    let app = TestApp::spawn().await;
    let chunked = "Host: {}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked";
    for (head, status) in [
        // Bare line feeds.
        ("GET /api/nowhere HTTP/1.1\nHost: {}\nConnection: close\n\n", 404),
        ("POST /health HTTP/1.1\nHost: {}\nConnection: close\r\n\n", 405),
        // For another server, or for none.
        ("GET http://evil.example/health HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", 400),
        ("GET http://evil.example/ HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", 400),
        ("GET https://{}/api/settings HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", 400),
        ("CONNECT evil.example:443 HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", 400),
        ("OPTIONS * HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", 404),
        // Methods that nobody knows.
        ("FOO /health HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", 405),
        ("get /health HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", 405),
        ("FOO /api/nowhere HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", 404),
        // Another version, and another protocol.
        ("GET /api/nowhere HTTP/1.0\r\n\r\n", 404),
        ("GET /api/nowhere HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n", 404),
        // A broken body.
        (&*format!("POST /api/auth/login HTTP/1.1\r\n{chunked}\r\n\r\nzz\r\nab\r\n0\r\n\r\n"), 400),
    ] {
        let answer = exchange(&app, head, b"").await;
        assert!(
            answer.starts_with(&format!("HTTP/1.{} {status}", u8::from(!head.contains("HTTP/1.0")))),
            "{head}: {answer}"
        );
        for part in ["application/problem+json", "x-content-type-options: nosniff", "x-request-id: "] {
            assert!(answer.contains(part), "{head}: {part}: {answer}");
        }
    }
}

/// The framework refuses these before the application sees them, so their responses have neither a body nor our headers.
#[actix_web::test]
async fn a_request_that_cannot_be_read_is_refused_and_its_connection_closed() {
    let app = TestApp::spawn().await;
    let get = |line: &str| format!("GET /health HTTP/1.1\r\nHost: {{}}\r\n{line}\r\n\r\n");
    let post =
        |lines: &str| format!("POST /api/auth/login HTTP/1.1\r\nHost: {{}}\r\n{lines}\r\n\r\n0\r\n\r\n");
    for (head, status) in [
        (get("bad header: 1"), 400),
        (get("bad\theader: 1"), 400),
        (get("x: a\x01b"), 400),
        (get("x: a\r\n folded"), 400),
        (get("host: another"), 400),
        ("GET /health HTTP/1.1\r\n\r\n".to_owned(), 400),
        ("GET /health HTTP/2.0\r\nHost: {}\r\n\r\n".to_owned(), 400),
        ("GET /health\r\n\r\n".to_owned(), 400),
        ("G@T /health HTTP/1.1\r\nHost: {}\r\n\r\n".to_owned(), 400),
        ("GET /a b HTTP/1.1\r\nHost: {}\r\n\r\n".to_owned(), 400),
        ("\x16\x03\x01\x02\x00\x01\r\n\r\n".to_owned(), 400),
        (post("Content-Length: 1\r\nContent-Length: 2"), 400),
        (post("Content-Length: -1"), 400),
        (post("Content-Length: 2\r\nTransfer-Encoding: chunked"), 400),
        (post("Transfer-Encoding: xchunked"), 400),
        (get(&"x: a\r\n".repeat(200)), 431),
    ] {
        let answer = exchange(&app, &head, b"").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{head}: {answer}");
        assert!(answer.to_ascii_lowercase().contains("content-length: 0"), "{head}: {answer}");
    }
}

#[actix_web::test]
async fn a_list_is_not_taken_for_an_object() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let chat = |field: &str, value: serde_json::Value| {
        let mut message = crate::support::message("echo", "hi");
        message[field] = value;
        message
    };
    let password = crate::support::PASSWORD;
    for (path, body) in [
        ("/api/auth/login", json!([null, null, "ada", password])),
        ("/api/auth/login", json!([null, null, "ada", password, null])),
        ("/api/auth/register", json!(["eve", null, null, password])),
        ("/api/auth/password", json!([password, "an entirely different phrase"])),
        ("/api/conversations", json!([])),
        ("/api/conversations", json!(["A title"])),
        ("/api/chat/stream", json!([])),
        ("/api/chat/stream", chat("options", json!([]))),
        ("/api/chat/stream", chat("content", json!([["text", "hi"]]))),
    ] {
        let (status, problem) = app.ask(&user, Method::POST, path, &body).await;
        assert_eq!((status, &problem["code"]), (422, &json!("invalid")), "{path} {body}: {problem}");
    }
    let lists = chat("content", json!([{ "type": "text", "text": "hi" }]));
    let response = app.send(&user, Method::POST, "/api/chat/stream", &lists).send().await.unwrap();
    assert_eq!(response.status(), 200, "a list where a list is meant");
}

#[actix_web::test]
async fn what_a_client_sends_is_not_repeated() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let secret = "sk-live-canary`, expected `x";
    for (path, body) in [
        ("/api/auth/login", json!({ "login": "ada", "password": "x", secret: 1 })),
        ("/api/auth/register", json!({ "username": "ada", "password": "x", secret: 1 })),
        ("/api/auth/password", json!({ secret: 1 })),
        ("/api/auth/login", json!({ "login": "ada", "password": { secret: secret } })),
        ("/api/chat/stream", json!({ "client_message_id": secret, "content": "hi" })),
        ("/api/chat/stream", json!({ secret: secret })),
    ] {
        let (status, problem) = app.ask(&user, Method::POST, path, &body).await;
        assert_eq!(status, 422, "{path} {body}");
        assert!(!problem.to_string().contains("canary"), "{problem}");
    }
    let query = app.get(&user, "/api/conversations?canary=canary&limit=canary").send().await.unwrap();
    assert!(!query.text().await.unwrap().contains("canary"));
}
