//! An HTTP answer, as `curl -i` prints one.

use valetkey_blocking::error::Refused;
use valetkey_blocking::http::header::LOCATION;
use valetkey_blocking::http::{HeaderName, HeaderValue};
use valetkey_blocking::{Response, UnixTime};

use super::{Report, challenge, document, redirect};

/// The most headers of an answer.
const MAX_HEADERS: usize = 128;

pub(crate) fn of_http(text: &str, now: UnixTime) -> Report {
    let Some(response) = response(text) else {
        let mut report = Report::new("something that begins as an HTTP answer does");
        report.note(
            "it cannot be read as one: a status line, headers, an empty line, and the body are expected",
        );
        return report;
    };
    let status = response.status();
    if status.is_success() && response.body().starts_with(b"{") {
        let mut report = document::of_answer(response, now);
        report.facts.insert(0, ("status".to_owned(), status.as_u16().into()));
        return report;
    }
    let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    if let Some(location) = location.filter(|_| status.is_redirection()) {
        let mut report = redirect::of_url(location, now);
        report.facts.insert(0, ("status".to_owned(), status.as_u16().into()));
        return report;
    }
    let mut report = Report::new("an answer that is not a success");
    report.fact("status", status.as_u16());
    if !status.is_success() {
        match Refused::parse(&response, now) {
            Ok(refused) => report.refusal(&refused),
            Err(error) => report.broken(&error),
        }
    } else {
        report.kind = "an answer, and nothing of OAuth's";
    }
    challenge::of_headers(response.headers(), &mut report);
    report
}

/// Line ends may be those of HTTP, or of a text that was copied.
fn response(text: &str) -> Option<Response> {
    let text = text.replace("\r\n", "\n");
    let (head, body) = text.split_once("\n\n").unwrap_or((text.as_str(), ""));
    // `curl` says HTTP/2, which has no minor version and no reason.
    let (version, rest) = head.split_once(' ')?;
    let version = if version.contains('.') { version } else { "HTTP/1.1" };
    let head = format!("{version} {}\r\n\r\n", rest.trim_end().replace('\n', "\r\n"));
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Response::new(&mut headers);
    parsed.parse(head.as_bytes()).ok()?.is_complete().then_some(())?;
    let mut response = Response::new(body.as_bytes().to_vec());
    *response.status_mut() = parsed.code?.try_into().ok()?;
    for header in parsed.headers.iter() {
        let name: HeaderName = header.name.parse().ok()?;
        response.headers_mut().append(name, HeaderValue::from_bytes(header.value).ok()?);
    }
    Some(response)
}
