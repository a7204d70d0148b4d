//! Which tokens are accepted.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::*;

const NOW: Millis = Millis(1_800_000_000_000);
const HOUR: Duration = Duration::from_hours(1);

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

/// A token with the given content, signed with our key.
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
    let expires_at = NOW.plus(HOUR + Duration::from_secs(5));
    assert_eq!(ours().verify(&token, NOW).unwrap(), Claims { session, user, expires_at });
    assert!(ours().verify(&token, NOW.plus(Duration::from_secs(3599))).is_ok());
    assert!(matches!(ours().verify(&token, NOW.plus(Duration::from_secs(3630))), Err(TokenError::Expired)));
}

#[test]
fn a_clock_that_is_set_back_ends_no_token() {
    let token = ours().issue(SessionId::new(), UserId::new(), NOW, HOUR).unwrap();
    for seconds_back in [1, 10, 3600, 86_400, NOW.0 / 1000] {
        assert!(ours().verify(&token, Millis(NOW.0 - seconds_back * 1000)).is_ok(), "{seconds_back} s");
    }
}

#[test]
fn an_expired_token_is_still_ours() {
    let token = ours().issue(SessionId::new(), UserId::new(), Millis(0), HOUR).unwrap();
    assert!(ours().verify(&token, NOW).is_err());
    assert!(ours().is_ours(&token));
    for foreign in ["", "x.y.z", "sk-proj-abc", &format!("{token}x")] {
        assert!(!ours().is_ours(foreign), "{foreign}");
    }
}

#[test]
fn a_token_with_another_key_or_algorithm_is_refused() {
    let foreign =
        signer("another-key-of-thirty-two-bytes!!").issue(SessionId::new(), UserId::new(), NOW, HOUR);
    assert!(is_refused(&foreign.unwrap()));
    assert!(is_refused(&signed(Algorithm::HS512, TYPE, &claims())));
    assert!(!is_refused(&signed(Algorithm::HS256, TYPE, &claims())), "the test helper makes valid tokens");
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
fn a_foreign_header_is_refused_even_with_a_valid_signature() {
    let jwk = json!({ "kty": "oct", "k": "AAAA", "alg": "HS256" });
    for (key, value) in [
        ("kid", json!("../../dev/null")),
        ("kid", json!("' UNION SELECT 1 --")),
        ("jku", json!("https://attacker.example/keys")),
        ("x5u", json!("https://attacker.example/certificate")),
        ("jwk", jwk),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("alg", json!("HS384")),
        ("alg", json!("RS256")),
        ("alg", json!("hs256")),
    ] {
        let mut header = json!({ "typ": TYPE, "alg": "HS256" });
        assert!(!is_refused(&signed_with_header(&header)), "the test helper makes valid tokens");
        header[key] = value;
        assert!(is_refused(&signed_with_header(&header)), "{header}");
    }
    assert!(is_refused(&signed_with_header(&json!({ "alg": "HS256" }))));
}

/// A token with the given header, signed with our key.
fn signed_with_header(header: &Value) -> String {
    let message = [header, &claims()].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
    let key = hmac::Key::new(hmac::HMAC_SHA256, ours().encoding.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(hmac::sign(&key, message.as_bytes())))
}

#[test]
fn the_clocks_of_two_servers_can_differ_by_five_seconds() {
    let token = ours().issue(SessionId::new(), UserId::new(), NOW, HOUR).unwrap();
    let at = |seconds: i64| ours().verify(&token, Millis(NOW.0 + seconds * 1000));
    assert!(at(3604).is_ok());
    assert!(matches!(at(3605), Err(TokenError::Expired)));
}

#[test]
fn a_token_with_other_claims_is_refused() {
    for typ in ["JWT", "rt+jwt", "AT+JWT", ""] {
        assert!(is_refused(&signed(Algorithm::HS256, typ, &claims())), "{typ}");
    }
    for (key, value) in [
        ("iss", json!("somebody")),
        ("aud", json!("something")),
        ("exp", json!("1900000000")),
        ("exp", json!(1e300)),
        ("exp", json!(-1)),
        ("nbf", json!(NOW.0 / 1000 + 3600)),
        ("nbf", json!("0")),
        ("iat", json!(NOW.0 / 1000 + 3600)),
        ("iat", json!(1e300)),
        ("aud", json!([])),
        ("sub", json!("admin")),
        ("sid", Value::Null),
    ] {
        assert!(is_refused(&signed(Algorithm::HS256, TYPE, &with(key, value.clone()))), "{key} = {value}");
    }
    for key in ["iss", "aud", "sub", "sid", "jti", "iat", "exp", "nbf"] {
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
        token.rsplit_once('.').unwrap().0.to_owned(),
        format!("{token}\n"),
        "..".to_owned(),
    ] {
        assert!(is_refused(&changed), "{changed}");
    }
    for at in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        assert!(is_refused(&String::from_utf8(bytes).unwrap()), "byte {at}");
    }
}

#[test]
fn a_signature_has_only_one_encoding() {
    let token = ours().issue(SessionId::new(), UserId::new(), NOW, HOUR).unwrap();
    // Two of the last character's six bits are unused and must be zero.
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = token.split_at(token.len() - 1);
    let at = alphabet.find(last).unwrap();
    for spare in 1..4 {
        assert!(is_refused(&format!("{rest}{}", &alphabet[at + spare..=at + spare])));
    }
}
