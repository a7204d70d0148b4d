//! `index.html` and its Content-Security-Policy.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use super::NAME;

/// The placeholder in the template for the tags that load the client.
const HEAD: &str = "<!-- kaiwa:head -->";

/// The script that starts the program.
const START: &str = "
__wbg_init().catch((error) => {
    document.documentElement.dataset.boot = 'failed';
    throw error;
});
";

/// The names of the files that the page loads.
pub(super) struct Names {
    /// The folder of the program.
    pub(super) program: String,
    /// The further scripts in it that the program imports at once.
    pub(super) scripts: Vec<String>,
    pub(super) style: String,
    /// The folder of what is loaded on demand.
    pub(super) lazy: String,
}

/// Inserts the loading tags into the template.
///
/// The preload must name the same mode and credentials as the `fetch` in the glue, or the module is loaded twice:
/// `crossorigin` without a value means CORS with same-origin credentials, which is what `fetch` does by default.
pub(super) fn fill(template: &str, names: &Names) -> Result<String> {
    let Names { program, scripts, style, lazy } = names;
    ensure!(template.matches(HEAD).count() == 1, "frontend/index.html needs exactly one line {HEAD}");
    // Browsers normalize line ends before they hash inline code.
    let template = template.replace("\r\n", "\n");
    let preload =
        |script: &String| format!("<link rel=\"modulepreload\" href=\"/assets/{program}/{script}\">\n");
    let preloads: String = scripts.iter().map(preload).collect();
    let head = format!(
        r#"<link rel="preload" href="/assets/{program}/{NAME}_bg.wasm" as="fetch" type="application/wasm" crossorigin>
{preloads}<link rel="stylesheet" href="/assets/{style}">
<meta name="kaiwa-lazy" content="/assets/{lazy}/">
<script type="module" src="/assets/{program}/{NAME}.js"></script>"#
    );
    let html = template.replace(HEAD, &head);
    ensure!(!html.contains("<!-- kaiwa:"), "frontend/index.html has a placeholder that nothing fills");
    Ok(html)
}

/// Makes the generated script of a program load the module as soon as it runs, and returns the other scripts. If the
/// module fails, the document is marked with `<html data-boot="failed">`, so that the page's style can show it.
pub(super) fn start(program: &mut [(PathBuf, Vec<u8>)]) -> Result<Vec<String>> {
    let mut others = Vec::new();
    let mut has_started = false;
    for (path, content) in
        program.iter_mut().filter(|(path, _)| path.extension().is_some_and(|kind| kind == "js"))
    {
        if *path == Path::new(NAME).with_extension("js") {
            content.extend_from_slice(START.as_bytes());
            has_started = true;
        } else {
            others.push(path.to_string_lossy().replace('\\', "/"));
        }
    }
    ensure!(has_started, "wasm-bindgen has not written {NAME}.js");
    Ok(others)
}

/// The policy of the document: everything from its own origin, and only the inline code that it contains now.
pub(super) fn content_security_policy(html: &str) -> Result<String> {
    ensure!(
        !html.contains(" style=\""),
        "frontend/index.html has a style attribute, which its policy forbids"
    );
    let scripts = inline_hashes(html, "script");
    let styles = inline_hashes(html, "style");
    Ok(format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{scripts}; style-src 'self'{styles}; \
         img-src 'self' blob:; media-src 'self' blob:; frame-src 'self'; connect-src 'self'; font-src 'self'; \
         manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
    ))
}

/// ` 'sha256-…'` for the content of each non-empty `<tag>`.
fn inline_hashes(html: &str, tag: &str) -> String {
    let (open, close) = (format!("<{tag}"), format!("</{tag}>"));
    html.split(&open)
        .skip(1)
        .filter_map(|rest| rest.split_once('>')?.1.split_once(&close))
        .filter(|(content, _)| !content.is_empty())
        .flat_map(|(content, _)| {
            [" 'sha256-".to_owned(), STANDARD.encode(Sha256::digest(content)), "'".to_owned()]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names {
            program: "kaiwa-1".into(),
            scripts: vec!["__wasm_split.js".into(), "snippets/a/inline0.js".into()],
            style: "kaiwa-3.css".into(),
            lazy: "lazy-4".into(),
        }
    }

    #[test]
    fn the_page_names_every_file() {
        let html = fill("<head>\n<!-- kaiwa:head -->\n</head>", &names()).expect("fills");
        for part in [
            r#"<link rel="preload" href="/assets/kaiwa-1/kaiwa_bg.wasm""#,
            r#"<link rel="modulepreload" href="/assets/kaiwa-1/__wasm_split.js">"#,
            r#"<link rel="modulepreload" href="/assets/kaiwa-1/snippets/a/inline0.js">"#,
            r#"<script type="module" src="/assets/kaiwa-1/kaiwa.js">"#,
            "/assets/kaiwa-3.css",
            "/assets/lazy-4/",
        ] {
            assert!(html.contains(part), "{part} is missing in {html}");
        }
    }

    #[test]
    fn a_template_without_its_placeholder_is_refused() {
        assert!(fill("<head></head>", &names()).is_err());
        assert!(fill("<!-- kaiwa:head --><!-- kaiwa:other -->", &names()).is_err());
    }

    #[test]
    fn only_inline_code_is_allowed_by_its_hash() {
        // printf alert\(1\) | openssl dgst -sha256 -binary | base64
        let html = r#"<script>alert(1)</script><script src="/a.js"></script><style media="print"></style>"#;
        let policy = content_security_policy(html).expect("is a policy");
        assert!(policy.contains(
            "script-src 'self' 'wasm-unsafe-eval' 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=';"
        ));
        assert!(policy.contains("style-src 'self';"));
    }

    #[test]
    fn frames_and_media_come_from_the_server_or_the_page() {
        let policy = content_security_policy("<html></html>").expect("is a policy");
        for directive in ["img-src 'self' blob:;", "media-src 'self' blob:;", "frame-src 'self';"] {
            assert!(policy.contains(directive), "{directive} is missing in {policy}");
        }
        assert!(!policy.contains("http") && !policy.contains("data:"), "{policy}");
    }

    #[test]
    fn a_style_attribute_is_refused() {
        assert!(content_security_policy(r#"<p style="color:red">"#).is_err());
    }

    #[test]
    fn the_generated_script_starts_the_module() {
        let mut program: Vec<(PathBuf, Vec<u8>)> = ["kaiwa.js", "kaiwa_bg.wasm", "snippets/a/inline0.js"]
            .map(|name| (name.into(), b"//".to_vec()))
            .into();
        assert_eq!(start(&mut program).expect("starts"), ["snippets/a/inline0.js"]);
        let started = program.iter().filter(|(_, content)| content.len() > 2).map(|(path, _)| path);
        assert_eq!(started.collect::<Vec<_>>(), [Path::new("kaiwa.js")]);
        assert!(start(&mut program[1..]).is_err(), "without the script");
    }
}
