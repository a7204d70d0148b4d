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
async fn a_request_for_another_server_is_a_problem() {
    let app = TestApp::spawn().await;
    for target in ["http://evil.example/health", "http://evil.example/", "https://{}/api/settings"] {
        let head = format!("GET {target} HTTP/1.1\r\nHost: {{}}\r\nConnection: close\r\n\r\n");
        let answer = exchange(&app, &head, b"").await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
        for part in ["application/problem+json", "x-content-type-options: nosniff", "\"bad_request\""] {
            assert!(answer.contains(part), "{part}: {answer}");
        }
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
