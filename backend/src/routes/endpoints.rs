//! Declares each endpoint once: the path and method in a handler's `#[utoipa::path]` become its route and its entry in
//! the OpenAPI document.

use std::collections::BTreeMap;

use actix_web::{
    HttpResponse, Resource, Route, Scope,
    http::{Method, StatusCode, header},
    web::{self, ServiceConfig},
};
use utoipa::{
    OpenApi,
    openapi::{OpenApi as Document, path::PathItem},
};

/// The root of the API in the handlers' paths. It is mounted under `API_PREFIX`.
pub(crate) const API_ROOT: &str = "/api";

/// Endpoints and the document that describes them.
#[derive(Default)]
pub(crate) struct Endpoints {
    document: Document,
    /// By path, so that all methods of a path share one resource.
    routes: BTreeMap<String, Vec<(Method, Route)>>,
}

/// Defines the `configure` of a module from the list of its handlers.
macro_rules! endpoints {
    ($($($segment:ident)::+),+ $(,)?) => {
        /// Adds the endpoints of this module.
        pub(super) fn configure(endpoints: &mut $crate::routes::endpoints::Endpoints) {
            #[derive(utoipa::OpenApi)]
            #[openapi(paths($($($segment)::+),+))]
            struct Described;

            endpoints.add::<Described>(vec![
                $(([$(stringify!($segment)),+].as_slice(), actix_web::web::route().to($($segment)::+))),+
            ]);
        }
    };
}

pub(super) use endpoints;

impl Endpoints {
    /// Runs the `configure` of a module.
    pub(super) fn configure(mut self, module: impl FnOnce(&mut Self)) -> Self {
        module(&mut self);
        self
    }

    /// Adds the endpoints that `D` describes. Each handler comes with the segments of its Rust path.
    pub(super) fn add<D: OpenApi>(&mut self, handlers: Vec<(&[&str], Route)>) {
        let document = D::openapi();
        for (rust_path, route) in handlers {
            // utoipa names an operation after its handler.
            if let Some(name) = rust_path.last()
                && let Some((path, method)) = find_operation(&document, name)
            {
                let route = route.method(method.clone());
                self.routes.entry(path).or_default().push((method, route));
            }
        }
        self.document.merge(document);
    }

    /// Registers every route; those below [`API_ROOT`] go into `api`.
    pub(super) fn register(self, config: &mut ServiceConfig, mut api: Scope) {
        for (path, routes) in self.routes {
            match below_api_root(&path) {
                Some(below) => api = api.service(resource(below, routes)),
                None => {
                    config.service(resource(&path, routes));
                }
            }
        }
        config.service(api);
    }

    /// The paths and schemas of all endpoints.
    pub(crate) fn into_document(self) -> Document {
        self.document
    }
}

/// The part of a path that follows [`API_ROOT`].
pub(crate) fn below_api_root(path: &str) -> Option<&str> {
    path.strip_prefix(API_ROOT).filter(|below| below.starts_with('/'))
}

fn resource(path: &str, routes: Vec<(Method, Route)>) -> Resource {
    let methods: Vec<Method> = routes.iter().map(|(method, _)| method.clone()).collect();
    let resource = routes.into_iter().fold(web::resource(path), |resource, (_, route)| resource.route(route));
    with_other_methods(resource, &methods)
}

/// Answers OPTIONS, and all methods that are not among `methods`, with the list of those that are.
pub(super) fn with_other_methods(resource: Resource, methods: &[Method]) -> Resource {
    let mut allowed: Vec<&str> = methods.iter().map(Method::as_str).collect();
    if methods.contains(&Method::GET) {
        allowed.push("HEAD");
    }
    allowed.push("OPTIONS");
    let allow = allowed.join(", ");
    resource.default_service(web::to(move |method: Method| {
        let status =
            if method == Method::OPTIONS { StatusCode::NO_CONTENT } else { StatusCode::METHOD_NOT_ALLOWED };
        let response = HttpResponse::build(status).insert_header((header::ALLOW, allow.clone())).finish();
        async move { response }
    }))
}

fn find_operation(document: &Document, name: &str) -> Option<(String, Method)> {
    document.paths.paths.iter().find_map(|(path, item)| Some((path.clone(), find_method(item, name)?)))
}

fn find_method(item: &PathItem, name: &str) -> Option<Method> {
    let operations = [
        (Method::GET, &item.get),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
    ];
    operations.into_iter().find_map(|(method, operation)| {
        let id = operation.as_ref()?.operation_id.as_deref();
        (id == Some(name)).then_some(method)
    })
}

#[cfg(test)]
mod tests {
    use crate::routes;

    #[test]
    fn every_documented_operation_has_a_route() {
        let endpoints = routes::endpoints();
        let document = serde_json::to_value(&endpoints.document).unwrap();
        for (path, item) in document["paths"].as_object().unwrap() {
            let operations = item.as_object().unwrap().len();
            assert_eq!(endpoints.routes.get(path).map(Vec::len), Some(operations), "{path}");
        }
    }
}
