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

/// The `name=value` of the cookie that a sign-in over this scheme sets.
async fn sign_in(app: &TestApp, name: &str, scheme: &str) -> String {
    let sign_in = app
        .request(Method::POST, "/api/auth/login")
        .header("content-type", "application/json")
        .header("x-forwarded-proto", scheme)
        .body(json!({ "login": name, "password": PASSWORD }).to_string());
    let response = sign_in.send().await.unwrap();
    assert_eq!(response.status(), 200);
    cookie_of(&response).split(';').next().unwrap().to_owned()
}

/// The status of a request with these headers.
async fn status(app: &TestApp, method: Method, path: &str, headers: &[(&str, &str)]) -> u16 {
    let request = headers
        .iter()
        .fold(app.request(method, path), |request, (name, value)| request.header(*name, *value));
    request.send().await.unwrap().status().as_u16()
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

#[actix_web::test]
async fn a_credential_that_is_meant_for_somebody_else_does_not_hide_the_cookie() {
    let app = TestApp::spawn().await;
    app.register("ada").await;
    let cookie = sign_in(&app, "ada", "http").await;
    for foreign in
        ["Basic YWRhOnNlY3JldA==", "Digest username=\"ada\"", "Negotiate abc", "Bearer gho_abc", "Bearer", ""]
    {
        let headers = [("authorization", foreign), ("cookie", cookie.as_str())];
        assert_eq!(status(&app, Method::GET, "/api/auth/me", &headers).await, 200, "{foreign:?}");
        assert_eq!(status(&app, Method::GET, "/api/auth/me", &headers[..1]).await, 401, "{foreign:?}");
        // The browser sends it by itself, so it proves nothing about where a write comes from.
        let write = |site| [headers[0], headers[1], ("sec-fetch-site", site)];
        let path = "/api/auth/refresh";
        assert_eq!(status(&app, Method::POST, path, &write("cross-site")).await, 403, "{foreign:?}");
        assert_eq!(status(&app, Method::POST, path, &write("same-origin")).await, 200, "{foreign:?}");
    }
}

#[actix_web::test]
async fn a_cookie_of_one_person_beside_a_token_of_another_is_refused() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let grace = app.register("grace").await;
    let cookie = sign_in(&app, "ada", "http").await;
    for (user, expected) in [(&ada, 200), (&grace, 400)] {
        let bearer = format!("Bearer {}", user.token);
        let headers = [("authorization", bearer.as_str()), ("cookie", cookie.as_str())];
        assert_eq!(status(&app, Method::GET, "/api/auth/me", &headers).await, expected);
        assert_eq!(status(&app, Method::GET, "/api/conversations", &headers).await, expected);
        assert_eq!(status(&app, Method::POST, "/api/auth/refresh", &headers).await, expected);
    }
    let headers = [("authorization", &*format!("Bearer {}", grace.token)), ("cookie", cookie.as_str())];
    assert_eq!(status(&app, Method::POST, "/api/auth/logout", &headers).await, 400);
}

#[actix_web::test]
async fn each_scheme_has_a_cookie_of_its_own() {
    let app = TestApp::spawn().await;
    app.register("ada").await;
    let (plain, secure) = (sign_in(&app, "ada", "http").await, sign_in(&app, "ada", "https").await);
    assert!(plain.starts_with("kaiwa=") && secure.starts_with("__Host-kaiwa="));
    let token = |pair: &str| pair.split_once('=').unwrap().1.to_owned();
    let (as_secure, as_plain) =
        (format!("__Host-kaiwa={}", token(&plain)), format!("kaiwa={}", token(&secure)));
    let dead = "kaiwa=dead; __Host-kaiwa=dead";
    for (scheme, cookies, expected) in [
        ("http", plain.clone(), 200),
        ("https", secure.clone(), 200),
        ("https", plain.clone(), 401),
        ("http", secure.clone(), 401),
        ("http", as_plain, 200),
        ("https", as_secure, 200),
        ("http", format!("__Host-kaiwa=dead; {plain}"), 200),
        ("https", format!("kaiwa=dead; {secure}"), 200),
        ("http", format!("{dead}; {plain}"), 200),
        ("http", format!("broken; =; a=b=c; \"; {plain}"), 200),
        ("http", format!("{plain};other=1"), 200),
        ("http", dead.to_owned(), 401),
    ] {
        let headers = [("x-forwarded-proto", scheme), ("cookie", cookies.as_str())];
        assert_eq!(
            status(&app, Method::GET, "/api/auth/me", &headers).await,
            expected,
            "{scheme}: {cookies}"
        );
    }
}

#[actix_web::test]
async fn signing_out_ends_the_sessions_of_both_cookies_and_clears_both() {
    for scheme in ["http", "https"] {
        let app = TestApp::spawn().await;
        app.register("ada").await;
        let (plain, secure) = (sign_in(&app, "ada", "http").await, sign_in(&app, "ada", "https").await);
        let both = format!("{plain}; {secure}");
        let out = app
            .request(Method::POST, "/api/auth/logout")
            .header("cookie", both)
            .header("x-forwarded-proto", scheme)
            .header("sec-fetch-site", "same-origin");
        let out = out.send().await.unwrap();
        assert_eq!(out.status(), 204);
        let cleared: Vec<_> =
            out.headers().get_all("set-cookie").iter().map(|c| c.to_str().unwrap()).collect();
        assert_eq!(cleared.len(), 2, "{cleared:?}");
        assert!(cleared.iter().all(|cookie| cookie.contains("Max-Age=0")), "{cleared:?}");
        for (scheme, cookie) in [("http", &plain), ("https", &secure)] {
            let headers = [("x-forwarded-proto", scheme), ("cookie", cookie.as_str())];
            assert_eq!(status(&app, Method::GET, "/api/auth/me", &headers).await, 401);
        }
    }
}

#[actix_web::test]
async fn a_page_whose_port_the_proxy_hides_is_told_what_differs() {
    let app = TestApp::spawn().await;
    let origin = ("origin", "http://nas.local:8080");
    for (headers, allowed) in [
        (vec![("host", "nas.local"), origin], false),
        (vec![("host", "nas.local"), origin, ("x-forwarded-port", "8080")], true),
        (vec![("host", "nas.local"), origin, ("x-forwarded-host", "nas.local:8080")], true),
        (vec![("host", "kaiwa"), origin, ("x-forwarded-host", "kaiwa, nas.local:8080")], true),
        // Only the last one comes from the proxy.
        (vec![("host", "kaiwa"), origin, ("x-forwarded-host", "nas.local:8080, nas.local")], false),
        (vec![("host", "kaiwa"), origin, ("forwarded", "host=\"nas.local:8080\"")], true),
        (vec![("host", "nas.local"), origin, ("x-forwarded-port", "9090")], false),
    ] {
        let request = app
            .request(Method::POST, "/api/auth/login")
            .header("content-type", "application/json")
            .body(json!({ "login": "nobody", "password": PASSWORD }).to_string());
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), if allowed { 401 } else { 403 }, "{headers:?}");
        let problem = crate::support::body(response).await;
        if !allowed {
            let detail = problem["detail"].as_str().unwrap();
            for part in ["http://nas.local:8080", "`http://nas.local", "SITE_URL=http://nas.local:8080"] {
                assert!(detail.contains(part), "{detail}");
            }
        }
    }
}

#[actix_web::test]
async fn every_forged_address_shares_one_limit() {
    for chain in ["203.0.113.{}, 192.168.1.50", "{}, 10.0.0.7:4000", "10.0.0.{}, \"[2001:db8::1]:443\""] {
        let app = TestApp::spawn().await;
        let mut statuses = Vec::new();
        for n in 0..12 {
            let address = if chain.starts_with("{}") { format!("198.51.100.{n}") } else { n.to_string() };
            let request = app
                .request(Method::POST, "/api/auth/register")
                .header("content-type", "application/json")
                .header("x-forwarded-for", chain.replace("{}", &address))
                .body(json!({ "username": format!("user{n}"), "password": PASSWORD }).to_string());
            statuses.push(request.send().await.unwrap().status().as_u16());
        }
        assert_eq!(statuses.last(), Some(&429), "{chain}: {statuses:?}");
    }
}

#[actix_web::test]
async fn the_frames_are_sandboxed_and_only_the_client_may_show_them() {
    let app = TestApp::spawn().await;
    for (path, allowed) in [
        ("/frame", "script-src 'unsafe-inline' 'unsafe-eval';"),
        ("/frame/diagram", "script-src 'self' 'sha256-"),
        ("/frame/picture", "img-src https:;"),
    ] {
        let response = app.request(Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let headers = response.headers().clone();
        assert_eq!(headers["content-type"], "text/html; charset=utf-8", "{path}");
        assert_eq!(headers["x-frame-options"], "SAMEORIGIN", "{path}");
        assert_eq!(headers["referrer-policy"], "no-referrer", "{path}");
        assert_eq!(headers["x-dns-prefetch-control"], "off", "{path}");
        assert!(!headers.contains_key("set-cookie"), "{path}");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("sandbox allow-scripts; default-src 'none';"), "{path}: {policy}");
        for directive in [
            allowed,
            "connect-src 'none'",
            "frame-src 'none'",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors 'self'",
        ] {
            assert!(policy.contains(directive), "{path}: {directive} is missing in {policy}");
        }
        for token in
            ["allow-same-origin", "allow-top-navigation", "allow-popups", "allow-downloads", "allow-forms"]
        {
            assert!(!policy.contains(token), "{path}: {policy}");
        }
        assert!(response.text().await.unwrap().starts_with("<!doctype html>"), "{path}");
    }
    let unknown = app.request(Method::POST, "/frame").send().await.unwrap();
    assert_eq!(unknown.status(), 405);
}
