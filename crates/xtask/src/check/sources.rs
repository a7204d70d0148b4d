//! Checks the invariants of `ARCHITECTURE.md` that can be seen in the source text.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use super::verdict;
use crate::{client, process};

/// The maximum number of lines in a file.
const MAX_LINES: usize = 500;

/// Calls that send a request from the browser.
const REQUESTS: [&str; 4] = ["gloo_net", "fetch_with_", "web_sys::Request", "EventSource::new"];

/// Checks the length of files, the locations of SQL and requests, and that both folders of migrations match.
pub(super) fn check(root: &Path) -> Result<()> {
    let mut findings = differing_migrations(root)?;
    for path in tracked_files(root)? {
        // A file may be deleted but still tracked, or binary.
        if let Ok(text) = fs::read_to_string(root.join(&path)) {
            findings.extend(look_at(&path, &text));
        }
    }
    verdict(&findings)
}

/// All files that are tracked or would be added.
fn tracked_files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut git = Command::new("git");
    git.current_dir(root).args(["ls-files", "--cached", "--others", "--exclude-standard"]);
    Ok(process::output(&mut git)?.lines().map(PathBuf::from).collect())
}

fn look_at(path: &Path, text: &str) -> Vec<String> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let shown = path.display();
    let is_test = path.iter().any(|folder| folder == "tests" || folder == "fixtures" || folder == "e2e");
    let mut findings = Vec::new();
    let lines = text.lines().count();
    if matches!(extension, "rs" | "ts" | "css") && !is_test && lines > MAX_LINES {
        findings.push(format!("{shown} has {lines} lines, more than {MAX_LINES}"));
    }
    if extension != "rs" || is_test {
        return findings;
    }
    // This tool contains the patterns it searches for.
    if !path.starts_with("crates/store") && !path.starts_with("crates/xtask") {
        findings
            .extend(lines_with(text, is_sql).map(|line| format!("{shown}:{line}: SQL outside crates/store")));
    }
    if path.starts_with("frontend/src") && !path.starts_with("frontend/src/api") {
        let sends = |line: &str| REQUESTS.iter().any(|call| line.contains(call));
        findings.extend(
            lines_with(text, sends).map(|line| format!("{shown}:{line}: a request outside frontend/src/api")),
        );
    }
    findings
}

/// The numbers of the lines that match `wanted`, except comments.
fn lines_with(text: &str, wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = usize> {
    let lines = text.lines().enumerate();
    lines.filter(move |(_, line)| !line.trim_start().starts_with("//") && wanted(line)).map(|(at, _)| at + 1)
}

fn is_sql(line: &str) -> bool {
    let both = |first: &str, second: &str| line.contains(first) && line.contains(second);
    line.contains("sqlx::")
        || line.contains("INSERT INTO ")
        || line.contains("DELETE FROM ")
        || line.contains("CREATE TABLE ")
        || both("SELECT ", " FROM ")
        || both("UPDATE ", " SET ")
}

fn differing_migrations(root: &Path) -> Result<Vec<String>> {
    let names = |engine: &str| -> Result<BTreeSet<PathBuf>> {
        let folder = root.join("migrations").join(engine);
        client::files(&folder)?.iter().map(|file| Ok(file.strip_prefix(&folder)?.to_path_buf())).collect()
    };
    let (sqlite, postgres) = (names("sqlite")?, names("postgres")?);
    let lonely = sqlite.symmetric_difference(&postgres);
    Ok(lonely.map(|name| format!("migrations: {} exists for only one database", name.display())).collect())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::look_at;

    fn findings(path: &str, text: &str) -> usize {
        look_at(Path::new(path), text).len()
    }

    #[test]
    fn sql_is_allowed_only_in_the_store() {
        let text = "let rows = query(\"SELECT id FROM users\");";
        assert_eq!(findings("backend/src/routes/users.rs", text), 1);
        assert_eq!(findings("crates/store/src/users.rs", text), 0);
        assert_eq!(findings("backend/src/routes/users.rs", "// SELECT id FROM users"), 0);
    }

    #[test]
    fn requests_are_allowed_only_in_the_api_folder() {
        let text = "use gloo_net::http::Request;";
        assert_eq!(findings("frontend/src/pages/chat.rs", text), 1);
        assert_eq!(findings("frontend/src/api/http.rs", text), 0);
    }

    #[test]
    fn a_long_file_is_reported_unless_it_is_a_test() {
        let text = "//\n".repeat(501);
        assert_eq!(findings("shared/src/lib.rs", &text), 1);
        assert_eq!(findings("shared/tests/all.rs", &text), 0);
        assert_eq!(findings("frontend/style/a.css", &text), 1);
    }
}
