//! `DELETE /api/files/{id}`

use actix_web::{HttpResponse, web::Data};
use kaiwa_shared::{Code, FileId, Problem};
use kaiwa_store::files::DeleteOutcome;

use crate::{
    http::{ApiError, Id, SignedIn},
    state::AppState,
};

/// Deletes a file that no message uses. A used file goes with the last message that uses it.
#[utoipa::path(
    delete,
    path = "/api/files/{id}",
    tag = "files",
    params(("id" = FileId, Path)),
    responses((status = 204), (status = 409, description = "A message uses it", body = Problem))
)]
pub(crate) async fn delete_file(
    state: Data<AppState>,
    user: SignedIn,
    Id(id): Id<FileId>,
) -> Result<HttpResponse, ApiError> {
    let mut tx = state.store.begin().await?;
    match tx.files().delete(user.user_id(), id).await? {
        DeleteOutcome::Deleted => {
            tx.commit().await?;
            Ok(HttpResponse::NoContent().finish())
        }
        DeleteOutcome::InUse => {
            Err(ApiError::new(Code::Conflict, "A message uses this file. Delete the message instead."))
        }
        DeleteOutcome::NoFile => Err(ApiError::not_found()),
    }
}
