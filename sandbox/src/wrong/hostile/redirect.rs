//! Redirects to the application. Each says whether there was anything to spoil.

use serde_json::Value;

use crate::ground::jws::Jws;
use crate::wrong::location::Location;

pub(crate) fn wrong_state(to: &mut Location) -> bool {
    to.set("state", "a-state-that-nobody-sent");
    true
}

pub(crate) fn foreign_iss(to: &mut Location) -> bool {
    to.set("iss", "https://attacker.example");
    true
}

pub(crate) fn iss_with_slash(to: &mut Location) -> bool {
    to.append("iss", "/")
}

pub(crate) fn empty_code(to: &mut Location) -> bool {
    replace_code(to, "")
}

pub(crate) fn forged_code(to: &mut Location) -> bool {
    replace_code(to, "code-that-was-never-issued")
}

pub(crate) fn code_with_controls(to: &mut Location) -> bool {
    replace_code(to, "a\u{0}b\r\nc\u{1b}[31m")
}

pub(crate) fn huge_code(to: &mut Location) -> bool {
    replace_code(to, &"c".repeat(64 * 1024))
}

fn replace_code(to: &mut Location, code: &str) -> bool {
    let found = to.remove("code");
    if found {
        to.add("code", code);
    }
    found
}

pub(crate) fn denied_in_other_words(to: &mut Location) -> bool {
    let fits = to.remove("code");
    if fits {
        to.add("error", "user_denied");
    }
    fits
}

pub(crate) fn code_and_error(to: &mut Location) -> bool {
    let found = to.has("code");
    if found {
        to.add("error", "access_denied");
    }
    found
}

pub(crate) fn token_beside_code(to: &mut Location) -> bool {
    let found = to.has("code");
    if found {
        to.add("access_token", "a-token-that-does-not-belong-here");
        to.add("token_type", "Bearer");
    }
    found
}

pub(crate) fn forged_error(to: &mut Location) -> bool {
    to.remove("code");
    to.remove("access_token");
    to.set("error", "access_denied");
    to.set("error_description", "Call +1 555 0100 to unlock your account");
    wrong_state(to)
}

pub(crate) fn error_with_escapes(to: &mut Location) -> bool {
    to.remove("code");
    to.set("error", "access_denied");
    to.set("error_description", "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}<script>alert(1)</script>");
    true
}

pub(crate) fn error_with_script_uri(to: &mut Location) -> bool {
    to.remove("code");
    to.set("error", "access_denied");
    to.set("error_uri", "javascript:alert(1)");
    true
}

pub(crate) fn into_fragment(to: &mut Location) -> bool {
    !std::mem::replace(&mut to.in_fragment, true)
}

pub(crate) fn into_query(to: &mut Location) -> bool {
    std::mem::replace(&mut to.in_fragment, false)
}

pub(crate) fn more_parameters(to: &mut Location) -> bool {
    to.add("session_state", "a1b2c3");
    to.add("prompt", "");
    true
}

pub(crate) fn other_path(to: &mut Location) -> bool {
    to.uri.push_str("/elsewhere");
    true
}

pub(crate) fn other_host(to: &mut Location) -> bool {
    "https://attacker.example/callback".clone_into(&mut to.uri);
    true
}

/// Rewrites the issuer, and says whether there was one.
fn issuer(to: &mut Location, change: impl FnOnce(&str) -> String) -> bool {
    let changed = to.get("iss").map(change);
    changed.map(|issuer| to.set("iss", &issuer)).is_some()
}

pub(crate) fn iss_in_capitals(to: &mut Location) -> bool {
    issuer(to, str::to_uppercase)
}

/// The same to a client that decodes it twice.
pub(crate) fn iss_escaped(to: &mut Location) -> bool {
    issuer(to, |issuer| issuer.replacen('a', "%61", 1))
}

pub(crate) fn error_without_iss(to: &mut Location) -> bool {
    to.remove("code");
    to.set("error", "access_denied");
    to.remove("iss")
}

pub(crate) fn iss_in_query(to: &mut Location) -> bool {
    let Some(iss) = to.get("iss").map(str::to_owned) else { return false };
    to.remove("iss");
    let encoded = form_urlencoded::Serializer::new(String::new()).append_pair("iss", &iss).finish();
    to.uri.push(if to.uri.contains('?') { '&' } else { '?' });
    to.uri.push_str(&encoded);
    to.in_fragment = true;
    true
}

pub(crate) fn error_twice(to: &mut Location) -> bool {
    to.remove("code");
    to.set("error", "access_denied");
    to.repeat("error")
}

pub(crate) fn id_token_beside_code(to: &mut Location) -> bool {
    let found = to.has("code");
    if found {
        to.add("id_token", "eyJhbGciOiJFUzI1NiJ9.e30.AAAA");
    }
    found
}

pub(crate) fn other_port(to: &mut Location) -> bool {
    let path = to.uri.find("://").and_then(|scheme| Some(scheme + 3 + to.uri.get(scheme + 3..)?.find('/')?));
    path.map(|path| to.uri.insert_str(path, ":8443")).is_some()
}

pub(crate) fn response_unasked(to: &mut Location) -> bool {
    let plain = to.has("code");
    if plain {
        to.add("response", "eyJhbGciOiJFUzI1NiJ9.e30.AAAA");
    }
    plain
}

/// The claims of a signed response as plain parameters, in its place.
pub(crate) fn unpacked(to: &mut Location) -> bool {
    plain_beside(to) && to.remove("response")
}

/// The claims of a signed response as plain parameters, beside it.
pub(crate) fn plain_beside(to: &mut Location) -> bool {
    let packed = to.get("response").map(str::to_owned);
    let Some(jws) = packed.as_deref().and_then(Jws::read) else { return false };
    for name in ["code", "error", "state", "iss"] {
        if let Some(value) = jws.unverified().get(name).and_then(Value::as_str) {
            to.add(name, value);
        }
    }
    true
}

pub(crate) fn other_code_beside_id_token(to: &mut Location) -> bool {
    to.has("id_token") && replace_code(to, "code-that-was-stolen-elsewhere")
}

pub(crate) fn token_beside_id_token(to: &mut Location) -> bool {
    let found = to.has("id_token");
    if found {
        to.add("access_token", "a-token-that-does-not-belong-here");
        to.add("token_type", "Bearer");
    }
    found
}

pub(crate) fn error_beside_id_token(to: &mut Location) -> bool {
    let found = to.has("id_token");
    if found {
        to.remove("code");
        to.add("error", "access_denied");
    }
    found
}
