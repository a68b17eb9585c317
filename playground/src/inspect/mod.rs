//! What a piece of OAuth is, what core reads in it, and which rules it keeps or breaks. Nothing is sent anywhere.

mod answer;
mod challenge;
mod document;
pub(crate) mod id_token;
mod redirect;
mod report;
mod token;

use valetkey_blocking::UnixTime;
use valetkey_blocking::status::Introspected;

pub(crate) use report::Report;

/// The longest text that is read, in bytes: a little more than the largest answer.
pub(crate) const MAX: u64 = (1 << 20) + (64 << 10);

/// Reads whatever it is: an HTTP answer, a JSON document, a challenge, a URL, or a token.
pub(crate) fn read(text: &str, now: UnixTime) -> Report {
    let text = text.trim();
    let one_line = !text.contains(['\n', '\r']);
    if text.starts_with("HTTP/") {
        answer::of_http(text, now)
    } else if text.starts_with('{') {
        document::of_json(text.as_bytes(), now)
    } else if let Some(challenge) = challenge::header_of(text) {
        challenge::of_line(challenge)
    } else if one_line && text.contains("://") && !text.contains(' ') {
        redirect::of_url(text, now)
    } else {
        token::of_text(text, now)
    }
}

/// What a server answered when it was asked about a token.
pub(crate) fn introspected(introspected: &Introspected, now: UnixTime) -> Report {
    let mut report = Report::new("what the server says of the token (RFC 7662)");
    document::introspection(introspected, now, &mut report);
    report
}
