//! `DATABASE_URL`: which engine, and where.

use std::path::PathBuf;

use sqlx::postgres::PgConnectOptions;
use url::Url;

use crate::{Error, Result};

/// Examples of a URL, for error messages.
const EXAMPLES: &str = "use file:./data/app.db or postgres://user:password@host:5432/database";

/// Query parameters that our PostgreSQL driver understands.
const KNOWN: &[&str] = &[
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];

/// The location of the database.
#[derive(Debug)]
pub(crate) enum Location {
    /// A file.
    Sqlite(PathBuf),
    /// A server.
    Postgres {
        /// The connection options.
        options: Box<PgConnectOptions>,
        /// The schema of Kaiwa's tables, if the URL names one.
        schema: Option<String>,
    },
}

impl Location {
    /// Parses `DATABASE_URL`. No error repeats the URL, because it may contain a password.
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let url = url.trim();
        let Some((scheme, rest)) = url.split_once(':') else {
            return Err(Error::Url(format!("it has no scheme; {EXAMPLES}")));
        };
        match scheme.to_ascii_lowercase().as_str() {
            "file" | "sqlite" => sqlite(rest),
            "postgres" | "postgresql" => postgres(url),
            other => Err(Error::Url(format!("{other:?} is not a database that Kaiwa knows; {EXAMPLES}"))),
        }
    }
}

/// The path after `file:` or `sqlite:`. A leading `//` is ignored, so that both `sqlite://data/app.db` and
/// `sqlite:///var/lib/app.db` mean the same as in other tools.
fn sqlite(rest: &str) -> Result<Location> {
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path.ends_with('/') {
        return Err(Error::Url("it names no file; use file:./data/app.db".to_owned()));
    }
    if path == ":memory:" || query.contains("mode=memory") {
        return Err(Error::Url(
            "a database in memory is lost at every restart; use file:./data/app.db".to_owned(),
        ));
    }
    let names: Vec<_> =
        url::form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name.into_owned()).collect();
    warn_of_ignored(&names);
    Ok(Location::Sqlite(PathBuf::from(path)))
}

fn postgres(url: &str) -> Result<Location> {
    let invalid = |why: &dyn std::fmt::Display| {
        Error::Url(format!("{why}; use postgres://user:password@host:5432/database"))
    };
    let mut url = Url::parse(url).map_err(|error| invalid(&error))?;
    let mut schema = None;
    let mut behind_pgbouncer = false;
    let mut ignored = Vec::new();
    let mut kept = Vec::new();
    for (name, value) in url.query_pairs() {
        match &*name {
            "schema" => schema = Some(value.into_owned()),
            "pgbouncer" => behind_pgbouncer = matches!(&*value, "true" | "1"),
            known if KNOWN.contains(&known) || known.starts_with("options[") => {
                kept.push((name.into_owned(), value.into_owned()));
            }
            _ => ignored.push(name.into_owned()),
        }
    }
    warn_of_ignored(&ignored);
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
    let Ok(mut options) = url.as_str().parse::<PgConnectOptions>() else {
        // The driver's own words would repeat the value that it cannot read.
        return Err(invalid(&"a part of it cannot be read"));
    };
    if behind_pgbouncer {
        // Each statement may reach another connection of the server, which does not know what was prepared.
        options = options.statement_cache_capacity(0);
    }
    if let Some(schema) = &schema {
        if !is_identifier(schema) {
            return Err(Error::Url(
                "the schema's name takes letters, digits and _ only; as in ?schema=public".to_owned(),
            ));
        }
        options = options.options([("search_path", format!("\"{schema}\""))]);
    }
    Ok(Location::Postgres { options: Box::new(options), schema })
}

fn is_identifier(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}

fn warn_of_ignored(names: &[String]) {
    if !names.is_empty() {
        tracing::warn!(parameters = names.join(", "), "DATABASE_URL has parameters that mean nothing here");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(url: &str) -> String {
        match Location::parse(url).unwrap() {
            Location::Sqlite(path) => path.to_string_lossy().into_owned(),
            Location::Postgres { .. } => panic!("{url} is not a file"),
        }
    }

    #[test]
    fn a_file_is_named_in_every_usual_way() {
        assert_eq!(path("file:./data/app.db"), "./data/app.db");
        assert_eq!(path("file:/var/lib/kaiwa/app.db"), "/var/lib/kaiwa/app.db");
        assert_eq!(path("file:///var/lib/kaiwa/app.db"), "/var/lib/kaiwa/app.db");
        assert_eq!(path("sqlite://data/app.db"), "data/app.db");
        assert_eq!(path("sqlite:///app.db?connection_limit=1"), "/app.db");
        assert_eq!(path("sqlite:app.db"), "app.db");
    }

    #[test]
    fn a_server_keeps_its_schema_and_loses_other_tools_parameters() {
        let url =
            "postgresql://me:p%40ss@db.example:6000/kaiwa?schema=chat&connection_limit=5&sslmode=disable";
        let Location::Postgres { options, schema } = Location::parse(url).unwrap() else {
            panic!("not a server")
        };
        assert_eq!(schema.as_deref(), Some("chat"));
        assert_eq!((options.get_host(), options.get_port()), ("db.example", 6000));
        assert_eq!(options.get_database(), Some("kaiwa"));
        assert_eq!(options.get_options(), Some("-c search_path=\"chat\""));
    }

    #[test]
    fn a_refused_url_is_told_why_without_its_password() {
        for url in [
            "",
            "data/app.db",
            "mysql://root:hunter2@db/x",
            "file:",
            "sqlite::memory:",
            "file:./data/",
            "postgres://me:hunter2@db:notaport/x",
            "postgres://me:hunter2@db/x?schema=a;drop",
            "postgres://me:hunter2@db/x?sslmode=hunter2",
        ] {
            let Err(Error::Url(why)) = Location::parse(url) else { panic!("{url} was accepted") };
            assert!(why.contains("use ") || why.contains("as in"), "{why}");
            assert!(!why.contains("hunter2"), "{why}");
        }
    }
}
