//! What is and what is not taken for a token of ours.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::*;

const NOW: Millis = Millis(1_800_000_000_000);
const HOUR: Duration = Duration::from_secs(3600);

fn signer(secret: &str) -> Signer {
    Signer::new(&SigningSecret::parse(&SecretString::from(secret)).unwrap())
}

fn ours() -> Signer {
    signer("kRk8p3V1sJm0bZq7xT5yW2nE4uH6cL9d")
}

fn claims() -> Value {
    let seconds = NOW.0 / 1000;
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": UserId::new(), "sid": SessionId::new(), "jti": "x",
        "iat": seconds, "nbf": seconds, "exp": seconds + 3600,
    })
}

/// A token signed with our own key, whatever it says.
fn signed(algorithm: Algorithm, typ: &str, claims: &Value) -> String {
    let mut header = Header::new(algorithm);
    header.typ = Some(typ.to_owned());
    encode(&header, claims, &ours().encoding).unwrap()
}

fn with(key: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[key] = value;
    claims
}

fn is_refused(token: &str) -> bool {
    ours().verify(token, NOW).is_err()
}

#[test]
fn a_token_names_its_session_and_user_until_it_expires() {
    let (session, user) = (SessionId::new(), UserId::new());
    let token = ours().issue(session, user, NOW, HOUR).unwrap();
    assert_eq!(ours().verify(&token, NOW).unwrap(), Claims { session, user });
    assert!(ours().verify(&token, NOW.plus(HOUR - Duration::from_secs(1))).is_ok());
    assert!(matches!(
        ours().verify(&token, NOW.plus(HOUR + Duration::from_secs(30))),
        Err(TokenError::Expired)
    ));
    assert!(matches!(ours().verify(&token, Millis(NOW.0 - 3_600_000)), Err(TokenError::Expired)));
}

#[test]
fn a_token_of_another_key_or_algorithm_is_refused() {
    let foreign =
        signer("another-key-of-thirty-two-bytes!!").issue(SessionId::new(), UserId::new(), NOW, HOUR);
    assert!(is_refused(&foreign.unwrap()));
    assert!(is_refused(&signed(Algorithm::HS512, TYPE, &claims())));
    assert!(!is_refused(&signed(Algorithm::HS256, TYPE, &claims())), "the harness makes acceptable tokens");
}

#[test]
fn an_unsigned_token_is_refused() {
    for algorithm in ["none", "None", "NONE"] {
        let header = URL_SAFE_NO_PAD.encode(json!({ "alg": algorithm, "typ": TYPE }).to_string());
        let body = URL_SAFE_NO_PAD.encode(claims().to_string());
        assert!(is_refused(&format!("{header}.{body}.")));
        assert!(is_refused(&format!("{header}.{body}.AAAA")));
    }
}

#[test]
fn a_token_for_something_else_is_refused() {
    assert!(is_refused(&signed(Algorithm::HS256, "JWT", &claims())));
    for (key, value) in [
        ("iss", json!("somebody")),
        ("aud", json!("something")),
        ("exp", json!("1900000000")),
        ("exp", json!(1e300)),
        ("exp", json!(-1)),
        ("nbf", json!(NOW.0 / 1000 + 3600)),
        ("sub", json!("admin")),
        ("sid", Value::Null),
    ] {
        assert!(is_refused(&signed(Algorithm::HS256, TYPE, &with(key, value.clone()))), "{key} = {value}");
    }
    for key in ["iss", "aud", "sub", "sid", "exp", "nbf"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(key);
        assert!(is_refused(&signed(Algorithm::HS256, TYPE, &claims)), "without {key}");
    }
}

#[test]
fn a_changed_token_is_refused() {
    let token = ours().issue(SessionId::new(), UserId::new(), NOW, HOUR).unwrap();
    for changed in [
        format!("{token}="),
        format!("{token}x"),
        format!(" {token}"),
        format!("{token}."),
        token.replacen('.', "..", 1),
        token.to_lowercase(),
        String::new(),
        "x".repeat(64 * 1024),
    ] {
        assert!(is_refused(&changed), "{changed}");
    }
}
