//! Cookies, cross-site requests, proxies and headers.

use kaiwa_shared::ClientMessageId;
use reqwest::{Method, Response};
use serde_json::json;

use crate::support::{PASSWORD, TestApp};

async fn register(app: &TestApp, headers: &[(&str, &str)]) -> Response {
    let mut request = app
        .request(Method::POST, "/api/auth/register")
        .header("content-type", "application/json")
        .body(json!({ "username": "ada", "password": PASSWORD }).to_string());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

fn cookie_of(response: &Response) -> String {
    response.headers()["set-cookie"].to_str().unwrap().to_owned()
}

#[actix_web::test]
async fn the_cookie_works_over_plain_http_and_is_http_only() {
    let app = TestApp::spawn().await;
    let cookie = cookie_of(&register(&app, &[]).await);
    assert!(cookie.starts_with("kaiwa=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
    assert!(!cookie.contains("Secure"));
    let pair = cookie.split(';').next().unwrap();
    let me = app.request(Method::GET, "/api/auth/me").header("cookie", pair).send().await.unwrap();
    assert_eq!(me.status(), 200);
}

#[actix_web::test]
async fn over_https_the_cookie_is_secure_and_bound_to_the_host() {
    let app = TestApp::spawn().await;
    let response = register(&app, &[("x-forwarded-proto", "https")]).await;
    assert!(response.headers().contains_key("strict-transport-security"));
    let cookie = cookie_of(&response);
    assert!(cookie.starts_with("__Host-kaiwa=") && cookie.contains("Secure") && cookie.contains("Path=/"));
}

#[actix_web::test]
async fn a_cross_site_write_is_refused() {
    let app = TestApp::spawn().await;
    let cookie = cookie_of(&register(&app, &[]).await);
    let pair = cookie.split(';').next().unwrap().to_owned();
    let host = app.base.trim_start_matches("http://").to_owned();
    let own = format!("http://{host}");
    let body = json!({ "client_message_id": ClientMessageId::new(), "content": "hi" }).to_string();
    for (headers, status) in [
        (vec![("sec-fetch-site", "same-origin")], 200),
        (vec![("sec-fetch-site", "cross-site")], 403),
        (vec![("sec-fetch-site", "same-site")], 403),
        (vec![("origin", own.as_str())], 200),
        (vec![("origin", "http://evil.example")], 403),
        (vec![("origin", "null")], 403),
        (vec![], 403),
    ] {
        let mut request = app
            .request(Method::POST, "/api/chat/stream")
            .header("cookie", &pair)
            .header("content-type", "application/json")
            .body(body.clone());
        for (name, value) in &headers {
            request = request.header(*name, *value);
        }
        assert_eq!(request.send().await.unwrap().status(), status, "{headers:?}");
    }
}

#[actix_web::test]
async fn a_cross_site_sign_in_is_refused() {
    let app = TestApp::spawn().await;
    assert_eq!(register(&app, &[("sec-fetch-site", "cross-site")]).await.status(), 403);
    assert_eq!(register(&app, &[("origin", "https://evil.example")]).await.status(), 403);
}

#[actix_web::test]
async fn every_response_has_security_headers_and_an_id() {
    let app = TestApp::spawn().await;
    for path in ["/", "/health", "/api/settings", "/api/nowhere", "/docs/", "/assets/nothing.js"] {
        let response = app.request(Method::GET, path).send().await.unwrap();
        let headers = response.headers();
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["x-frame-options"], "DENY", "{path}");
        assert_eq!(headers["referrer-policy"], "no-referrer", "{path}");
        assert!(headers.contains_key("x-request-id"), "{path}");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
    }
}

#[actix_web::test]
async fn an_invalid_token_is_not_a_session() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let without_signature = user.token.rsplit_once('.').unwrap().0.to_owned();
    let long = "x".repeat(20_000);
    for token in ["", "x.y.z", without_signature.as_str(), &format!("{}x", user.token), long.as_str()] {
        let request = app.request(Method::GET, "/api/auth/me").bearer_auth(token);
        assert_eq!(request.send().await.unwrap().status(), 401, "{token}");
    }
    let basic = app.request(Method::GET, "/api/auth/me").header("authorization", "Basic YTpi");
    assert_eq!(basic.send().await.unwrap().status(), 401);
}
