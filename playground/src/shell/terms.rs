//! Core's errors in the terms of this program. Core says what to do in Rust's names, `Client::api` or `Quirk::LoopbackHttp`; here
//! it is a key of the profile, or an option. [`told`], [`admit`].

use valetkey_blocking::valetkey_core::Error;
use valetkey_blocking::{Quirk, Rule};

use super::setting;

/// An error in terms of the profile.
pub(crate) struct Told {
    /// What it says, without Rust's names.
    pub(crate) what: String,
    /// What to do, if this knows.
    pub(crate) next: Option<String>,
    /// What would admit it.
    pub(crate) admitted_by: Option<Quirk>,
}

pub(crate) fn told(error: &Error) -> Told {
    let text = error.to_string();
    // Of what the server itself refused it is a guess, which is told and no advice.
    let admitted_by = error.admitted_by().filter(|_| error.refused().is_none());
    let text = if admitted_by.is_some() { without_exit(&text) } else { &text };
    // The rule is at the end, and is not taken for advice.
    let rule = error.rule().map(|rule| format!(" ({rule})")).unwrap_or_default();
    let said = text.strip_suffix(&rule).unwrap_or(text);
    // Who is at fault is told by what is to be done, and by the exit code.
    let said = said.strip_prefix("misuse: ").unwrap_or(said);
    let next = match error.rule() {
        Some(Rule::Wa5) => Some(if said.contains("APIs") { api(said) } else { WHERE.to_owned() }),
        Some(Rule::Ar4) if said.contains(UNKNOWN_ISSUER) => Some(ISSUER.to_owned()),
        Some(Rule::Ar7) if said.contains("::code_as") => Some(CODE.to_owned()),
        Some(Rule::Di3) if said.contains("; it points to ") => Some(ELSEWHERE.to_owned()),
        Some(Rule::Di16) => Some(DOCUMENTS.to_owned()),
        Some(Rule::Tr5) => tokens_at(said),
        Some(rule) if !setting_of(rule, said).is_empty() => Some(setting_of(rule, said).to_owned()),
        None => endpoint(said),
        _ if said.contains(REDIRECT) => Some(MOVED.to_owned()),
        _ => None,
    };
    let said = [UNKNOWN_ISSUER, OF_ID_TOKENS, REDIRECT, NO_ENDPOINT]
        .iter()
        .fold(said.to_owned(), |said, advice| said.replace(advice, ""));
    Told { what: format!("{}{rule}", without_names(&said)), next, admitted_by }
}

/// Core's advice that is told in other words here.
const UNKNOWN_ISSUER: &str = ": discover the server, or describe it with its `issuer`";
const OF_ID_TOKENS: &str = ": discover the server, or name its `issuer`";
const REDIRECT: &str = ": if your server's documentation names that for this endpoint, configure this URL";
const NO_ENDPOINT: &str = ": describe it with one, or discover it";

const ISSUER: &str =
    "name the server's issuer beside its endpoints, `server = \"https://…\"`, to which it is then compared";

const ELSEWHERE: &str = "nothing of the answer was used; if the server has another issuer now, `server` in the profile is to name \
     that one. Otherwise tell the server's operator";

const MOVED: &str = "nothing of the answer was used; if the server's documentation names that URL for this endpoint, write it \
     into the profile, at `token_endpoint` or whichever key is the endpoint's. Otherwise tell the server's operator";

const WHERE: &str = "look at the URL and the headers: the token goes to the APIs of the profile only";

const CODE: &str = "the server's own name of the code is `names = { code = \"NAME\" }` in the profile";

const DOCUMENTS: &str =
    "take one of them: `discovery = \"openid-first\"` in the profile, or leave the key out";

/// The key of the profile that is meant where core names what of its own describes a client or a server.
fn setting_of(rule: Rule, said: &str) -> &'static str {
    match rule {
        Rule::Id8 if said.contains("::keys`") => {
            "name the server by its issuer alone, `server = \"https://…\"`, so that it is asked where its keys are; or name \
             them beside its endpoints: `jwks_uri = \"https://…\"` in the profile"
        }
        Rule::Id9 if said.contains("scope openid") => ISSUER,
        Rule::Id10 if said.contains("::trusted_audience`") => {
            "if it may be shown there too, say so: `trusted_audience = \"…\"` in the profile (a list for several)"
        }
        Rule::Id55 if said.contains("::tenants`") => {
            "`tenants` in the profile is a list of their identifiers, or \"any\" for the people of all"
        }
        Rule::Id28 if said.contains("::id_token_algorithm`") => {
            "if the client is registered for another, say so: `id_token_algorithm = \"ES256\"` in the profile"
        }
        Rule::Ui3 if said.contains("::user_info_algorithm`") => {
            "`user_info_algorithm` in the profile is to say for which signature the client is registered, and is left out for \
             none"
        }
        _ => "",
    }
}

/// How a quirk is admitted, beside those that the profile has.
pub(crate) fn admit(quirk: Quirk, beside: &[String]) -> String {
    let mut names: Vec<toml::Value> = beside.iter().map(|name| name.as_str().into()).collect();
    names.push(quirk.name().into());
    let quirks = toml::Value::Array(names);
    format!(
        "admit it if it is meant: `quirks = {}` in the profile, or {}",
        setting::written(&quirks),
        setting::set("quirks", &quirks)
    )
}

/// An endpoint that the profile does not name, or the server's metadata.
fn endpoint(said: &str) -> Option<String> {
    let name = said.strip_prefix("the server has no ")?.split(':').next()?;
    name.ends_with("_endpoint").then(|| {
        format!(
            "if it has one, name it beside the server's other endpoints: `{name} = \"https://…\"` in the profile, or --set \
             {name}=https://…"
        )
    })
}

/// A token that is further down in the answer.
fn tokens_at(said: &str) -> Option<String> {
    let place = said.split("there is one at `").nth(1)?.split('`').next()?;
    let place = toml::Value::from(place);
    Some(format!(
        "if that is the one, say so: `tokens_at = {}` in the profile, or {}",
        setting::written(&place),
        setting::set("tokens_at", &place)
    ))
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
