//! Adds to each operation the responses that do not depend on its handler, and the media type of problems.

use kaiwa_shared::problem::CONTENT_TYPE;
use utoipa::openapi::{
    OpenApi as Document, Ref, RefOr, Schema,
    content::Content,
    path::{Operation, PathItem},
    response::{Response, ResponseBuilder},
    schema::{ObjectBuilder, Type},
};

/// The events of a stream.
const FRAMES: &str = "Server-sent events. Each has an `id` (its number), an `event` (its name) and one line of `data` \
    (JSON). Lines that begin with a colon are comments, sent at least every 15 \
    seconds.";

/// Completes the responses of all operations.
pub(super) fn complete(document: &mut Document) {
    for (path, item) in &mut document.paths.paths {
        let has_id = path.contains('{');
        for (is_write, operation) in operations(item) {
            add_problems(operation, is_write, has_id);
            for (status, response) in &mut operation.responses.responses {
                if let RefOr::T(response) = response {
                    describe(status, response);
                }
            }
        }
    }
}

/// The operations of a path, and whether each of them writes.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (bool, &mut Operation)> {
    let reads = item.get.iter_mut().map(|operation| (false, operation));
    let writes = [&mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
    reads.chain(writes.into_iter().flatten().map(|operation| (true, operation)))
}

/// Declares the problems that extractors and the middleware respond with.
fn add_problems(operation: &mut Operation, is_write: bool, has_id: bool) {
    let is_public = operation.security.is_some();
    let has_body = operation.request_body.is_some();
    let statuses = [
        // A request for another server, or credentials of two accounts.
        ("400", true),
        ("401", !is_public),
        // Another site caused it.
        ("403", is_write),
        ("404", has_id),
        ("408", has_body),
        ("413", has_body),
        ("415", has_body),
        ("422", has_body || has_parameters(operation)),
        ("500", true),
        ("503", true),
    ];
    for (status, _) in statuses.into_iter().filter(|(_, applies)| *applies) {
        let problem = Content::new(Some(Ref::from_schema_name("Problem")));
        let response = || RefOr::T(ResponseBuilder::new().content(CONTENT_TYPE, problem).build());
        operation.responses.responses.entry(status.to_owned()).or_insert_with(response);
    }
}

fn has_parameters(operation: &Operation) -> bool {
    operation.parameters.as_ref().is_some_and(|parameters| !parameters.is_empty())
}

fn describe(status: &str, response: &mut Response) {
    let is_problem = status.starts_with(['4', '5']);
    if is_problem && let Some(content) = response.content.shift_remove("application/json") {
        response.content.insert(CONTENT_TYPE.to_owned(), content);
    }
    if let Some(RefOr::T(content)) = response.content.get_mut("text/event-stream") {
        content.schema = content.schema.take().map(frame);
        FRAMES.clone_into(&mut response.description);
    }
    if response.description.is_empty() {
        let code = status.parse().ok().and_then(|status| actix_web::http::StatusCode::from_u16(status).ok());
        code.and_then(|code| code.canonical_reason())
            .unwrap_or_default()
            .clone_into(&mut response.description);
    }
}

/// A server-sent event, whose data is the JSON of `data`.
fn frame(data: RefOr<Schema>) -> RefOr<Schema> {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let data = text().content_media_type("application/json").content_schema(Some(data));
    ["id", "event", "data"]
        .into_iter()
        .fold(ObjectBuilder::new().schema_type(Type::Object), ObjectBuilder::required)
        .property("id", text())
        .property("event", text())
        .property("data", data)
        .into()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    #[test]
    fn every_operation_declares_its_problems_and_whether_it_is_public() {
        let document = serde_json::to_value(crate::openapi::document("/api")).unwrap();
        let mut public = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let responses = operation["responses"].as_object().unwrap();
                let is_public = operation["security"] == serde_json::json!([{}]);
                if is_public {
                    public.push(format!("{method} {path}"));
                }
                assert_eq!(
                    responses.contains_key("401"),
                    !is_public || path.ends_with("login"),
                    "{method} {path}"
                );
                assert!(responses.contains_key("403") || method == "get", "{method} {path}");
                for status in ["400", "500", "503"] {
                    assert!(responses.contains_key(status), "{method} {path}: {status}");
                }
                if operation.get("requestBody").is_some() {
                    for status in ["408", "413", "415", "422"] {
                        assert!(responses.contains_key(status), "{method} {path}: {status}");
                    }
                }
                for (status, response) in responses {
                    assert_ne!(response["description"], "", "{method} {path}: {status}");
                    let types: Vec<_> =
                        response["content"].as_object().map(|all| all.keys().collect()).unwrap_or_default();
                    if status.as_str() >= "400" {
                        assert_eq!(types, ["application/problem+json"], "{method} {path}: {status}");
                        let schema: &Value =
                            &response["content"]["application/problem+json"]["schema"]["$ref"];
                        assert_eq!(schema, "#/components/schemas/Problem");
                    }
                }
            }
        }
        public.sort();
        assert_eq!(
            public,
            [
                "get /api/settings",
                "get /health",
                "get /health/ready",
                "post /api/auth/login",
                "post /api/auth/register"
            ]
        );
    }
}
