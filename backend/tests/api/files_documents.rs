//! Documents, whose text is read by a process of its own.

use std::{fmt::Write as _, io::Write as _};

use kaiwa_shared::{FileId, message::Status};
use serde_json::json;
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{
    files::upload,
    support::{TestApp, TestUser, body, message},
};

const WORD: &str = "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>\
    <w:p><w:r><w:t>TEXT</w:t></w:r></w:p></w:body></w:document>";

const TYPES: &str = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
    <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
    <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
    <Override PartName=\"/PART\" ContentType=\"application/vnd.openxmlformats-officedocument.TYPE.main+xml\"/></Types>";

const RELATIONS: &str = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
    <Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/KIND\" \
    Target=\"TARGET\"/></Relationships>";

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn types(part: &str, kind: &str) -> String {
    TYPES.replace("PART", part).replace("TYPE", kind)
}

fn relations(kind: &str, target: &str) -> String {
    RELATIONS.replace("KIND", kind).replace("TARGET", target)
}

/// A Word document of one paragraph.
pub(crate) fn docx(text: &str) -> Vec<u8> {
    archive(&[
        ("[Content_Types].xml", types("word/document.xml", "wordprocessingml.document").as_bytes()),
        ("_rels/.rels", relations("officeDocument", "word/document.xml").as_bytes()),
        ("word/document.xml", WORD.replace("TEXT", text).as_bytes()),
    ])
}

fn xlsx(text: &str) -> Vec<u8> {
    let namespace = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
        xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";
    let workbook = format!(
        "<workbook {namespace}><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
    );
    let sheet = format!(
        "<worksheet {namespace}><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>{text}</t></is></c>\
         <c r=\"B1\"><v>42</v></c></row></sheetData></worksheet>"
    );
    archive(&[
        ("[Content_Types].xml", types("xl/workbook.xml", "spreadsheetml.sheet").as_bytes()),
        ("_rels/.rels", relations("officeDocument", "xl/workbook.xml").as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations("worksheet", "worksheets/sheet1.xml").as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

/// A presentation of one slide with a title.
fn pptx(text: &str) -> Vec<u8> {
    let namespaces = "xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
        xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
        xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\"";
    let presentation = format!(
        "<p:presentation {namespaces}><p:sldIdLst><p:sldId id=\"256\" r:id=\"rId1\"/></p:sldIdLst></p:presentation>"
    );
    let slide = format!(
        "<p:sld {namespaces}><p:cSld><p:spTree><p:sp><p:nvSpPr><p:cNvPr id=\"2\" name=\"Title\"/><p:cNvSpPr/>\
         <p:nvPr><p:ph type=\"title\"/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/>\
         <a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>"
    );
    archive(&[
        ("[Content_Types].xml", types("ppt/presentation.xml", "presentationml.presentation").as_bytes()),
        ("_rels/.rels", relations("officeDocument", "ppt/presentation.xml").as_bytes()),
        ("ppt/presentation.xml", presentation.as_bytes()),
        ("ppt/_rels/presentation.xml.rels", relations("slide", "slides/slide1.xml").as_bytes()),
        ("ppt/slides/slide1.xml", slide.as_bytes()),
    ])
}

/// A PDF of one page with this text.
pub(crate) fn pdf(text: &str) -> Vec<u8> {
    let content = format!("BT /F1 12 Tf 72 700 Td ({text}) Tj ET");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
            .to_owned(),
        format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_owned(),
    ];
    let mut pdf = "%PDF-1.4\n".to_owned();
    let mut table = "0000000000 65535 f \n".to_owned();
    for (number, object) in (1..).zip(&objects) {
        writeln!(table, "{:010} 00000 n ", pdf.len()).unwrap();
        writeln!(pdf, "{number} 0 obj\n{object}\nendobj").unwrap();
    }
    let start = pdf.len();
    let count = objects.len() + 1;
    write!(pdf, "xref\n0 {count}\n{table}trailer\n<</Size {count}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n")
        .unwrap();
    pdf.into_bytes()
}

/// Returns what the model receives for a file.
async fn sent(app: &TestApp, user: &TestUser, id: FileId) -> String {
    let mut asking = message("echo", "");
    asking["content"] =
        json!([{ "type": "file", "id": id }, { "type": "text", "text": "what is it about?" }]);
    let mut events = app.say(user, &asking).await;
    events.created().await;
    assert_eq!(events.rest().await.status, Some(Status::Complete));
    app.mock
        .requests()
        .iter()
        .map(|seen| seen.body.to_string())
        .find(|body| body.contains("<file name"))
        .unwrap()
}

#[actix_web::test]
async fn the_text_of_documents_reaches_models_that_cannot_read_them() {
    for (name, media_type, bytes) in [
        (
            "报告.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            docx("会话 remembers the milk"),
        ),
        (
            "wrong.png",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            xlsx("会话 remembers the milk"),
        ),
        (
            "讲稿.pptx",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            pptx("会话 remembers the milk"),
        ),
        ("paper.pdf", "application/pdf", pdf("A page that remembers the milk")),
    ] {
        let app = TestApp::spawn().await;
        let user = app.register("ada").await;
        let file = upload(&app, &user, name, &bytes).await;
        assert_eq!((file.media_type.as_str(), file.size), (media_type, bytes.len() as u64));
        assert_eq!(file.has_text, Some(true), "{name}");
        let body = sent(&app, &user, file.id).await;
        assert!(body.contains("remembers the milk") && body.contains(name), "{name}: {body}");
        let content = app.get(&user, &format!("/api/files/{}/content", file.id)).send().await.unwrap();
        assert!(content.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
        assert_eq!(content.bytes().await.unwrap(), bytes);
    }
}

#[actix_web::test]
async fn documents_that_cannot_be_read_are_refused_and_do_no_harm() {
    let whole = docx("text");
    let bomb = archive(&[
        ("[Content_Types].xml", types("word/document.xml", "wordprocessingml.document").as_bytes()),
        ("_rels/.rels", relations("officeDocument", "word/document.xml").as_bytes()),
        ("word/document.xml", &vec![b' '; 100 * 1024 * 1024]),
    ]);
    let deep = docx(&"<w:p>".repeat(200_000));
    let laughs = docx("&a;");
    // After the bomb, which takes a while to make.
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    for (name, bytes) in [
        ("cut.docx", &whole[..whole.len() - 30]),
        ("bomb.docx", bomb.as_slice()),
        ("deep.docx", deep.as_slice()),
        ("empty.docx", docx("").as_slice()),
    ] {
        let request = app.request(reqwest::Method::PUT, &format!("/api/files/{}", FileId::new()));
        let response = request.bearer_auth(&user.token).body(bytes.to_vec()).send().await.unwrap();
        let status = response.status().as_u16();
        assert_eq!((status, body(response).await["code"].clone()), (422, json!("damaged_file")), "{name}");
    }
    // An entity that is not defined is left out or refused, and never looked up.
    let _either = app
        .request(reqwest::Method::PUT, &format!("/api/files/{}", FileId::new()))
        .bearer_auth(&user.token)
        .body(laughs)
        .send()
        .await
        .unwrap();
    assert_eq!(app.request(reqwest::Method::GET, "/health").send().await.unwrap().status(), 200);
}

#[cfg(unix)]
#[actix_web::test]
async fn another_program_can_read_documents_and_sees_nothing_of_the_server() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("read");
    std::fs::write(
        &program,
        "#!/bin/sh\n/bin/cat > /dev/null\necho \"read by another: $1 $2\"\n/usr/bin/env\nulimit -d\n",
    )
    .unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    let app = TestApp::spawn_with(&[("EXTRACTOR", program.to_str().unwrap())]).await;
    let user = app.register("ada").await;
    let file = upload(&app, &user, "a.pdf", &pdf("A page that remembers the milk")).await;
    let sent = sent(&app, &user, file.id).await;
    assert!(sent.contains("read by another: extract pdf"), "{sent}");
    assert!(!sent.contains("DATABASE_URL") && !sent.contains("HOME=") && !sent.contains("CARGO"), "{sent}");
    if cfg!(target_os = "linux") {
        assert!(sent.contains("524288"), "half a gigabyte of memory at most: {sent}");
    }
}
