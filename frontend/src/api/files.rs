//! `/api/files`: uploading and deleting files.

use kaiwa_shared::{File, FileId, Problem};
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ProgressEvent, XmlHttpRequest};

use super::{Api, Error, Method};

/// The address of a file.
pub fn content_url(id: FileId) -> String {
    format!("/api/files/{id}/content")
}

/// The address of a picture's small copy.
pub fn thumbnail_url(id: FileId) -> String {
    format!("/api/files/{id}/thumbnail")
}

/// An upload that has begun. `fetch` cannot report the progress of a body, so it is an `XMLHttpRequest`.
#[derive(Clone)]
pub struct Upload(XmlHttpRequest);

impl Upload {
    /// Prepares the upload of a file.
    pub fn new(id: FileId, name: &str) -> Result<Self, Error> {
        let request = XmlHttpRequest::new().map_err(refused)?;
        request.open("PUT", &format!("/api/files/{id}")).map_err(refused)?;
        let name = String::from(js_sys::encode_uri_component(name)).replace('\'', "%27");
        let disposition = format!("attachment; filename*=UTF-8''{name}");
        request.set_request_header("Content-Disposition", &disposition).map_err(refused)?;
        request.set_request_header("Content-Type", "application/octet-stream").map_err(refused)?;
        Ok(Self(request))
    }

    /// Cancels it; it then fails with [`Error::Network`].
    pub fn cancel(&self) {
        // Fails only for a request that was never opened.
        _ = self.0.abort();
    }
}

impl Api {
    /// Sends the bytes. `sent` hears how many of them have left.
    pub async fn upload(
        self,
        upload: &Upload,
        bytes: &web_sys::File,
        sent: impl Fn(f64) + 'static,
    ) -> Result<File, Error> {
        let request = &upload.0;
        let progress =
            Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| sent(event.loaded()));
        if let Ok(body) = request.upload() {
            body.set_onprogress(Some(progress.as_ref().unchecked_ref()));
        }
        let ended = js_sys::Promise::new(&mut |resolve, _reject| request.set_onloadend(Some(&resolve)));
        request.send_with_opt_blob(Some(bytes)).map_err(refused)?;
        JsFuture::from(ended).await.map_err(refused)?;
        let status = request.status().map_err(refused)?;
        let text = request.response_text().ok().flatten().unwrap_or_default();
        match status {
            0 => Err(Error::Network),
            200 => serde_json::from_str(&text).map_err(|_not_ours| Error::Unexpected { status }),
            _ => Err(self.problem(status, serde_json::from_str::<Problem>(&text).ok())),
        }
    }

    /// Deletes a file that was not sent. If this fails, the server deletes it later.
    pub fn discard_file(self, id: FileId) {
        spawn_local(async move {
            _ = self.command(Method::Delete, format!("files/{id}"), None).await;
        });
    }
}

fn refused(_js: JsValue) -> Error {
    Error::Network
}
