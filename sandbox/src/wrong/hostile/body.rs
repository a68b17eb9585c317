//! Bodies: of a success, which is a JSON object, and of an error that is made from the request.

use std::io::Read as _;

use flate2::Compression;
use flate2::read::GzEncoder;
use http::header::AUTHORIZATION;
use serde_json::{Map, Value, json};
use valetkey_core::Request;

pub(crate) fn with_bom(body: &[u8]) -> Vec<u8> {
    ["\u{FEFF}".as_bytes(), body].concat()
}

/// The members as a form, the lifetime under the name that drafts of OAuth had.
pub(crate) fn as_form(body: &[u8]) -> Vec<u8> {
    let members: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in &members {
        let name = if name == "expires_in" { "expires" } else { name };
        match value {
            Value::String(text) => form.append_pair(name, text),
            value => form.append_pair(name, &value.to_string()),
        };
    }
    form.finish().into_bytes()
}

/// The body as gzip.
pub(crate) fn gzip(body: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    // Reading from memory does not fail.
    let _ = GzEncoder::new(body, Compression::best()).read_to_end(&mut packed);
    packed
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

pub(crate) fn huge_error(_: &Request) -> Vec<u8> {
    json!({ "error": "e".repeat(5 * 1024) }).to_string().into_bytes()
}

pub(crate) fn echo(request: &Request) -> Vec<u8> {
    let header = request.headers().get(AUTHORIZATION).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let body = String::from_utf8_lossy(request.body());
    let description = format!("Not understood: {} {body}", header.unwrap_or_default());
    json!({ "error": "invalid_request", "error_description": description }).to_string().into_bytes()
}
