//! Sends the bytes of a file.

use std::str::FromStr;

use actix_web::{
    HttpRequest, HttpResponse, ResponseError as _,
    body::SizedStream,
    http::header::Header as _,
    http::header::{
        self, ByteRangeSpec, ContentRange, ContentRangeSpec, DispositionType, ETag, EntityTag, HeaderName,
        IfNoneMatch, IfRange, Range,
    },
};
use futures_util::TryStreamExt;
use kaiwa_bus::Permit;
use kaiwa_files::{BlobHash, ByteStream};
use kaiwa_shared::{Code, File, FileId};
use kaiwa_store::files::{BlobRole, FileBlob};

use crate::{
    files::disposition,
    http::{ApiError, SignedIn},
    state::AppState,
};

/// Nothing in a file is ever run as part of a page of ours.
const SANDBOX: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

/// A browser keeps a file, and asks each time whether it may still show it.
const REVALIDATE: &str = "private, no-cache";

/// Responds with a blob of this user's file.
pub(super) async fn serve(
    state: &AppState,
    user: &SignedIn,
    id: FileId,
    role: BlobRole,
    request: &HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let owner = user.user_id();
    let found = state.store.read().await?.files().find(owner, id).await?;
    let (file, blob) = found
        .and_then(|(file, blobs)| Some((file, blobs.into_iter().find(|blob| blob.role == role)?)))
        .ok_or_else(ApiError::not_found)?;
    let hash = BlobHash::new(blob.hash);
    let tag = EntityTag::new_strong(hash.to_string());
    if is_known(request, &tag) {
        return Ok(with_headers(HttpResponse::NotModified(), &file, &blob, tag).finish());
    }
    let (start, end, is_part) = match range(request, &tag, blob.size) {
        Wanted::All => (0, blob.size, false),
        Wanted::Part { first, last } => (first, last.saturating_add(1), true),
        Wanted::Nothing => return Ok(unsatisfiable(blob.size)),
    };
    let permit = state.open_responses.stream(owner).await?;
    let bytes = state.files.blobs.get(hash, start..end).await?;
    let status = if is_part { HttpResponse::PartialContent() } else { HttpResponse::Ok() };
    let mut response = with_headers(status, &file, &blob, tag);
    if is_part {
        let range = Some((start, end.saturating_sub(1)));
        response
            .insert_header(ContentRange(ContentRangeSpec::Bytes { range, instance_length: Some(blob.size) }));
    }
    Ok(response.body(SizedStream::new(end.saturating_sub(start), counted(bytes, permit))))
}

/// The part of a file that a request wants.
enum Wanted {
    All,
    Part { first: u64, last: u64 },
    Nothing,
}

/// Whether the client has the file already.
fn is_known(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => request.headers().contains_key(header::IF_NONE_MATCH),
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}

/// The range that a request names. Several ranges and other units are ignored, as the protocol allows.
fn range(request: &HttpRequest, tag: &EntityTag, size: u64) -> Wanted {
    let header = request.headers().get(header::RANGE).and_then(|value| value.to_str().ok());
    let Some(Ok(Range::Bytes(ranges))) = header.map(Range::from_str) else { return Wanted::All };
    let is_current = match IfRange::parse(request) {
        Ok(IfRange::EntityTag(known)) => known.strong_eq(tag),
        // A date says too little about a file that never changes.
        Ok(IfRange::Date(_)) => false,
        Err(_) => !request.headers().contains_key(header::IF_RANGE),
    };
    match ranges.as_slice() {
        [range] if is_current => satisfy(range, size),
        _ => Wanted::All,
    }
}

fn satisfy(range: &ByteRangeSpec, size: u64) -> Wanted {
    if matches!(range, ByteRangeSpec::FromTo(from, to) if from > to) {
        return Wanted::All;
    }
    range.to_satisfiable_range(size).map_or(Wanted::Nothing, |(first, last)| Wanted::Part { first, last })
}

fn unsatisfiable(size: u64) -> HttpResponse {
    let detail = format!("The file has {size} bytes.");
    let mut response = ApiError::new(Code::RangeNotSatisfiable, detail).error_response();
    if let Ok(value) = format!("bytes */{size}").parse() {
        response.headers_mut().insert(header::CONTENT_RANGE, value);
    }
    response
}

fn with_headers(
    mut response: actix_web::HttpResponseBuilder,
    file: &File,
    blob: &FileBlob,
    tag: EntityTag,
) -> actix_web::HttpResponseBuilder {
    // We encoded every picture ourselves, so it is nothing else besides.
    let kind = if file.is_picture() { DispositionType::Inline } else { DispositionType::Attachment };
    response
        .insert_header((header::CONTENT_TYPE, blob.media_type.as_str()))
        .insert_header((header::CONTENT_SECURITY_POLICY, SANDBOX))
        .insert_header((header::CACHE_CONTROL, REVALIDATE))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((
            HeaderName::from_static("content-disposition"),
            disposition(kind, &file.name).to_string(),
        ))
        .insert_header(ETag(tag));
    response
}

/// The bytes, with the permit that counts the response while it is sent.
fn counted(
    bytes: ByteStream,
    permit: Permit,
) -> impl futures_util::Stream<Item = Result<bytes::Bytes, actix_web::Error>> {
    bytes.map_err(move |error| {
        let _held = &permit;
        ApiError::from(error).into()
    })
}
