//! The longer of the wrong answers: bodies and redirects that take more than a word to spoil.

use http::header::AUTHORIZATION;
use serde_json::json;
use valetkey_core::Request;

use crate::location::Location;

// Redirects: each says whether there was anything to spoil.

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

// Bodies of a success, a JSON object each.

pub(crate) fn with_bom(body: &[u8]) -> Vec<u8> {
    ["\u{FEFF}".as_bytes(), body].concat()
}

pub(crate) fn with_trailing_data(body: &[u8]) -> Vec<u8> {
    [body, b"{}"].concat()
}

pub(crate) fn truncated(body: &[u8]) -> Vec<u8> {
    body.get(..body.len() / 2).unwrap_or_default().to_vec()
}

pub(crate) fn not_utf8(body: &[u8]) -> Vec<u8> {
    with_member(body, "note", b"\"\xff\"")
}

pub(crate) fn in_array(body: &[u8]) -> Vec<u8> {
    [b"[", body, b"]"].concat()
}

pub(crate) fn deep(body: &[u8]) -> Vec<u8> {
    const DEPTH: usize = 100_000;
    with_member(body, "nested", ["[".repeat(DEPTH), "]".repeat(DEPTH)].concat().as_bytes())
}

pub(crate) fn two_mebibytes(body: &[u8]) -> Vec<u8> {
    with_member(body, "padding", format!("\"{}\"", "x".repeat(2 << 20)).as_bytes())
}

/// The object with one more member at its end.
fn with_member(body: &[u8], name: &str, raw: &[u8]) -> Vec<u8> {
    let open = body.strip_suffix(b"}").unwrap_or(body);
    let comma: &[u8] = if open == b"{" { b"" } else { b"," };
    [open, comma, format!("\"{name}\":").as_bytes(), raw, b"}"].concat()
}

// Errors made from the request.

pub(crate) fn huge_error(_: &Request) -> Vec<u8> {
    json!({ "error": "e".repeat(5 * 1024) }).to_string().into_bytes()
}

pub(crate) fn echo(request: &Request) -> Vec<u8> {
    let header = request.headers().get(AUTHORIZATION).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let body = String::from_utf8_lossy(request.body());
    let description = format!("Not understood: {} {body}", header.unwrap_or_default());
    json!({ "error": "invalid_request", "error_description": description }).to_string().into_bytes()
}
