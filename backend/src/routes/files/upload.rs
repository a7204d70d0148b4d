//! `PUT /api/files/{id}`

use std::time::Duration;

use actix_web::{
    HttpRequest,
    http::header,
    web::{Data, Json, Payload},
};
use futures_util::StreamExt;
use kaiwa_files::{HEAD_BYTES, Incoming, Kind, MAX_PICTURE_BYTES, Staged, Unsupported};
use kaiwa_shared::{Code, File, FileId, Problem, UserId};

use crate::{
    files::{self, Received, name_of},
    http::{ApiError, Id, SignedIn},
    state::AppState,
};

/// How long nothing of a body may arrive.
const STALL: Duration = Duration::from_secs(30);

/// Stores a file for messages.
///
/// The body is the file itself, and the client chooses the id, a UUID. `Content-Disposition` names the file, as
/// `filename*` (RFC 8187) or `filename`. The type is decided by the bytes; `Content-Type` is ignored. Pictures are
/// stored upright, without metadata, and at most 4096 pixels long. The text of documents is read for models that cannot
/// read the documents themselves. Repeating an upload returns the file that is stored already. A file that no message
/// uses is deleted after seven days.
#[utoipa::path(
    put,
    path = "/api/files/{id}",
    tag = "files",
    params(
        ("id" = FileId, Path, description = "A UUID that the client chooses"),
        ("Content-Disposition" = Option<String>, Header, description = "The name: `attachment; filename*=UTF-8''…`")
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file"),
    responses(
        (status = 200, body = File),
        (status = 409, description = "Another file has this id", body = Problem),
        (status = 413, description = "Larger than a file or all files of the account may be", body = Problem),
        (status = 415, description = "No model could read a file of this type", body = Problem),
        (status = 422, description = "A damaged picture, or one with too many pixels", body = Problem),
        (status = 429, body = Problem),
        (status = 507, description = "The disk is full", body = Problem)
    )
)]
pub(crate) async fn upload_file(
    state: Data<AppState>,
    user: SignedIn,
    Id(id): Id<FileId>,
    request: HttpRequest,
    body: Payload,
) -> Result<Json<File>, ApiError> {
    let owner = user.user_id();
    let _slot = state.files.uploading(owner).await?;
    check_length(&state, owner, &request, id).await?;
    let name = name_of(request.headers().get(header::CONTENT_DISPOSITION));
    let incoming = state.files.folder.receive(state.files.limits.max_bytes).await?;
    let (kind, staged) = receive(incoming, body).await?;
    let received = Received { owner, id, name, kind, staged };
    files::store(&state.files, &state.store, &*state.clock, received).await.map(Json)
}

/// Refuses what is too large before any of it is read.
async fn check_length(
    state: &AppState,
    owner: UserId,
    request: &HttpRequest,
    id: FileId,
) -> Result<(), ApiError> {
    if request.headers().contains_key(header::CONTENT_ENCODING) {
        return Err(ApiError::new(Code::UnsupportedMediaType, "Send the file uncompressed."));
    }
    let length =
        request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let Some(length) = length else { return Ok(()) };
    let limit = state.files.limits.max_bytes;
    if length > limit {
        return Err(kaiwa_files::Error::TooLarge { limit }.into());
    }
    let quota = state.files.limits.quota_bytes;
    // A picture may become smaller.
    let fits =
        |used: u64| used.saturating_add(length) <= quota || (used < quota && length <= MAX_PICTURE_BYTES);
    let mut tx = state.store.read().await?;
    let is_repeat = tx.files().find_upload(owner, id).await?.is_some();
    if is_repeat || fits(tx.files().usage(owner).await?) {
        return Ok(());
    }
    drop(tx);
    let mut tx = state.store.begin().await?;
    tx.files().delete_orphans(owner, state.clock.now()).await?;
    let used = tx.files().usage(owner).await?;
    tx.commit().await?;
    if fits(used) { Ok(()) } else { Err(files::over_quota(&state.files, used)) }
}

/// Receives the body. A file that no model could read is refused as soon as that is known.
async fn receive(mut incoming: Incoming, mut body: Payload) -> Result<(Kind, Staged), ApiError> {
    let mut kind = None;
    loop {
        let chunk = tokio::time::timeout(STALL, body.next()).await.map_err(|_elapsed| {
            let seconds = STALL.as_secs();
            ApiError::new(Code::RequestTimeout, format!("Nothing arrived for {seconds} seconds."))
        })?;
        let Some(chunk) = chunk else { break };
        let chunk = chunk.map_err(|error| {
            ApiError::new(Code::BadRequest, format!("The body could not be read completely: {error}."))
        })?;
        incoming.write(&chunk).await?;
        if kind.is_none() && incoming.head().len() >= HEAD_BYTES {
            kind = Some(kind_of(incoming.head())?);
        }
        if matches!(kind, Some(Kind::Picture(_))) && incoming.size() > MAX_PICTURE_BYTES {
            return Err(kaiwa_files::Error::TooLarge { limit: MAX_PICTURE_BYTES }.into());
        }
    }
    let kind = kind.map_or_else(|| kind_of(incoming.head()), Ok)?;
    Ok((kind, incoming.finish().await?))
}

fn kind_of(head: &[u8]) -> Result<Kind, ApiError> {
    Kind::of(head).map_err(|unsupported| {
        let code = match unsupported {
            Unsupported::Heic => Code::HeicPicture,
            Unsupported::Empty | Unsupported::Picture | Unsupported::Other => Code::UnsupportedFile,
        };
        ApiError::new(code, unsupported.to_string())
    })
}
