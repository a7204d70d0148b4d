//! Well-known secrets: from documentation, from other tools' sample files, and common placeholders.

/// Published values and where they come from.
const PUBLISHED: &[(&str, &str)] = &[
    ("Kix2wcUONd4CX51E/ZPAd36BqM4wzJgKjPtz2sGztqQ=", "the KEY_VAULTS_SECRET of LobeChat's sample file"),
    ("NX2kaPE923dt6BL2U8e9oSre5RfoT7hg", "the NEXT_AUTH_SECRET of LobeChat's sample file"),
    (
        "16f8c0ef4a5d391b26034086c628469d3f9f497f08163ab9b40137092f2909ef",
        "the JWT_SECRET of LibreChat's sample file",
    ),
    (
        "eaa5191f2914e30b9387fd84e254e4ba6fc51b4654968a9b0803b456a54b8418",
        "the JWT_REFRESH_SECRET of LibreChat's sample file",
    ),
    (
        "f34be427ebb29de8d88c107a71546019685ed8b241d8f2ed00c3df97ad2566f0",
        "the CREDS_KEY of LibreChat's sample file",
    ),
    ("sk-9f73s3ljTXVcMT3Blb3ljTqtsKiGHXVcMT3BlbkFJLK7U", "the SECRET_KEY of Dify's sample file"),
    (
        "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
        "the SECRET_KEY of the FastAPI tutorial",
    ),
];

/// Words that occur in placeholders, without punctuation, and the description of a value that contains one.
const WORDS: &[(&str, &str)] = &[
    ("changein", "a placeholder (\"change in production\")"),
    ("changeme", "a placeholder (\"changeme\")"),
    ("changethis", "a placeholder (\"change this\")"),
    ("changeit", "a placeholder (\"change it\")"),
    ("pleasechange", "a placeholder (\"please change\")"),
    ("replaceme", "a placeholder (\"replace me\")"),
    ("replacewith", "a placeholder (\"replace with\")"),
    ("replacethis", "a placeholder (\"replace this\")"),
    ("yoursecret", "a placeholder (\"your-secret\")"),
    ("yoursuper", "a placeholder (\"your-super-secret\")"),
    ("yourjwt", "a placeholder (\"your-jwt-secret\")"),
    ("yourkey", "a placeholder (\"your-key\")"),
    ("yourrandom", "a placeholder (\"your-random-string\")"),
    ("your256bit", "a placeholder (\"your-256-bit-secret\")"),
    ("stringsecretatleast", "the sample secret of jwt.io"),
    ("supersecret", "a sample value (\"super-secret\")"),
    ("secretkey", "a sample value (\"secret-key\")"),
    ("jwtsecret", "a sample value (\"jwt-secret\")"),
    ("mysecret", "a sample value (\"my-secret\")"),
    ("examplesecret", "a sample value (\"example-secret\")"),
    ("defaultsecret", "a sample value (\"default-secret\")"),
    ("testsecret", "a sample value (\"test-secret\")"),
    ("devsecret", "a sample value (\"dev-secret\")"),
    ("topsecret", "a sample value (\"top-secret\")"),
    ("t0ps3cr3t", "the default of Open WebUI (\"t0p-s3cr3t\")"),
    ("insecure", "a sample value (\"insecure\")"),
    ("placeholder", "a placeholder"),
    ("password", "a sample value (\"password\")"),
];

/// Describes `value` if it is well known.
pub(super) fn name(value: &str) -> Option<&'static str> {
    let published = PUBLISHED.iter().find(|(sample, _)| sample.eq_ignore_ascii_case(value));
    let plain: String =
        value.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let word = || WORDS.iter().find(|(word, _)| plain.contains(word));
    published.or_else(word).map(|(_, what)| *what)
}
