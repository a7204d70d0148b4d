//! What the server records about its clients.

use std::{io::Read as _, thread, time::Duration};

use kaiwa_mock_llm::{MockLlm, Outcome};
use serde_json::json;

use crate::{PROTOCOLS, ask, call, client::send, question, start};

/// Looks again and again; only a failing test waits for its end.
fn wait_until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..6000 {
        if holds() {
            return;
        }
        thread::sleep(Duration::from_millis(5));
    }
    panic!("still not: {what}");
}

fn outcome(mock: &MockLlm) -> Outcome {
    mock.last_request().unwrap().outcome
}

#[test]
fn a_request_is_recorded_with_its_headers_and_body() {
    let mock = start();
    for protocol in PROTOCOLS {
        ask(&mock, protocol, "mock-tokens-1-rate-0", true);
        let seen = mock.last_request().unwrap();
        let (path, _, body) = question(protocol, "mock-tokens-1-rate-0", true);
        assert_eq!((&seen.method, &seen.body), (&"POST".to_owned(), &body));
        assert_eq!(path, [seen.path.as_str(), seen.query.as_str()].join("?").trim_end_matches('?'));
        assert!(seen.contains("secret-key") && seen.contains("世界") && !seen.contains("other"));
        assert_eq!(seen.header("host"), Some("mock"));
    }
    assert_eq!(mock.request_count(), 5);
    assert!(mock.has_seen("secret-key") && !mock.has_seen("no such words"));
}

#[test]
fn a_followed_redirect_is_recorded() {
    let mock = start();
    call(&mock, "POST", "/redirected", "x-api-key: leaked-key\r\n", "{}");
    let all = mock.all_requests();
    assert_eq!((all.len(), all[0].path.as_str(), all[0].is_for_reply), (1, "/redirected", false));
    assert!(mock.has_seen("leaked-key"));
    assert_eq!(mock.request_count(), 0);
    let state = call(&mock, "GET", "/state", "", "").json();
    assert_eq!(state["all"][0]["path"], "/redirected");
    assert_eq!((&state["count"], &state["requests"]), (&json!(0), &json!([])));
}

#[test]
fn a_reply_that_was_read_to_its_end_has_ended() {
    let mock = start();
    for script in ["mock-tokens-2-rate-0", "mock-error-500", "mock-redirect-307", "mock-cut-1", "gpt"] {
        ask(&mock, "messages", script, true);
        wait_until(script, || outcome(&mock) == Outcome::Ended);
    }
    assert_eq!((mock.open_streams(), mock.aborted_streams()), (0, 0));
}

#[test]
fn a_client_that_disconnects_is_noticed_at_any_point() {
    let mock = start();
    let mut left = 0;
    for protocol in PROTOCOLS {
        for (script, stream) in [
            ("mock-endless-rate-0", true),
            ("mock-stall-2", true),
            ("mock-hang", true),
            ("mock-delay-600000", false),
        ] {
            let (path, headers, body) = question(protocol, script, stream);
            let mut connection = send(&mock, "POST", &path, headers, &body.to_string());
            wait_until("open", || mock.open_streams() == 1);
            if script == "mock-endless-rate-0" {
                connection.read_exact(&mut vec![0; 100_000]).unwrap();
            }
            assert_eq!(outcome(&mock), Outcome::Open);
            drop(connection);
            left += 1;
            wait_until("left", || mock.aborted_streams() == left && mock.open_streams() == 0);
            assert!(matches!(outcome(&mock), Outcome::Left(_)), "{script} on {protocol}");
        }
    }
}
