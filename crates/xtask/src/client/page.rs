//! `index.html` and its Content-Security-Policy.

use anyhow::{Result, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

/// The placeholder in the template for the tags that load the client.
const HEAD: &str = "<!-- kaiwa:head -->";

/// The hashed names of the files that the page loads.
pub(super) struct Names {
    pub(super) module: String,
    pub(super) script: String,
    pub(super) style: String,
    /// The folder of what is loaded on demand.
    pub(super) lazy: String,
}

/// Inserts the loading tags into the template.
///
/// The preload must name the same mode and credentials as the `fetch` in the glue, or the module is loaded twice:
/// `crossorigin` without a value means CORS with same-origin credentials, which is what `fetch` does by default.
pub(super) fn fill(template: &str, names: &Names) -> Result<String> {
    let Names { module, script, style, lazy } = names;
    ensure!(template.matches(HEAD).count() == 1, "frontend/index.html needs exactly one line {HEAD}");
    // Browsers normalize line ends before they hash inline code.
    let template = template.replace("\r\n", "\n");
    let head = format!(
        r#"<link rel="preload" href="/assets/{module}" as="fetch" type="application/wasm" crossorigin>
<link rel="stylesheet" href="/assets/{style}">
<meta name="kaiwa-lazy" content="/assets/{lazy}/">
<script type="module" src="/assets/{script}"></script>"#
    );
    let html = template.replace(HEAD, &head);
    ensure!(!html.contains("<!-- kaiwa:"), "frontend/index.html has a placeholder that nothing fills");
    Ok(html)
}

/// Makes the generated JavaScript load the hashed module as soon as it runs. If that fails, the document is marked with
/// `<html data-boot="failed">`, so that the page's style can show it.
pub(super) fn self_starting(glue: &str, module: &str, snippets: Option<&str>) -> String {
    // The names by which the module imports them stay.
    let glue = snippets.map_or_else(
        || glue.to_owned(),
        |folder| {
            let renamed = glue.replace("from './snippets/", &format!("from './{folder}/"));
            renamed.replace("from \"./snippets/", &format!("from \"./{folder}/"))
        },
    );
    format!(
        "{glue}\n__wbg_init({{ module_or_path: new URL('{module}', import.meta.url) }}).catch((error) => {{\n    \
         document.documentElement.dataset.boot = 'failed';\n    throw error;\n}});\n"
    )
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
            module: "kaiwa-1.wasm".into(),
            script: "kaiwa-2.js".into(),
            style: "kaiwa-3.css".into(),
            lazy: "lazy-4".into(),
        }
    }

    #[test]
    fn the_page_names_every_file() {
        let html = fill("<head>\n<!-- kaiwa:head -->\n</head>", &names()).expect("fills");
        for part in ["/assets/kaiwa-1.wasm", "/assets/kaiwa-2.js", "/assets/kaiwa-3.css", "/assets/lazy-4/"] {
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
    fn the_generated_javascript_loads_the_hashed_module() {
        let glue =
            "import { x } from './snippets/a/inline0.js';\nlet imports = { './snippets/a/inline0.js': x };";
        let glue = self_starting(glue, "kaiwa-1.wasm", Some("snippets-9"));
        assert!(glue.contains("from './snippets-9/a/inline0.js'"));
        assert!(glue.contains("{ './snippets/a/inline0.js': x }"), "the module imports it by this name");
        assert!(glue.contains("new URL('kaiwa-1.wasm', import.meta.url)"));
    }
}
