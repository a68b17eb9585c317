//! What a parameter may hold, whichever way it is set.

use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::ground::sorted::sorted;
use crate::ground::text;
use crate::terms::authorization_details::AuthorizationDetails;
use crate::terms::resource::Resource;
use crate::wire::json::{Object, Value};

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

/// The longest `login_hint`, in bytes ([AQ-21](crate::Rule::Aq21)).
const MAX_HINT: usize = 1024;

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
        "prompt" if !is_set(value) => Err(misuse_of(
            Rule::Aq17,
            "prompt is empty, has a value twice, or has `none` beside another: `none` stands alone",
        )),
        "login_hint" if value.len() > MAX_HINT || value.contains(char::is_control) => Err(misuse_of(
            Rule::Aq21,
            "the login_hint is longer than 1 KiB or has a control character: give a name as the server knows it",
        )),
        "ui_locales" | "claims_locales" if !words().all(is_language_tag) => Err(misuse_of(
            Rule::Aq26,
            format!(
                "one of the {name} is not a language tag of BCP 47, such as `fr-CA`: give them with one space between"
            ),
        )),
        "claims" => require_claims(value),
        "registration" => Err(misuse_of(
            Rule::Aq30,
            "registration is for servers that issue themselves, and is never sent: register the client at the server",
        )),
        _ => Ok(()),
    }
}

/// Whether these are values of which none is there twice, and `none` stands alone.
fn is_set(prompt: &str) -> bool {
    let words: Vec<&str> = sorted(prompt.split(' ').collect());
    // A word that is there twice stands beside itself now.
    words.iter().all(|word| !word.is_empty())
        && words.windows(2).all(|pair| !matches!(pair, [one, other] if one == other))
        && (words.len() == 1 || !words.contains(&"none"))
}

/// Subtags of letters and digits, the first of letters (RFC 5646 §2.1).
fn is_language_tag(word: &str) -> bool {
    let is_subtag =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let first = word.split('-').next().unwrap_or_default();
    word.split('-').all(is_subtag)
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && (first.len() > 1 || word.len() > 1)
}

/// Holds what is asked for by `claims` to its form ([AQ-22](crate::Rule::Aq22), OpenID Connect Core §5.5): members of another name
/// in what is said of one claim are the server's own.
fn require_claims(value: &str) -> Result<(), Error> {
    let no = |what| Err(misuse_of(Rule::Aq22, what));
    let Ok(claims) = Object::read(value.as_bytes()) else {
        return no("claims is not one JSON object without duplicate members");
    };
    for (of, asked) in claims.members() {
        let asked = match (of, asked) {
            ("userinfo" | "id_token", Value::Object(asked)) => asked,
            ("userinfo" | "id_token", Value::Null) => continue,
            _ => {
                return no(
                    "claims has another member than `userinfo` and `id_token`, or one that is not an object",
                );
            }
        };
        for (_, claim) in asked.members() {
            let claim = match claim {
                Value::Null => continue,
                Value::Object(claim) => claim,
                _ => return no("a claim that is asked for is neither null nor an object"),
            };
            if claim.get("essential").is_some_and(|essential| !matches!(essential, Value::Bool(_))) {
                return no("essential of a claim that is asked for is neither true nor false");
            }
            let is_list = |values: &Value<'_>| matches!(values, Value::Array(values) if !values.is_empty());
            if claim.get("values").is_some_and(|values| !is_list(values)) {
                return no("values of a claim that is asked for is not an array with a value");
            }
        }
    }
    Ok(())
}
