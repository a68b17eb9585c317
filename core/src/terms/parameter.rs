//! What a parameter may hold, whichever way it is set.

use crate::ground::error::{Error, misuse, misuse_of};
use crate::ground::rule::Rule;
use crate::ground::text;
use crate::terms::authorization_details::AuthorizationDetails;
use crate::terms::resource::Resource;
use crate::wire::json::Object;

/// The parameters of an authorization request that a program cannot set by itself: the library sends them, or must not be made to.
pub(crate) const OF_AUTHORIZATION_REQUESTS: [&str; 17] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "response_mode",
    "code_challenge",
    "code_challenge_method",
    "dpop_jkt",
    "request",
    "request_uri",
    "client_secret",
    "code",
    "code_verifier",
    "grant_type",
    "username",
    "password",
];

/// The parameters of a token request that no grant of the program's own may set: the library sends them.
pub(crate) const OF_TOKEN_REQUESTS: [&str; 12] = [
    "grant_type",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "scope",
    "code",
    "code_verifier",
    "redirect_uri",
    "refresh_token",
    "username",
    "password",
];

/// For a parameter that cannot be set, since the library sends it or it has a value already.
pub(crate) fn taken(name: &str) -> Error {
    misuse_of(Rule::Aq6, format!("the parameter {name:?} is the library's own, or was set before"))
}

/// Holds a parameter that goes along with token requests to the rules of [`require`]. Its name is not one of `reserved`, however it is
/// written, and neither it nor its value has control characters.
pub(crate) fn require_beside(
    name: &str,
    value: &str,
    is_reserved: impl Fn(&str) -> bool,
) -> Result<(), Error> {
    let plain = name.to_ascii_lowercase();
    if name.is_empty() || OF_OTHER_REQUESTS.contains(&&*plain) || is_reserved(&plain) {
        return Err(taken(name));
    }
    if name.contains(char::is_control) || value.contains(char::is_control) {
        return Err(misuse_of(Rule::Aq6, format!("the parameter {name:?} has a control character")));
    }
    require(name, value)
}

/// What stands in one kind of request only, which has a method for it.
const OF_OTHER_REQUESTS: [&str; 5] =
    ["dpop_jkt", "requested_token_type", "subject_token_type", "resource", "authorization_details"];

/// Holds a parameter to the rules of its typed method, whichever way it is set.
pub(crate) fn require(name: &str, value: &str) -> Result<(), Error> {
    let words = || value.split(' ');
    match name {
        "resource" => Resource::new(value).map(|_| ()),
        "authorization_details" => AuthorizationDetails::parse(value).map(|_| ()),
        "max_age" if value.is_empty() || value.parse::<u64>().is_err() || value.starts_with('+') => {
            Err(misuse_of(Rule::Aq11, "max_age is not a whole number of seconds from 0"))
        }
        "acr_values" if !words().all(text::is_nqchar) => Err(misuse_of(
            Rule::Aq11,
            "one of the acr_values is not printable ASCII without spaces, quotes and backslashes",
        )),
        "prompt" if value.is_empty() || (words().count() > 1 && words().any(|word| word == "none")) => {
            Err(misuse("prompt is empty, or has `none` beside another value: `none` stands alone"))
        }
        "ui_locales" if !words().all(is_language_tag) => {
            Err(misuse("one of the ui_locales is not a language tag: letters, digits and hyphens"))
        }
        "claims" if Object::read(value.as_bytes()).is_err() => {
            Err(misuse("claims is not one JSON object without duplicate members"))
        }
        _ => Ok(()),
    }
}

fn is_language_tag(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
