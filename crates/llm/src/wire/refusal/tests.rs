use kaiwa_egress::header::{HeaderName, HeaderValue};

use super::{ErrorKind::*, *};

fn answer(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> Error {
    let headers = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
        .collect();
    refused(StatusCode::from_u16(status).unwrap(), &headers, body.as_bytes())
}

type Case = (u16, &'static str, ErrorKind, &'static str);

fn assert_cases(cases: &[Case]) {
    for &(status, body, kind, detail) in cases {
        let error = answer(status, &[], body);
        assert_eq!((error.kind, error.detail.as_str(), error.status), (kind, detail, Some(status)), "{body}");
    }
}

#[test]
fn openais_error_has_its_message_and_a_kind_by_its_code() {
    assert_cases(&[
        (
            401,
            r#"{"error":{"message":"Wrong key.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#,
            Auth,
            "Wrong key.",
        ),
        (429, r#"{"error":{"message":"Broke.","code":"insufficient_quota"}}"#, Quota, "Broke."),
        (
            402,
            r#"{"error":{"message":"Insufficient Balance","type":"unknown_error"}}"#,
            Quota,
            "Insufficient Balance",
        ),
        (429, r#"{"error":{"message":"Slow down.","code":"rate_limit_exceeded"}}"#, RateLimit, "Slow down."),
        (
            413,
            r#"{"error":{"message":"Too large","code":"rate_limit_exceeded"}}"#,
            ContextLength,
            "Too large",
        ),
        (
            400,
            r#"{"error":{"message":"Too long.","code":"context_length_exceeded"}}"#,
            ContextLength,
            "Too long.",
        ),
        (
            400,
            r#"{"error":{"message":"The maximum context length is 8192."}}"#,
            ContextLength,
            "The maximum context length is 8192.",
        ),
        (
            400,
            r#"{"error":{"message":"Exceeds it.","type":"exceed_context_window_error"}}"#,
            ContextLength,
            "Exceeds it.",
        ),
        (400, r#"{"error":{"message":"Filtered.","code":"content_filter"}}"#, ContentFilter, "Filtered."),
        (529, r#"{"error":{"message":"Overloaded","type":"overloaded_error"}}"#, Unavailable, "Overloaded"),
        (400, r#"{"error":{"message":"Bad.","type":"invalid_request_error"}}"#, InvalidRequest, "Bad."),
    ]);
}

#[test]
fn other_hosts_errors_have_their_message_and_kind() {
    assert_cases(&[
        // Ollama
        (404, r#"{"error":"model 'x' not found"}"#, ModelNotFound, "model 'x' not found"),
        // vLLM
        (
            404,
            r#"{"object":"error","message":"The model `x` does not exist.","type":"NotFoundError","code":404}"#,
            ModelNotFound,
            "The model `x` does not exist.",
        ),
        // FastAPI; a wrong address is not a missing model
        (404, r#"{"detail":"Not Found"}"#, InvalidRequest, "Not Found"),
        (422, r#"{"detail":[{"loc":["body"],"msg":"field required"}]}"#, InvalidRequest, "field required"),
        // Gemini
        (400, r#"[{"error":{"code":400,"message":"API key not valid."}}]"#, Auth, "API key not valid."),
        // DashScope
        (400, r#"{"code":"DataInspectionFailed","message":"No."}"#, ContentFilter, "No."),
        // OpenRouter
        (403, r#"{"error":{"code":403,"message":"No.","metadata":{"reasons":["x"]}}}"#, ContentFilter, "No."),
        (429, r#"{"error":{"message":"It failed","metadata":{"raw":"busy"}}}"#, RateLimit, "It failed: busy"),
    ]);
}

#[test]
fn a_body_that_is_not_json_is_shown_if_it_helps() {
    let page = answer(502, &[], "<html>\n<head><title>502 Bad\n Gateway</title></head></html>");
    assert_eq!(
        (page.kind, page.detail.as_str()),
        (ErrorKind::Unavailable, "the answer is a web page: 502 Bad Gateway")
    );
    assert_eq!(answer(503, &[], "").detail, "HTTP 503: Service Unavailable");
    assert_eq!(answer(500, &[], "upstream\n\n connect\u{1b} error").detail, "upstream connect error");
    assert_eq!(answer(404, &[], "404 page not found").kind, ErrorKind::InvalidRequest);
    assert_eq!(answer(500, &[], "{}").detail, "{}");
}

#[test]
fn retryable_errors_are_marked() {
    for (status, retryable) in [
        (400, false),
        (401, false),
        (402, false),
        (404, false),
        (408, true),
        (429, true),
        (500, true),
        (529, true),
    ] {
        assert_eq!(answer(status, &[], "").retryable, retryable, "{status}");
    }
}

#[test]
fn the_wait_is_read_in_every_spelling() {
    let wait = |headers: &[(&'static str, &'static str)]| answer(429, headers, "").retry_after;
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    assert_eq!(wait(&[("retry-after", "7")]), seconds(7));
    assert_eq!(wait(&[("retry-after", "0.5")]), Some(Duration::from_millis(500)));
    assert_eq!(wait(&[("retry-after", "7"), ("retry-after-ms", "1500")]), Some(Duration::from_millis(1500)));
    let date = ("date", "Wed, 21 Oct 2026 07:28:00 GMT");
    assert_eq!(wait(&[("retry-after", "Wed, 21 Oct 2026 07:30:05 GMT"), date]), seconds(125));
    assert_eq!(wait(&[("retry-after", "Wed, 21 Oct 2026 07:00:00 GMT"), date]), seconds(0));
    for nonsense in ["soon", "-5", "inf", "NaN", "1e300", ""] {
        assert_eq!(wait(&[("retry-after", nonsense), date]), None, "{nonsense}");
    }
    assert_eq!(
        wait(&[
            ("x-ratelimit-remaining-requests", "0"),
            ("x-ratelimit-reset-requests", "1m30s"),
            ("x-ratelimit-remaining-tokens", "12"),
            ("x-ratelimit-reset-tokens", "6h0m0s"),
        ]),
        seconds(90)
    );
    assert_eq!(
        wait(&[("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "250ms")]),
        Some(Duration::from_millis(250))
    );
    assert_eq!(wait(&[]), None);
}

#[test]
fn messages_are_short_and_no_part_of_a_key_survives() {
    let detail = "长".repeat(496) + "sk-0123456789 and more";
    let shown = presentable(Error::new(ErrorKind::Auth, detail), None).detail;
    assert_eq!(shown, "长".repeat(496) + "[key");
}

#[test]
fn keys_are_removed_from_messages() {
    let clean =
        |detail: &str| presentable(Error::new(ErrorKind::Auth, detail), Some(&"my own key".into())).detail;
    assert_eq!(clean("no: my own key!"), "no: [key]!");
    assert_eq!(
        clean("Incorrect key sk-proj-abc***xyz, see (gsk_0123456789)"),
        "Incorrect key [key], see ([key])"
    );
    assert_eq!(
        clean("a risk-averse task-force asks sk- for 世界"),
        "a risk-averse task-force asks sk- for 世界"
    );
    assert_eq!(presentable(Error::new(ErrorKind::Auth, "sk-0123456789"), None).detail, "[key]");
}

#[test]
fn a_stream_error_is_classified_by_its_words_and_body() {
    let read = |payload: &str| reported(&serde_json::from_str(payload).unwrap(), None).unwrap();
    for (word, kind) in [
        ("invalid_request_error", InvalidRequest),
        ("permission_error", Auth),
        ("request_too_large", ContextLength),
        ("overloaded_error", Unavailable),
        ("rate_limit_error", RateLimit),
    ] {
        let error = read(&format!(r#"{{"type":"error","error":{{"type":"{word}","message":"No."}}}}"#));
        assert_eq!((error.kind, error.detail.as_str(), error.status), (kind, "No.", None), "{word}");
    }
    let google = r#"[{"error":{"code":429,"message":"Slow.","status":"RESOURCE_EXHAUSTED",
        "details":[{"@type":"x"},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"3s"}]}}]"#;
    let error = read(google);
    assert_eq!(
        (error.kind, error.status, error.retry_after),
        (RateLimit, Some(429), Some(Duration::from_secs(3)))
    );
}
