//! A token: the claims of one that is a JWT, and what can be said of any other.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use valetkey_blocking::jose::{Claims, Jws};
use valetkey_blocking::{AccessToken, Rule, UnixTime};
use valetkey_playground::play;

use super::Report;

/// The claims that are moments.
const MOMENTS: [&str; 4] = ["exp", "iat", "nbf", "auth_time"];

pub(crate) fn of_text(text: &str, now: UnixTime) -> Report {
    let token = text.strip_prefix("Authorization:").unwrap_or(text).trim();
    let token =
        ["Bearer ", "DPoP "].iter().find_map(|scheme| token.strip_prefix(scheme)).unwrap_or(token).trim();
    match token.bytes().filter(|byte| *byte == b'.').count() {
        2 if token.starts_with("ey") => of_jwt(token, now),
        4 if token.starts_with("ey") => {
            let mut report = Report::new("an encrypted JWT (RFC 7516)");
            report.note("only whom it is encrypted for can read it");
            report
        }
        _ => opaque(token),
    }
}

fn opaque(token: &str) -> Report {
    let mut report = Report::new("a token, opaque to everybody but its server");
    report.fact("length", token.len());
    match AccessToken::new(token) {
        Ok(_) => report.kept.push(Rule::Tr5),
        Err(error) => report.broken(&error),
    }
    report.note("--introspect asks its server what it is worth");
    report
}

pub(crate) fn of_jwt(token: &str, now: UnixTime) -> Report {
    let mut report = Report::new("a signed JWT (RFC 7519), its signature not verified");
    match Jws::parse(token) {
        Ok(_) => report.kept.extend([Rule::Id1, Rule::Id2, Rule::Id3]),
        Err(error) => report.broken(&error),
    }
    facts(token, now, &mut report);
    if report.broken.is_none() {
        judge(token, now, &mut report);
    }
    report.note("the claims were decoded here and sent nowhere; whether they are true, the signature tells");
    report.note(
        "whether iss, aud and typ are the right ones (ID-9, ID-10, ID-24), only who expects the token can tell: \
         `--issuer URL --client-id ID` verifies an ID token",
    );
    report
}

/// What is in its header and in its claims.
pub(super) fn facts(token: &str, now: UnixTime, report: &mut Report) {
    if let Some((header, claims)) = play::claims(token) {
        for (name, value) in header {
            report.fact(format!("header {name}"), value);
        }
        for (name, value) in claims {
            match value.as_f64().filter(|at| MOMENTS.contains(&name.as_str()) && *at >= 0.0) {
                Some(at) => report.moment(&name, UnixTime::from_millis((at * 1000.0) as u64), now),
                None => report.fact(name, value),
            }
        }
    }
}

/// The registered claims, read as core reads those of a verified JWT.
fn judge(token: &str, now: UnixTime, report: &mut Report) {
    let payload =
        token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok()).unwrap_or_default();
    match Claims::read(payload) {
        Ok(claims) => {
            report.kept.push(Rule::Id25);
            if claims.expires_at().is_some_and(|at| at <= now) {
                report.note("it has expired");
            }
            if claims.not_before().is_some_and(|at| at > now) {
                report.note("it is not good yet");
            }
        }
        Err(error) => report.broken(&error),
    }
}
