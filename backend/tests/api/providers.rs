//! Responses of providers that must not reach the client.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::support::{TestApp, message};

/// A provider that responds to every request with these bytes.
async fn provider(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    actix_web::rt::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut request = [0; 16 * 1024];
            let _ = connection.read(&mut request).await;
            let _ = connection.write_all(answer.as_bytes()).await;
        }
    });
    url
}

#[actix_web::test]
async fn no_header_from_a_provider_reaches_the_client() {
    let url = provider(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nSet-Cookie: provider=1; Path=/\r\nLocation: /elsewhere\r\n\
         WWW-Authenticate: Basic realm=provider\r\nServer: provider\r\nX-Provider: yes\r\nConnection: close\r\n\r\n\
         data: {\"choices\":[{\"delta\":{\"content\":\"hello\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
    )
    .await;
    let app = TestApp::spawn_with(&[("LLM_API_URL", &url), ("LLM_MODEL", "m")]).await;
    let user = app.register("ada").await;
    let response =
        app.send(&user, reqwest::Method::POST, "/api/chat/stream", &message("m", "hi")).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let headers = response.headers().clone();
    for name in ["set-cookie", "location", "www-authenticate", "server", "x-provider"] {
        assert!(!headers.contains_key(name), "{name}: {headers:?}");
    }
    assert!(response.text().await.unwrap().contains("hello"));
}

#[actix_web::test]
async fn a_redirect_from_a_provider_is_an_error() {
    let canary = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let location = format!("http://{}/v1/chat/completions", canary.local_addr().unwrap());
    let answer =
        format!("HTTP/1.1 307 Temporary Redirect\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
    let url = provider(answer.leak()).await;
    let app = TestApp::spawn_with(&[("LLM_API_URL", &url), ("LLM_MODEL", "m")]).await;
    let user = app.register("ada").await;
    let reply = app.say(&user, &message("m", "hi")).await.rest().await;
    assert_eq!(reply.error().unwrap().code.as_str(), "provider_protocol");
    let visit = tokio::time::timeout(std::time::Duration::from_millis(100), canary.accept()).await;
    assert!(visit.is_err(), "somebody followed the redirect");
}
