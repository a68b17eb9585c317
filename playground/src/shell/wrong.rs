//! What is wrong with a key of the configuration, in words that lead to mending it: [`Wrong`].

use super::nearest::nearest;

/// What is wrong, and with which key, if it is with one.
pub(crate) struct Wrong {
    pub(crate) key: Option<String>,
    pub(crate) what: String,
}

impl Wrong {
    /// Nothing is wrong with one key alone.
    pub(crate) fn together(what: String) -> Self {
        Self { key: None, what }
    }

    /// What the TOML library says of the value of a key. It quotes a value of another type, which may be a secret, so only
    /// what it expected is told.
    pub(crate) fn value(key: &str, message: &str) -> Self {
        let what = match unknown(message) {
            Some(what) => what,
            None => {
                match message.strip_prefix("invalid type: ").and_then(|rest| rest.rsplit_once("expected ")) {
                    Some((_, expected)) => format!("`{key}` is {}", form(key, expected)),
                    None => format!("`{key}`: {message}"),
                }
            }
        };
        Self { key: Some(key.to_owned()), what }
    }
}

/// How a value of this kind is written.
fn form(key: &str, expected: &str) -> String {
    match expected {
        "a sequence" if key == "redirect_ports" => "a list of ports: write it as [8080, 8081]".to_owned(),
        "a sequence" => "a list: write it as [\"one\", \"another\"], in brackets".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a map" => "a table: write it as { name = \"value\" }".to_owned(),
        "a string" | "string or table" => "a text: write it in quotes".to_owned(),
        "u16" if key == "forwarded_port" => "a port: write it as 8080".to_owned(),
        "u16" => "a list of ports: write it as [8080, 8081]".to_owned(),
        other => other.trim_start_matches("that it is ").to_owned(),
    }
}

/// The library's words on a name that is not known, with the one that was meant: of a key, or of a word for a key.
pub(crate) fn unknown(message: &str) -> Option<String> {
    let (kind, rest) = match message.strip_prefix("unknown field ") {
        Some(rest) => ("key", rest),
        None => ("word", message.strip_prefix("unknown variant ")?),
    };
    let mut names = rest.split('`').skip(1).step_by(2);
    let (written, known) = (names.next()?, names.collect::<Vec<_>>());
    let meant = nearest(written, known.iter().copied());
    let meant = meant.map(|name| format!(": did you mean `{name}`?")).unwrap_or_default();
    let known = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Some(format!("the {kind} `{written}` is unknown{meant} (known: {known})"))
}
