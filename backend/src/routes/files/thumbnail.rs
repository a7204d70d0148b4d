//! `GET /api/files/{id}/thumbnail`

use actix_web::{HttpRequest, HttpResponse, web::Data};
use kaiwa_shared::FileId;
use kaiwa_store::files::BlobRole;

use super::serve::serve;
use crate::{
    http::{ApiError, Id, SignedIn},
    state::AppState,
};

/// Returns a copy of a picture of at most 512 pixels on each side. Other files have none.
#[utoipa::path(
    get,
    path = "/api/files/{id}/thumbnail",
    tag = "files",
    params(("id" = FileId, Path)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "image/jpeg"),
        (status = 304, description = "Unchanged since the `If-None-Match`")
    )
)]
pub(crate) async fn get_file_thumbnail(
    state: Data<AppState>,
    user: SignedIn,
    Id(id): Id<FileId>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    serve(&state, &user, id, BlobRole::Thumbnail, &request).await
}
