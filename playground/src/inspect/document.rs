//! A JSON document of an authorization server: which one it is, its members tell.

use serde_json::Value;
use valetkey_blocking::error::Refused;
use valetkey_blocking::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use valetkey_blocking::http::{HeaderValue, StatusCode};
use valetkey_blocking::server::{Endpoint, Metadata};
use valetkey_blocking::status::{ActiveToken, Expectations, Inactive, Introspected};
use valetkey_blocking::valetkey_core::Error;
use valetkey_blocking::{
    AuthorizationServer, Discovery, Quirk, Quirks, Response, Rule, TokenResponse, UnixTime,
};

use super::{Report, challenge, token};

/// A body alone: the status and the headers that belong to it are presumed.
pub(crate) fn of_json(body: &[u8], now: UnixTime) -> Report {
    let mut response = Response::new(body.to_vec());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if has(body, "error") {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    let mut report = of_answer(response, now);
    report.kept.retain(|rule| ![Rule::Tr1, Rule::Tr3, Rule::Tr19].contains(rule));
    report.note("a body alone: its status and headers were not seen, and are presumed to be right");
    report
}

/// An answer whose body is a JSON object.
pub(crate) fn of_answer(response: Response, now: UnixTime) -> Report {
    let headers = response.headers().clone();
    let is = |name| has(response.body(), name);
    let mut report = if is("error") {
        of_refusal(&response, now)
    } else if is("access_token") {
        of_tokens(&response, now)
    } else if is("active") {
        of_introspection(response, now)
    } else if is("issuer") {
        of_metadata(&response, now)
    } else if serde_json::from_slice::<Value>(response.body()).is_ok() {
        Report::new("a JSON document, and none of OAuth's that is known here")
    } else {
        Report::new("not valid JSON, though it begins like it")
    };
    challenge::of_headers(&headers, &mut report);
    report
}

fn has(body: &[u8], member: &str) -> bool {
    serde_json::from_slice::<Value>(body).is_ok_and(|value| value.get(member).is_some())
}

fn of_refusal(response: &Response, now: UnixTime) -> Report {
    let mut report = Report::new("a refusal (RFC 6749 §5.2)");
    match Refused::parse(response, now) {
        Ok(refused) => {
            if refused.code().is_some() {
                report.kept.extend([Rule::Er1, Rule::Er3, Rule::Er4]);
            } else {
                report.kept.extend([Rule::Er3, Rule::Er6]);
                report.note(
                    "`error` is no code that OAuth allows (ER-1): the status decides, and the words are told",
                );
            }
            report.refusal(&refused);
        }
        Err(error) => report.broken(&error),
    }
    report
}

/// Every departure that has a name is admitted, to see what else there is; those that occurred are told.
fn lenient() -> Quirks {
    Quirk::ALL.iter().fold(Quirks::STRICT, |quirks, quirk| quirks.with(*quirk))
}

/// Strictly, and if that fails, with every quirk.
fn twice<T>(
    report: &mut Report,
    quirks: impl Fn(&T) -> Quirks,
    read: impl Fn(Quirks) -> Result<T, Error>,
) -> Option<T> {
    match read(Quirks::STRICT) {
        Ok(value) => Some(value),
        Err(error) => {
            report.broken(&error);
            let value = read(lenient()).ok()?;
            report.quirks(quirks(&value));
            Some(value)
        }
    }
}

fn of_tokens(response: &Response, now: UnixTime) -> Report {
    let mut report = Report::new("a token response (RFC 6749 §5.1)");
    let read =
        |quirks| TokenResponse::parse(response.clone(), now, &AuthorizationServer::new().admit_all(quirks));
    let Some(tokens) = twice(&mut report, TokenResponse::quirks, read) else { return report };
    report.kept(tokens.checks());
    report.fact("token type", format!("{:?}", tokens.token_type()));
    report.fact("lifetime", tokens.expires_in().map_or(Value::Null, |time| time.as_secs().into()));
    report.fact("scope", tokens.scope().map_or(Value::Null, |scope| scope.as_str().into()));
    report.fact("refresh token", tokens.refresh_token().is_some());
    report.fact("ID token", tokens.id_token().is_some());
    for (name, jwt) in [
        ("access token", Some(tokens.access_token().expose())),
        ("ID token", tokens.id_token().map(valetkey_blocking::terms::IdToken::expose)),
    ] {
        if let Some(jwt) = jwt.filter(|jwt| jwt.starts_with("ey") && jwt.matches('.').count() == 2) {
            for (claim, value) in token::of_jwt(jwt, now).facts {
                report.fact(format!("{name}: {claim}"), value);
            }
        }
    }
    report
}

fn of_introspection(response: Response, now: UnixTime) -> Report {
    let mut report = Report::new("an introspection answer (RFC 7662 §2.2)");
    match Introspected::parse(response, &Expectations::new(), &AuthorizationServer::new(), now) {
        Ok(introspected) => {
            report.kept.push(Rule::In1);
            introspection(&introspected, now, &mut report);
        }
        Err(error) => report.broken(&error),
    }
    report
}

/// What a server says of a token.
pub(crate) fn introspection(introspected: &Introspected, now: UnixTime, report: &mut Report) {
    match introspected {
        Introspected::Active(token) => {
            report.fact("active", true);
            active(token, now, report);
        }
        Introspected::Inactive(reason) => {
            report.fact("active", false);
            report.fact(
                "because",
                match reason {
                    Inactive::Told => "the server says so",
                    Inactive::Expired => "the server says it is active, and it has expired",
                    Inactive::NotYet => "the server says it is active, and it is not good yet",
                    _ => "it is for something else",
                },
            );
        }
        _ => {}
    }
}

fn active(token: &ActiveToken, now: UnixTime, report: &mut Report) {
    let texts = [
        ("issuer", token.issuer()),
        ("subject", token.subject()),
        ("username", token.username()),
        ("client", token.client_id()),
        ("token type", token.token_type()),
        ("scope", token.scope().map(valetkey_blocking::Scope::as_str)),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            report.fact(name, text);
        }
    }
    if !token.audience().is_empty() {
        report.fact("audience", token.audience().join(" "));
    }
    let moments =
        [("expires", token.expires_at()), ("issued", token.issued_at()), ("not before", token.not_before())];
    for (name, at) in moments {
        if let Some(at) = at {
            report.moment(name, at, now);
        }
    }
    if let Some(confirmation) = token.confirmation() {
        let key = [
            ("a DPoP key", confirmation.jkt().is_some()),
            ("a certificate", confirmation.x5t_s256().is_some()),
            ("something that is not known here", confirmation.is_unknown()),
        ];
        let keys: Vec<&str> = key.iter().filter(|(_, is_there)| *is_there).map(|(name, _)| *name).collect();
        report.fact("bound to", keys.join(" and "));
    }
}

fn of_metadata(response: &Response, now: UnixTime) -> Report {
    let mut report = Report::new("an authorization server's metadata (RFC 8414 §2)");
    let issuer = serde_json::from_slice::<Value>(response.body()).ok();
    let issuer = issuer.as_ref().and_then(|document| document.get("issuer")?.as_str()).unwrap_or_default();
    let on_loopback = Quirks::STRICT.with(Quirk::LoopbackHttp);
    let usual = if issuer.starts_with("http://") { on_loopback } else { Quirks::STRICT };
    let read = |quirks| {
        let quirks = if quirks == Quirks::STRICT { usual } else { quirks };
        Discovery::new(issuer)?.admit_all(quirks).parse(response.clone(), now)
    };
    let Some(metadata) = twice(&mut report, Metadata::quirks, read) else { return report };
    if report.broken.is_none() {
        report.kept.extend([Rule::Di3, Rule::Di6]);
        if metadata.unusable_endpoints().is_empty() {
            report.kept.push(Rule::Di5);
        }
    }
    let server = metadata.server();
    report.fact("issuer", issuer);
    for endpoint in Endpoint::ALL {
        if let Some(url) = server.url_of(*endpoint) {
            report.fact(endpoint.name(), url);
        }
    }
    for list in
        ["grant_types_supported", "code_challenge_methods_supported", "token_endpoint_auth_methods_supported"]
    {
        if let Some(values) = server.listed(list) {
            report.fact(list, values.join(" "));
        }
    }
    for endpoint in metadata.unusable_endpoints() {
        report.note(format!("the address of {} cannot be used: using it is refused (DI-5)", endpoint.name()));
    }
    for endpoint in metadata.foreign_endpoints() {
        report.note(format!("{} is on another origin than the issuer (DI-7)", endpoint.name()));
    }
    report.note("whether the issuer is the one that was asked (DI-4), only who asked can tell");
    report
}
