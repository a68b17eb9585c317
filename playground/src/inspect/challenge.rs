//! A challenge: what an API demands of a request.

use valetkey_blocking::Rule;
use valetkey_blocking::error::Challenge;
use valetkey_blocking::http::header::WWW_AUTHENTICATE;
use valetkey_blocking::http::{HeaderMap, HeaderValue};

use super::Report;

const NAME: &str = "www-authenticate:";

/// The value of the header, if this is its line, or looks like one of a scheme of OAuth's.
pub(crate) fn header_of(text: &str) -> Option<&str> {
    let (name, value) = text.split_at_checked(NAME.len()).unwrap_or(("", ""));
    if name.eq_ignore_ascii_case(NAME) {
        return Some(value.trim());
    }
    let (scheme, rest) = text.split_once(' ')?;
    let is_known = ["Bearer", "DPoP", "Basic", "Digest", "Negotiate"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(scheme));
    (is_known && rest.contains("=\"")).then_some(text)
}

pub(crate) fn of_line(value: &str) -> Report {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(WWW_AUTHENTICATE, value);
    }
    let mut report = Report::new("a challenge (RFC 9110 §11.6.1)");
    of_headers(&headers, &mut report);
    if report.facts.is_empty() && report.broken.is_none() {
        report.note("it has no challenge that fits a header");
    }
    report
}

/// The challenges of an answer.
pub(crate) fn of_headers(headers: &HeaderMap, report: &mut Report) {
    if !headers.contains_key(WWW_AUTHENTICATE) {
        return;
    }
    let challenges = match Challenge::parse(headers) {
        Ok(challenges) => challenges,
        Err(error) => return report.broken(&error),
    };
    report.kept.push(Rule::Wa1);
    for (place, challenge) in challenges.iter().enumerate() {
        let name =
            if challenges.len() > 1 { format!("challenge {}", place + 1) } else { "challenge".to_owned() };
        report.fact(&name, challenge.scheme());
        if challenge.token68().is_some() {
            report.fact(format!("{name} token"), "there is one");
        }
        for (parameter, value) in challenge.parameters() {
            report.fact(format!("{name} {parameter}"), value);
        }
        if let Some(meaning) = challenge.parameter("error").and_then(meaning) {
            report.fact("then", meaning);
        }
    }
}

/// What the errors of RFC 6750 §3.1, RFC 9449 and RFC 9470 ask for.
fn meaning(error: &str) -> Option<&'static str> {
    Some(match error {
        "invalid_token" => "the token has expired, was revoked, or is for another API: renew it, once",
        "insufficient_scope" => "the token may not do this: ask for the scope that is named",
        "invalid_request" => "the request is at fault, and a new token does not help",
        "insufficient_user_authentication" => "the person must log in again, or in another way",
        "use_dpop_nonce" => "repeat the request with the nonce of the answer in its proof",
        _ => return None,
    })
}
