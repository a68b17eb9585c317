//! Core's errors in the terms of this program. Core says what to do in Rust's names, `Client::api` or `Quirk::LoopbackHttp`; here
//! it is a key of the profile, or an option. [`told`].

use valetkey_blocking::valetkey_core::Error;
use valetkey_blocking::{Quirk, Rule};

/// What an error says without Rust's names, and what to do in terms of the profile, if this knows.
pub(crate) fn told(error: &Error) -> (String, Option<String>) {
    let text = error.to_string();
    // Of what the server itself refused it is a guess, which is told and no advice.
    let quirk = error.admitted_by().filter(|_| error.refused().is_none());
    let text = if quirk.is_some() { without_exit(&text) } else { &text };
    // The rule is at the end, and is not taken for advice.
    let rule = error.rule().map(|rule| format!(" ({rule})")).unwrap_or_default();
    let said = text.strip_suffix(&rule).unwrap_or(text);
    let next = match (quirk, error.rule()) {
        (Some(quirk), _) => Some(admit(quirk)),
        (None, Some(Rule::Wa5)) => Some(if said.contains("APIs") { api(said) } else { WHERE.to_owned() }),
        (None, Some(Rule::Ar7)) if said.contains("::code_as") => Some(CODE.to_owned()),
        (None, Some(Rule::Di16)) => Some(DOCUMENTS.to_owned()),
        _ => None,
    };
    // Who is at fault is told by what is to be done, and by the exit code.
    let said = said.strip_prefix("misuse: ").unwrap_or(said);
    (format!("{}{rule}", without_names(said)), next)
}

const WHERE: &str = "look at the URL and the headers: the token goes to the APIs of the profile only";

const CODE: &str = "the server's own name of the code is `names = { code = \"NAME\" }` in the profile";

const DOCUMENTS: &str =
    "take one of them: `discovery = \"openid-first\"` in the profile, or leave the key out";

fn admit(quirk: Quirk) -> String {
    let name = quirk.name();
    format!("admit it if it is meant: `quirks = [\"{name}\"]` in the profile, or --set 'quirks=[\"{name}\"]'")
}

/// The text without the quirk that it ends with: what is to be done is said in terms of the profile.
fn without_exit(text: &str) -> &str {
    let told = text.find("the quirk `").and_then(|name| text.get(..name));
    told.and_then(|told| told.rsplit_once("; ")).map_or(text, |(told, _)| told)
}

/// The API of a request that goes to another than the profile names.
fn api(said: &str) -> String {
    let origin = said.split_whitespace().find(|word| word.contains("://")).unwrap_or("https://…");
    let origin = origin.trim_end_matches(',');
    format!(
        "if the token may go there, name it: `api = \"{origin}\"` in the profile (a list for several), or --set api={origin}"
    )
}

/// The text up to where it names something of Rust's.
fn without_names(said: &str) -> &str {
    let Some(name) = rust_name(said) else { return said };
    let before = said.get(..name).unwrap_or(said);
    // A remark in parentheses, or what follows a colon: the advice.
    let end =
        match before.rfind(" (").filter(|open| before.get(*open..).is_some_and(|rest| !rest.contains(')'))) {
            Some(open) => open,
            None => before.rfind(": ").unwrap_or(name),
        };
    said.get(..end).filter(|told| !told.is_empty()).unwrap_or(said)
}

/// Where a name in backticks with `::` in it begins.
fn rust_name(said: &str) -> Option<usize> {
    let mut at = 0;
    for (number, part) in said.split('`').enumerate() {
        if number % 2 == 1 && part.contains("::") {
            return Some(at - 1);
        }
        at += part.len() + 1;
    }
    None
}
