//! Uploading, reading and deleting files.

use std::io::Cursor;

use image::{DynamicImage, GenericImageView as _, ImageFormat, Rgb, RgbImage};
use kaiwa_shared::{File, FileId};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::support::{TestApp, TestUser, body, message};

/// A picture in this format.
pub(crate) fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let pixels =
        RgbImage::from_fn(
            width,
            height,
            |x, _| if x < width / 2 { Rgb([200, 30, 30]) } else { Rgb([30, 30, 200]) },
        );
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(pixels).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A request to upload a file with a new id.
fn put(app: &TestApp, user: &TestUser, id: FileId, name: &str, bytes: &[u8]) -> RequestBuilder {
    let name = name.bytes().fold(String::new(), |name, byte| format!("{name}%{byte:02X}"));
    app.request(Method::PUT, &format!("/api/files/{id}"))
        .bearer_auth(&user.token)
        .header("content-type", "application/octet-stream")
        .header("content-disposition", format!("attachment; filename*=UTF-8''{name}"))
        .body(bytes.to_vec())
}

/// Uploads a file.
pub(crate) async fn upload(app: &TestApp, user: &TestUser, name: &str, bytes: &[u8]) -> File {
    let response = put(app, user, FileId::new(), name, bytes).send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    assert_eq!(status, 200, "{text}");
    serde_json::from_str(&text).unwrap()
}

/// Uploads a file that is refused; returns the status and the code.
async fn refused(app: &TestApp, user: &TestUser, name: &str, bytes: &[u8]) -> (u16, String) {
    let response = put(app, user, FileId::new(), name, bytes).send().await.unwrap();
    let status = response.status().as_u16();
    (status, body(response).await["code"].as_str().unwrap_or_default().to_owned())
}

async fn get(app: &TestApp, user: &TestUser, path: &str, headers: &[(&str, &str)]) -> Response {
    let request = app.get(user, path);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.send().await.unwrap()
}

fn header(response: &Response, name: &str) -> String {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

/// The names of everything in the folder of files.
pub(crate) fn stored(app: &TestApp) -> Vec<String> {
    let mut names = Vec::new();
    for folder in std::fs::read_dir(app.data.path().join("files")).unwrap() {
        let files = std::fs::read_dir(folder.unwrap().path()).unwrap();
        names.extend(files.map(|file| file.unwrap().file_name().into_string().unwrap()));
    }
    names
}

#[actix_web::test]
async fn a_file_is_stored_once_and_read_back() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let text = "会话\nA note.".as_bytes();
    let id = FileId::new();
    for name in ["笔记.md", "another name.md"] {
        let response = put(&app, &user, id, name, text).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let expected =
            json!({ "id": id, "name": "笔记.md", "media_type": "text/markdown", "size": text.len() });
        assert_eq!(body(response).await, expected, "a repeat changes nothing");
    }
    let other = put(&app, &user, id, "笔记.md", b"other").send().await.unwrap();
    assert_eq!((other.status().as_u16(), body(other).await["code"].clone()), (409, json!("conflict")));
    let response = get(&app, &user, &format!("/api/files/{id}/content"), &[]).await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), "text/markdown");
    assert_eq!(
        header(&response, "content-disposition"),
        "attachment; filename*=UTF-8''%E7%AC%94%E8%AE%B0.md"
    );
    assert_eq!(
        header(&response, "content-security-policy"),
        "sandbox; default-src 'none'; frame-ancestors 'none'"
    );
    assert_eq!(header(&response, "x-content-type-options"), "nosniff");
    assert_eq!(header(&response, "content-length"), text.len().to_string());
    assert_eq!(response.bytes().await.unwrap(), text);
    assert_eq!(get(&app, &user, &format!("/api/files/{id}/thumbnail"), &[]).await.status(), 404);
    assert_eq!(stored(&app).len(), 1);
}

#[actix_web::test]
async fn a_picture_is_shown_upright_and_small() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let file = upload(&app, &user, "photo.bin", &picture(800, 400, ImageFormat::Jpeg)).await;
    assert_eq!((file.media_type.as_str(), file.width, file.height), ("image/jpeg", Some(800), Some(400)));
    for (path, size) in [("content", (800, 400)), ("thumbnail", (512, 256))] {
        let response = get(&app, &user, &format!("/api/files/{}/{path}", file.id), &[]).await;
        assert_eq!(
            (response.status().as_u16(), header(&response, "content-type")),
            (200, "image/jpeg".to_owned())
        );
        assert_eq!(header(&response, "content-disposition"), "inline; filename*=UTF-8''photo.bin");
        assert!(header(&response, "content-security-policy").contains("sandbox"));
        let bytes = response.bytes().await.unwrap();
        assert_eq!(image::load_from_memory(&bytes).unwrap().dimensions(), size);
        if path == "content" {
            assert_eq!(bytes.len() as u64, file.size);
        }
    }
}

#[actix_web::test]
async fn the_bytes_decide_and_what_cannot_be_read_is_refused_in_words() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let png = picture(20, 10, ImageFormat::Png);
    let jpeg = picture(20, 10, ImageFormat::Jpeg);
    let html = b"<!doctype html><script>alert(document.cookie)</script>".as_slice();
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".as_slice();
    let both = [png.as_slice(), html].concat();
    for (name, bytes, media_type) in [
        ("wrong.jpg", png.as_slice(), "image/png"),
        ("wrong.pdf", jpeg.as_slice(), "image/jpeg"),
        ("polyglot.html", both.as_slice(), "image/png"),
        ("page.png", html, "text/plain"),
        ("page.html", html, "text/html"),
        ("drawing.svg", svg, "image/svg+xml"),
        ("paper", b"%PDF-1.7\n<script>alert(1)</script>".as_slice(), "application/pdf"),
        ("data.csv", "a;b\n1;Größe\n".as_bytes(), "text/csv"),
        ("gbk.txt", b"\xbb\xe1\xbb\xb0\xca\xc7\xd2\xbb\xb8\xf6\xc6\xbd\xcc\xa8".as_slice(), "text/plain"),
    ] {
        let file = upload(&app, &user, name, bytes).await;
        assert_eq!((file.media_type.as_str(), file.name.as_str()), (media_type, name));
        let response = get(&app, &user, &format!("/api/files/{}/content", file.id), &[]).await;
        let disposition = header(&response, "content-disposition");
        assert_eq!(disposition.starts_with("inline"), file.is_picture(), "{name}: {disposition}");
        let served = response.bytes().await.unwrap();
        let has_script = served.windows(8).any(|part| part == b"<script>");
        assert!(!has_script || !file.is_picture(), "{name}");
    }
    let mut gif_bomb = picture(8, 8, ImageFormat::Gif);
    gif_bomb[6..10].copy_from_slice(&[0xff; 4]);
    for (name, bytes, expected) in [
        ("photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".as_slice(), (415, "heic_picture")),
        ("photo.jpg", b"\0\0\0\x18ftypheix\0\0\0\0mif1heic".as_slice(), (415, "heic_picture")),
        ("photo.avif", b"\0\0\0\x18ftypavif\0\0\0\0mif1avif".as_slice(), (415, "unsupported_file")),
        ("program.txt", b"MZ\x90\0\x03\0\0\0".as_slice(), (415, "unsupported_file")),
        ("archive.png", b"PK\x03\x04\x14\0\0\0\x08\0".as_slice(), (415, "unsupported_file")),
        ("empty.txt", b"".as_slice(), (415, "unsupported_file")),
        ("noise.txt", b"\x01\x02\x03\x04\xff\xfe".as_slice(), (415, "unsupported_file")),
        ("cut.png", &png[..30], (422, "damaged_file")),
        ("bomb.gif", gif_bomb.as_slice(), (422, "picture_too_large")),
    ] {
        let (status, code) = refused(&app, &user, name, bytes).await;
        assert_eq!((status, code.as_str()), expected, "{name}");
    }
}

#[actix_web::test]
async fn names_are_kept_as_far_as_they_are_harmless() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    for (name, expected) in [
        ("../../etc/passwd", "passwd"),
        ("..\\x.txt", "x.txt"),
        ("a\r\nSet-Cookie: x=1", "aSet-Cookie: x=1"),
        ("\"; filename=evil", "\"; filename=evil"),
        ("photo\u{202e}gpj.exe", "photogpj.exe"),
        ("", "file"),
    ] {
        let file = upload(&app, &user, name, b"text").await;
        assert_eq!(file.name, expected);
        let response = get(&app, &user, &format!("/api/files/{}/content", file.id), &[]).await;
        assert!(!response.headers().contains_key("set-cookie"));
        assert!(
            header(&response, "content-disposition").starts_with("attachment; filename*=UTF-8''"),
            "{name:?}"
        );
    }
    let nameless =
        app.request(Method::PUT, &format!("/api/files/{}", FileId::new())).bearer_auth(&user.token);
    let response = nameless.body("text").send().await.unwrap();
    assert_eq!(body(response).await["name"], "file");
}

#[actix_web::test]
async fn ranges_and_what_the_browser_knows_already_are_answered() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let text: String = (0..40_000).map(|n| char::from(b'a' + u8::try_from(n % 26).unwrap())).collect();
    let file = upload(&app, &user, "a.txt", text.as_bytes()).await;
    let path = format!("/api/files/{}/content", file.id);
    let whole = get(&app, &user, &path, &[]).await;
    let tag = header(&whole, "etag");
    assert_eq!(
        (header(&whole, "accept-ranges"), whole.text().await.unwrap().len()),
        ("bytes".to_owned(), 40_000)
    );
    for (range, expected) in [
        ("bytes=0-0", Some((0, 0))),
        ("bytes=5-9", Some((5, 9))),
        ("bytes=39990-", Some((39_990, 39_999))),
        ("bytes=-3", Some((39_997, 39_999))),
        ("bytes=-90000", Some((0, 39_999))),
        ("bytes=100-99999999", Some((100, 39_999))),
        ("bytes=9-5", None),
        ("bytes=0-1,5-6", None),
        ("lines=1-2", None),
        ("bytes=x", None),
    ] {
        let response = get(&app, &user, &path, &[("range", range)]).await;
        let Some((first, last)) = expected else {
            assert_eq!(response.status(), 200, "{range}");
            continue;
        };
        assert_eq!(response.status(), 206, "{range}");
        assert_eq!(header(&response, "content-range"), format!("bytes {first}-{last}/40000"));
        assert_eq!(response.text().await.unwrap(), text[first..=last], "{range}");
    }
    for range in ["bytes=40000-", "bytes=50000-60000", "bytes=-0"] {
        let response = get(&app, &user, &path, &[("range", range)]).await;
        assert_eq!(
            (response.status().as_u16(), header(&response, "content-range")),
            (416, "bytes */40000".to_owned())
        );
        assert_eq!(body(response).await["code"], "range_not_satisfiable");
    }
    let known = get(&app, &user, &path, &[("if-none-match", &tag)]).await;
    assert_eq!((known.status().as_u16(), header(&known, "etag")), (304, tag.clone()));
    assert_eq!(known.bytes().await.unwrap().len(), 0);
    assert_eq!(get(&app, &user, &path, &[("if-none-match", "\"other\"")]).await.status(), 200);
    for (if_range, status) in
        [(tag.as_str(), 206), ("\"other\"", 200), ("Wed, 21 Oct 2026 07:28:00 GMT", 200)]
    {
        let headers = [("range", "bytes=0-1"), ("if-range", if_range)];
        assert_eq!(get(&app, &user, &path, &headers).await.status().as_u16(), status, "{if_range}");
    }
    let head = app.request(Method::HEAD, &path).bearer_auth(&user.token).send().await.unwrap();
    assert_eq!((head.status().as_u16(), header(&head, "content-length")), (200, "40000".to_owned()));
}

#[actix_web::test]
async fn nobody_reads_or_deletes_the_files_of_others() {
    let app = TestApp::spawn().await;
    let (ada, eve) = (app.register("ada").await, app.register("eve").await);
    let file = upload(&app, &ada, "photo.png", &picture(9, 9, ImageFormat::Png)).await;
    let path = format!("/api/files/{}", file.id);
    for suffix in ["content", "thumbnail"] {
        let full = format!("{path}/{suffix}");
        assert_eq!(get(&app, &eve, &full, &[]).await.status(), 404);
        assert_eq!(get(&app, &eve, &full, &[("range", "bytes=0-1")]).await.status(), 404);
        assert_eq!(app.request(Method::GET, &full).send().await.unwrap().status(), 401);
        assert_eq!(
            app.request(Method::HEAD, &full).bearer_auth(&eve.token).send().await.unwrap().status(),
            404
        );
    }
    assert_eq!(app.ask(&eve, Method::DELETE, &path, &Value::Null).await.0, 404);
    let anonymous = app.request(Method::PUT, &path).body("text").send().await.unwrap();
    assert_eq!(anonymous.status(), 401);
    let mut stolen = message("echo", "");
    stolen["content"] = json!([{ "type": "file", "id": file.id }]);
    assert_eq!(app.refused(&eve, &stolen).await, (422, "file_not_found".to_owned()));
    // The same id is free for a file of her own.
    assert_eq!(put(&app, &eve, file.id, "hers.txt", b"hers").send().await.unwrap().status(), 200);
    let hers = get(&app, &eve, &format!("{path}/content"), &[]).await;
    assert_eq!(hers.bytes().await.unwrap(), b"hers".as_slice());
    assert_eq!(app.ask(&eve, Method::DELETE, &path, &Value::Null).await.0, 204);
    assert_eq!(get(&app, &ada, &format!("{path}/content"), &[]).await.status(), 200);
    assert_eq!(app.ask(&ada, Method::DELETE, &path, &Value::Null).await.0, 204);
    assert_eq!(get(&app, &ada, &format!("{path}/content"), &[]).await.status(), 404);
    assert_eq!(app.ask(&ada, Method::DELETE, &path, &Value::Null).await.0, 404);
}

#[actix_web::test]
async fn a_size_that_is_too_large_leaves_nothing_behind() {
    let app = TestApp::spawn_with(&[("MAX_FILE_MB", "1"), ("FILE_QUOTA_MB", "2")]).await;
    let user = app.register("ada").await;
    let mib = |count: usize| "text ".repeat(count * 1024 * 1024 / 5);
    for length in [true, false] {
        let large = mib(1) + &"x".repeat(10);
        let request =
            app.request(Method::PUT, &format!("/api/files/{}", FileId::new())).bearer_auth(&user.token);
        let request = if length {
            request.body(large)
        } else {
            let pieces: Vec<Result<String, std::io::Error>> = vec![Ok(large)];
            request.body(reqwest::Body::wrap_stream(futures_util::stream::iter(pieces)))
        };
        // A server that closes early may do so before the client has written everything.
        if let Ok(response) = request.send().await {
            assert_eq!(
                (response.status().as_u16(), body(response).await["code"].clone()),
                (413, json!("too_large"))
            );
        }
    }
    assert!(stored(&app).is_empty());
    let first = upload(&app, &user, "a.txt", mib(1).as_bytes()).await;
    upload(&app, &user, "b.txt", mib(1).as_bytes()).await;
    let (status, code) = refused(&app, &user, "c.txt", "more than ten bytes".as_bytes()).await;
    assert_eq!((status, code.as_str()), (413, "storage_quota"));
    assert_eq!(
        app.ask(&user, Method::DELETE, &format!("/api/files/{}", first.id), &Value::Null).await.0,
        204
    );
    upload(&app, &user, "c.txt", b"more than ten bytes").await;
}

#[actix_web::test]
async fn an_upload_that_breaks_off_leaves_nothing_behind() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let pieces: Vec<Result<String, std::io::Error>> =
        vec![Ok("text ".repeat(100_000)), Err(std::io::Error::other("cut"))];
    let request = app.request(Method::PUT, &format!("/api/files/{}", FileId::new())).bearer_auth(&user.token);
    let body = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    assert!(request.body(body).send().await.is_err());
    let gone = async {
        while !stored(&app).is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), gone).await.expect("the unfinished file to go");
}

#[actix_web::test]
async fn many_pictures_at_once_are_all_stored() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let bytes = picture(300, 200, ImageFormat::Jpeg);
    let uploads = (0..50).map(|_| upload(&app, &user, "photo.jpg", &bytes));
    let files = futures_util::future::join_all(uploads).await;
    assert!(files.iter().all(|file| (file.width, file.height) == (Some(300), Some(200))));
}
