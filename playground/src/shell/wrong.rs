//! What is wrong with a key of the configuration, in words that lead to mending it: [`Wrong`].

use valetkey_blocking::valetkey_core::Error as CoreError;

use super::failure::Failure;
use super::nearest::nearest;
use super::terms;

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

    /// Something is wrong with this key.
    pub(crate) fn of(key: &str, what: String) -> Self {
        Self { key: Some(key.to_owned()), what }
    }

    /// What the TOML library says of the value of a key. It quotes a value of another type, which may be a secret, so only
    /// what it expected is told.
    pub(crate) fn value(key: &str, message: &str) -> Self {
        let what = match unknown(message) {
            // A name that is unknown is of this key's value, or of the key itself.
            Some(what) if message.starts_with(&format!("unknown field `{key}`")) => what,
            Some(what) => format!("`{key}`: {what}"),
            None => {
                let of_another_type = message.strip_prefix("invalid type: ");
                match of_another_type.and_then(|rest| rest.rsplit_once("expected ")) {
                    Some((_, expected)) => format!("`{key}` is {}", form(key, expected)),
                    None => format!("`{key}`: {}", own(message)),
                }
            }
        };
        Self::of(key, what)
    }

    /// What core says of the value of a key.
    pub(crate) fn refused(key: &str, error: &CoreError) -> Self {
        Self::of(key, format!("`{key}`: {}", terms::told(error).what))
    }
}

impl From<Wrong> for Failure {
    fn from(wrong: Wrong) -> Self {
        Self::usage(wrong.what)
    }
}

/// The library's words on a member that is missing, and core's on a value that it refused.
fn own(message: &str) -> String {
    match message.strip_prefix("missing field ") {
        Some(field) => format!("{field} is missing"),
        None => message.strip_prefix("misuse: ").unwrap_or(message).to_owned(),
    }
}

/// How a value of this kind is written.
fn form(key: &str, expected: &str) -> String {
    match (key, expected) {
        ("refusals", _) => {
            "a list of tables: write it as [{ member = \"status\", value = \"BAD_TOKEN\", means = \"invalid_grant\" }]"
                .to_owned()
        }
        ("claims", _) => {
            "a table: write it as { id_token = { acr = { essential = true, values = [\"phr\"] } } }".to_owned()
        }
        ("names", _) => "a table: write it as { client_id = \"client_key\" }".to_owned(),
        ("parameters" | "token_parameters" | "refresh_parameters", _) => {
            "a table of texts: write it as { name = \"value\" }".to_owned()
        }
        ("quirks", _) => "a name or a list of names: write it as \"one\" or [\"one\", \"another\"]".to_owned(),
        ("redirect_ports", _) => "a list of ports: write it as [8080, 8081]".to_owned(),
        (_, "one or many") => "a text or a list of texts: write it as \"one\" or [\"one\", \"another\"]".to_owned(),
        (_, "a sequence") => "a list: write it as [\"one\", \"another\"], in brackets".to_owned(),
        (_, "a boolean") => "true or false".to_owned(),
        (_, "a string" | "string or table") => "a text: write it in quotes".to_owned(),
        (_, "seconds") => "a whole number of seconds: write it as 300".to_owned(),
        (_, "u16") => "a port: write it as 8080".to_owned(),
        (_, other) => other.trim_start_matches("that it is ").to_owned(),
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
