//! Health, the API document and the client's files.

use reqwest::Method;

use crate::support::{TestApp, body};

#[actix_web::test]
async fn every_health_path_responds() {
    let app = TestApp::spawn().await;
    for path in ["/health", "/api/health", "/api/settings/health"] {
        let response = app.request(Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(body(response).await["status"], "ok", "{path}");
    }
    let ready = app.request(Method::GET, "/health/ready").send().await.unwrap();
    assert_eq!(ready.status(), 200);
    assert_eq!(body(ready).await["database"], "ok");
}

#[actix_web::test]
async fn the_api_document_describes_the_routes_and_is_browsable() {
    let app = TestApp::spawn().await;
    let document = body(app.request(Method::GET, "/api-docs/openapi.json").send().await.unwrap()).await;
    let paths = document["paths"].as_object().unwrap();
    for path in
        ["/health", "/api/auth/register", "/api/chat/stream", "/api/generations/{id}/events", "/api/models"]
    {
        assert!(paths.contains_key(path), "{path}");
    }
    let page = app.request(Method::GET, "/docs").send().await.unwrap();
    assert_eq!(page.url().path(), "/docs/");
    assert!(page.text().await.unwrap().contains("swagger-ui"));
}

#[actix_web::test]
async fn the_api_page_supports_compression_and_caching() {
    let app = TestApp::spawn().await;
    let get = |headers: &[(&'static str, String)]| {
        let request = app.request(Method::GET, "/docs/swagger-ui-bundle.js");
        headers.iter().fold(request, |request, (name, value)| request.header(*name, value)).send()
    };
    let mut sizes = Vec::new();
    for (accepted, encoding) in [("gzip, deflate, br, zstd", Some("gzip")), ("identity", None)] {
        let accepts = ("accept-encoding", accepted.to_owned());
        let response = get(std::slice::from_ref(&accepts)).await.unwrap();
        assert_eq!(response.status(), 200);
        let headers = response.headers().clone();
        assert_eq!(headers.get("content-encoding").map(|value| value.to_str().unwrap()), encoding);
        assert_eq!(headers["content-type"], "text/javascript; charset=utf-8");
        let bytes = response.bytes().await.unwrap();
        assert_eq!(headers["content-length"].to_str().unwrap(), bytes.len().to_string());
        sizes.push(bytes.len());
        if encoding.is_none() {
            assert!(std::str::from_utf8(&bytes).unwrap().contains("SwaggerUIBundle"));
        }
        let tag = headers["etag"].to_str().unwrap().to_owned();
        let again = get(&[accepts, ("if-none-match", tag)]).await.unwrap();
        assert_eq!((again.status().as_u16(), again.bytes().await.unwrap().len()), (304, 0), "{accepted}");
    }
    assert!(sizes[0] < sizes[1] / 3, "{sizes:?}");
    let nowhere = app.request(Method::GET, "/docs/nothing.js").send().await.unwrap();
    assert_eq!(nowhere.status(), 404);
}

#[actix_web::test]
async fn the_api_can_be_mounted_at_another_path() {
    let app = TestApp::spawn_with(&[("API_PREFIX", "/chat/api/")]).await;
    let settings = app.request(Method::GET, "/chat/api/settings").send().await.unwrap();
    assert_eq!(settings.status(), 200);
    let document = body(app.request(Method::GET, "/api-docs/openapi.json").send().await.unwrap()).await;
    assert!(document["paths"].as_object().unwrap().contains_key("/chat/api/models"));
}

#[actix_web::test]
async fn head_and_options_work_wherever_get_does() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    for (path, allow) in [
        ("/health", "GET, HEAD, OPTIONS"),
        ("/health/ready", "GET, HEAD, OPTIONS"),
        ("/api/health", "GET, HEAD, OPTIONS"),
        ("/api/settings", "GET, HEAD, OPTIONS"),
        ("/api/settings/health", "GET, HEAD, OPTIONS"),
        ("/api/auth/me", "GET, HEAD, OPTIONS"),
        ("/api/conversations", "GET, POST, HEAD, OPTIONS"),
        ("/api/events", "GET, HEAD, OPTIONS"),
        ("/api-docs/openapi.json", "GET, HEAD, OPTIONS"),
        ("/docs/", "GET, HEAD, OPTIONS"),
        ("/", "GET, HEAD, OPTIONS"),
    ] {
        let ask =
            |method| app.request(method, path).bearer_auth(&user.token).header("accept", "text/html").send();
        let head = ask(Method::HEAD).await.unwrap();
        assert_eq!(head.status(), 200, "{path}");
        if path != "/api/events" {
            let get = ask(Method::GET).await.unwrap();
            let (from_head, from_get) = (head.headers(), get.headers());
            assert_eq!(from_head["content-type"], from_get["content-type"], "{path}");
            assert_eq!(from_head["content-length"], from_get["content-length"], "{path}");
        }
        assert!(head.bytes().await.unwrap().is_empty(), "{path}");
        let options = ask(Method::OPTIONS).await.unwrap();
        assert_eq!(options.status(), 204, "{path}");
        let allowed = |response: &reqwest::Response| {
            let mut methods: Vec<_> =
                response.headers()["allow"].to_str().unwrap().split(", ").map(str::to_owned).collect();
            methods.sort();
            methods
        };
        let mut expected: Vec<_> = allow.split(", ").map(str::to_owned).collect();
        expected.sort();
        assert_eq!(allowed(&options), expected, "{path}");
        let other = ask(Method::TRACE).await.unwrap();
        assert_eq!((other.status().as_u16(), allowed(&other)), (405, expected), "{path}");
    }
    for path in ["/api/auth/login", "/api/chat/stream"] {
        let head = app.request(Method::HEAD, path).send().await.unwrap();
        assert_eq!(
            (head.status().as_u16(), &head.headers()["allow"]),
            (405, &"POST, OPTIONS".parse().unwrap())
        );
    }
    for path in ["/api/nowhere", "/assets/nothing.js"] {
        assert_eq!(app.request(Method::HEAD, path).send().await.unwrap().status(), 404, "{path}");
    }
}
