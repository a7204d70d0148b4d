//! How servers may misbehave in their responses.

use std::{io::Write as _, time::Duration};

use flate2::{Compression, write::GzEncoder};
use futures_util::{FutureExt, StreamExt};
use kaiwa_egress::{Error, Wait};
use tokio::io::AsyncWriteExt;

use crate::support::{LONG, Server, client_for};

const MEBIBYTE: usize = 1024 * 1024;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn answer(encoding: &str, body: &[u8]) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

async fn read(server: &Server, max: u64) -> Result<Vec<u8>, Error> {
    let client = client_for(server, |_| ());
    let response = client.send(client.get(server.url()), LONG).await.unwrap();
    response.read(max, LONG).await
}

#[tokio::test]
async fn a_compressed_list_is_read() {
    let text = "models ".repeat(100_000);
    let server = Server::answering(answer("gzip", &gzip(text.as_bytes()))).await;
    assert_eq!(read(&server, 4 << 20).await.unwrap(), text.as_bytes());
    assert!(server.requests()[0].contains("accept-encoding: gzip\r\n"));
}

#[tokio::test]
async fn a_decompression_bomb_ends_at_the_limit() {
    let bomb = gzip(&vec![0; 64 * MEBIBYTE]);
    assert!(bomb.len() < MEBIBYTE);
    let server = Server::answering(answer("gzip", &bomb)).await;
    assert_eq!(read(&server, 1 << 20).await, Err(Error::TooLong(1 << 20)));
}

#[tokio::test]
async fn a_streamed_decompression_bomb_ends_at_the_limit_too() {
    let server = Server::answering(answer("gzip", &gzip(&vec![0; 16 * MEBIBYTE]))).await;
    let client = client_for(&server, |options| options.body_max = 1 << 20);
    let response = client.send(client.post(server.url()), LONG).await.unwrap();
    let mut body = response.into_body();
    let mut seen = 0;
    let error = loop {
        match body.next().await.unwrap() {
            Ok(piece) => seen += piece.len(),
            Err(error) => break error,
        }
    };
    assert_eq!(error, Error::TooLong(1 << 20));
    assert!(seen <= MEBIBYTE, "{seen} bytes came through");
    assert!(body.next().await.is_none(), "an error is the last item");
    assert!(server.requests()[0].contains("accept-encoding: identity\r\n"));
}

#[tokio::test]
async fn an_invalid_encoding_is_an_error() {
    let whole = gzip(&b"text ".repeat(1000));
    for (encoding, body) in [
        ("gzip", b"this is not compressed at all".as_slice()),
        ("gzip", &whole[..whole.len() / 2]),
        ("gzip", &whole[..whole.len() - 4]),
        ("deflate", &whole),
        ("br", &whole),
        ("zstd", &whole),
        ("gzip, gzip", &whole),
    ] {
        let server = Server::answering(answer(encoding, body)).await;
        let error = read(&server, 1 << 20).await.unwrap_err();
        assert!(matches!(error, Error::Encoding(_)), "{encoding}: {error:?}");
    }
}

#[tokio::test]
async fn an_endless_body_is_abandoned_and_its_connection_closed() {
    let (gone, left) = tokio::sync::oneshot::channel();
    let gone = std::sync::Mutex::new(Some(gone));
    let server = Server::with(move |mut connection| {
        let gone = gone.lock().unwrap().take();
        async move {
            connection.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            // An endless line.
            let line = vec![b'x'; 64 * 1024];
            while connection.write_all(&line).await.is_ok() {}
            gone.map(|gone| gone.send(()));
        }
        .boxed()
    })
    .await;
    assert_eq!(read(&server, 100_000).await, Err(Error::TooLong(100_000)));
    tokio::time::timeout(LONG, left).await.unwrap().unwrap();
}

#[tokio::test]
async fn silence_and_a_trickle_both_end() {
    let server = Server::with(|mut connection| {
        async move {
            connection.write_all(b"HTTP/1.1 200 OK\r\n\r\nstart").await.unwrap();
            std::future::pending::<()>().await;
        }
        .boxed()
    })
    .await;
    let limit = Duration::from_millis(200);
    let client = client_for(&server, |options| options.idle_timeout = limit);
    let mut body = client.send(client.get(server.url()), LONG).await.unwrap().into_body();
    assert_eq!(body.next().await.unwrap().unwrap(), "start");
    assert_eq!(body.next().await.unwrap(), Err(Error::Timeout { wait: Wait::Piece, limit }));
    let trickle = Server::with(|mut connection| {
        async move {
            connection.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            while connection.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        .boxed()
    })
    .await;
    let client = client_for(&trickle, |_| ());
    let response = client.send(client.get(trickle.url()), LONG).await.unwrap();
    assert_eq!(response.read(1 << 20, limit).await, Err(Error::Timeout { wait: Wait::End, limit }));
    let response = client.send(client.get(trickle.url()), LONG).await.unwrap();
    assert!(!response.read_some(1 << 20, limit).await.is_empty(), "what a refusal says so far is kept");
}

#[tokio::test]
async fn a_slow_response_is_read_to_its_end() {
    let server = Server::with(|mut connection| {
        async move {
            connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").await.unwrap();
            for byte in b"hello" {
                connection.write_all(&[*byte]).await.unwrap();
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        .boxed()
    })
    .await;
    assert_eq!(read(&server, 100).await.unwrap(), b"hello");
}

#[tokio::test]
async fn no_response_and_no_listener_are_distinguished() {
    let silent = Server::with(|connection| {
        async move {
            std::future::pending::<()>().await;
            drop(connection);
        }
        .boxed()
    })
    .await;
    let limit = Duration::from_millis(200);
    let client = client_for(&silent, |_| ());
    let error = client.send(client.get(silent.url()), limit).await.unwrap_err();
    assert_eq!(error, Error::Timeout { wait: Wait::Headers, limit });
    assert!(error.is_retryable());

    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = kaiwa_egress::parse_url(&format!("http://127.0.0.1:{port}/")).unwrap();
    let client = client.at(kaiwa_egress::Origin::of(&url).unwrap());
    let error = client.send(client.get(url), LONG).await.unwrap_err();
    assert!(matches!(error, Error::Connect(_)), "{error:?}");
}
