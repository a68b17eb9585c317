//! Token responses in an odd form: compressed though nobody asked, as forms, and with their tokens at another place. Each is read as
//! an oracle of its own reads it, or refused.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use http::header::CONTENT_ENCODING;
use http::{HeaderName, HeaderValue};
use serde_json::Value;
use valetkey_core::host::MAX_BODY;
use valetkey_core::{AuthorizationServer, Error, Quirk, Response, TokenResponse};

use super::answers::essence;
use super::json;
use crate::NOW;

/// The body of a 200 that is said to be gzip, and the same packed here.
///
/// What is unpacked is what gzip's own library unpacks, whole and within the bounds of every answer; it is read as it would be
/// without the packing, and that it was packed is reported.
pub fn gzip(data: &[u8]) {
    let mut oracle = GzDecoder::new(data);
    let mut plain = Vec::new();
    let is_whole = oracle.by_ref().take(MAX_BODY as u64 + 1).read_to_end(&mut plain).is_ok()
        && plain.len() <= MAX_BODY
        && oracle.into_inner().is_empty();
    if data.starts_with(&[0x1f, 0x8b]) {
        match (parsed(data, true), is_whole) {
            (read, true) => is_as_plain(read, &plain),
            (read, false) => assert!(read.is_err(), "what is cut short, or too large, is read"),
        }
    }
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    if let Ok(packed) = packer.write_all(data).and_then(|()| packer.finish()) {
        is_as_plain(parsed(&packed, true), data);
    }
}

fn parsed(body: &[u8], is_packed: bool) -> Result<TokenResponse, Error> {
    let mut response = json(200, body);
    if is_packed {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    TokenResponse::parse(response, NOW, &AuthorizationServer::new())
}

fn is_as_plain(unpacked: Result<TokenResponse, Error>, plain: &[u8]) {
    let is_text = std::str::from_utf8(plain).is_ok()
        && !plain.iter().any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace());
    match (unpacked, parsed(plain, false)) {
        (Ok(unpacked), Ok(plain)) => {
            assert!(
                unpacked.quirks().contains(Quirk::UnaskedGzip)
                    && !plain.quirks().contains(Quirk::UnaskedGzip)
            );
            assert_eq!(essence(&unpacked), essence(&plain), "packing changes what is read");
        }
        (Err(_), Ok(_)) => assert!(!is_text, "packing refuses what is in order"),
        (Ok(_), Err(error)) => panic!("packing lets through what is refused: {error}"),
        (Err(_), Err(_)) => {}
    }
}

/// The body of a 200 that is labelled as a form, strictly and where forms are admitted.
///
/// Strictly no form is read. Where they are, what is read is a form's own parameters, each there once, and none of them an
/// `error`; that it was one is reported.
pub fn form_answer(data: &[u8]) {
    let written = || -> Response {
        let mut response = json(200, data);
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        response.headers_mut().insert(HeaderName::from_static("content-type"), form);
        response
    };
    let strict = TokenResponse::parse(written(), NOW, &AuthorizationServer::new());
    assert!(strict.is_err(), "a form, or what is labelled as one, is read by the strict rules");
    let lax = AuthorizationServer::new().admit(Quirk::FormEncodedAnswer).admit(Quirk::NoTokenType);
    let Ok(tokens) = TokenResponse::parse(written(), NOW, &lax) else { return };
    if !tokens.quirks().contains(Quirk::FormEncodedAnswer) {
        assert!(serde_json::from_slice::<Value>(data).is_ok(), "it is neither JSON nor reported as a form");
        return;
    }
    let pairs: Vec<_> = form_urlencoded::parse(data.trim_ascii()).collect();
    let all = |name: &str| -> Vec<&str> {
        pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| &**value).collect()
    };
    assert_eq!(all("access_token"), [tokens.access_token().expose()]);
    assert!(all("error").iter().all(|error| error.is_empty()), "an error is taken for tokens");
    let refresh: Vec<&str> = tokens.refresh_token().into_iter().map(|token| token.expose()).collect();
    assert_eq!(all("refresh_token"), refresh);
    for name in ["token_type", "scope", "expires_in"] {
        assert!(all(name).len() <= 1, "{name} is there twice");
    }
}

/// A JSON pointer in the first line, and the body of a 200 in the rest, whose tokens are where it leads.
///
/// What is read is what the pointer leads to by another reader (RFC 6901), and not what is at the top; that it was elsewhere is
/// reported.
pub fn tokens_elsewhere(data: &[u8]) {
    let line = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (pointer, body) = data.split_at(line);
    let body = body.get(1..).unwrap_or_default();
    let Ok(pointer) = std::str::from_utf8(pointer) else { return };
    let Ok(server) = AuthorizationServer::new().tokens_at(pointer) else {
        let is_escaped = pointer.split('~').skip(1).all(|part| part.starts_with(['0', '1']));
        assert!(!(pointer.starts_with('/') && is_escaped && pointer.len() <= 1024), "a pointer is refused");
        return;
    };
    let Ok(tokens) = TokenResponse::parse(json(200, body), NOW, &server) else { return };
    assert!(tokens.quirks().contains(Quirk::TokensElsewhere));
    let marked = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    let Ok(document) = serde_json::from_slice::<Value>(marked) else { panic!("what is read is no JSON") };
    let found = document.pointer(pointer).and_then(|there| there.get("access_token")).and_then(Value::as_str);
    assert_eq!(found, Some(tokens.access_token().expose()));
    assert!(document.get("error").is_none_or(Value::is_null), "an error at the top is taken for tokens");
}
