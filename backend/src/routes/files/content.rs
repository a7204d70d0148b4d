//! `GET /api/files/{id}/content`

use actix_web::{HttpRequest, HttpResponse, web::Data};
use kaiwa_shared::{FileId, Problem};
use kaiwa_store::files::BlobRole;

use super::serve::serve;
use crate::{
    http::{ApiError, Id, SignedIn},
    state::AppState,
};

/// Returns a file, or a range of its bytes.
///
/// Pictures can be shown in a page. Everything else is an attachment that no browser runs.
#[utoipa::path(
    get,
    path = "/api/files/{id}/content",
    tag = "files",
    params(("id" = FileId, Path), ("Range" = Option<String>, Header)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "*/*"),
        (status = 206, description = "One range", body = Vec<u8>, content_type = "*/*"),
        (status = 304, description = "Unchanged since the `If-None-Match`"),
        (status = 416, description = "The range is not within the file", body = Problem)
    )
)]
pub(crate) async fn get_file_content(
    state: Data<AppState>,
    user: SignedIn,
    Id(id): Id<FileId>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    serve(&state, &user, id, BlobRole::Content, &request).await
}
