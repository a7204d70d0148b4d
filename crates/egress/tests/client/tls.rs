//! Untrusted certificates. The fixtures were created for these tests.

use std::{net::SocketAddr, sync::Arc};

use kaiwa_egress::{Error, Origin, parse_url};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

use crate::support::{LONG, client};

const KEY: &[u8] = include_bytes!("../fixtures/key.pem");

/// A server with this certificate. After a successful handshake it stays silent, so the test would time out.
async fn serve(certificate: &[u8]) -> SocketAddr {
    let certificate = CertificateDer::from_pem_slice(certificate).unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            if let Ok(mut connection) = acceptor.accept(connection).await {
                let _ = connection.read(&mut [0; 1024]).await;
            }
        }
    });
    address
}

async fn ask(address: SocketAddr) -> Error {
    let url = parse_url(&format!("https://localhost:{}/", address.port())).unwrap();
    let client = client(|_| ()).at(Origin::of(&url).unwrap());
    client
        .send(client.get(url).header(kaiwa_egress::header::AUTHORIZATION, "Bearer key"), LONG)
        .await
        .unwrap_err()
}

#[tokio::test]
async fn an_untrusted_certificate_is_refused() {
    for (name, certificate) in [
        ("self-signed", include_bytes!("../fixtures/self_signed.pem").as_slice()),
        ("expired", include_bytes!("../fixtures/expired.pem")),
        ("of another host", include_bytes!("../fixtures/other_host.pem")),
    ] {
        let error = ask(serve(certificate).await).await;
        assert!(matches!(error, Error::Tls(_)), "{name}: {error:?}");
        assert!(error.to_string().contains("certificate"), "{error}");
        assert!(!error.is_retryable());
    }
}

#[tokio::test]
async fn a_server_without_tls_gets_no_plain_request() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        connection.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        let mut heard = Vec::new();
        // Whether it is closed or reset does not matter here.
        let _ = connection.read_to_end(&mut heard).await;
        heard
    });
    let error = ask(address).await;
    assert!(matches!(error, Error::Tls(_)), "{error:?}");
    let heard = heard.await.unwrap();
    assert!(!heard.windows(6).any(|word| word.eq_ignore_ascii_case(b"bearer")), "the key was sent");
}
