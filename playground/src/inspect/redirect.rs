//! A URL that a browser was sent to: an authorization request, or the response to one.
//!
//! A response is read by core's own checks: an authorization is pretended that expects just this response, and what
//! was pretended is not counted.

use serde_json::json;
use valetkey_blocking::authorize::StoredAuthorization;
use valetkey_blocking::valetkey_core::Error;
use valetkey_blocking::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, Entropy, PendingAuthorization,
    Quirk, Rule, UnixTime,
};
use valetkey_playground::play::parameter;

use super::Report;

/// What only the program that began the authorization can tell.
const PRETENDED: [Rule; 8] =
    [Rule::Ar3, Rule::Ar4, Rule::Ar5, Rule::Ar10, Rule::Ar12, Rule::Ar13, Rule::Ar14, Rule::Tr17];

/// The parameters whose values are secrets.
const SECRETS: [&str; 8] = [
    "access_token",
    "client_secret",
    "code",
    "code_verifier",
    "id_token",
    "refresh_token",
    "response",
    "state",
];

pub(crate) fn of_url(url: &str, now: UnixTime) -> Report {
    let fragment = url.split_once('#').map_or("", |(_, fragment)| fragment);
    let query = url.split('#').next().and_then(|url| url.split_once('?')).map_or("", |(_, query)| query);
    let parameters: Vec<(String, String)> = [query, fragment]
        .iter()
        .flat_map(|part| form_urlencoded::parse(part.as_bytes()))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let is = |name: &str| parameters.iter().any(|(known, _)| known == name);
    let mut report = if is("response_type") || is("request_uri") {
        Report::new("an authorization request (RFC 6749 §4.1.1)")
    } else if is("code") || is("error") || is("access_token") || is("response") {
        of_response(url, &parameters, now)
    } else {
        Report::new("a URL, and nothing of OAuth's in it")
    };
    report.fact("address", url.split(['?', '#']).next().unwrap_or_default());
    for (name, value) in &parameters {
        let shown = match SECRETS.contains(&name.as_str()) {
            true => format!("<secret, {} characters>", value.chars().count()),
            false => value.clone(),
        };
        report.fact(name.as_str(), shown);
        if report.kind.starts_with("an authorization request")
            && let Some(meaning) = parameter(name)
        {
            report.note(format!("{name}: {meaning}"));
        }
    }
    report
}

fn of_response(url: &str, parameters: &[(String, String)], now: UnixTime) -> Report {
    let mut report = Report::new("an authorization response (RFC 6749 §4.1.2)");
    let state = parameters.iter().find(|(name, _)| name == "state").map(|(_, state)| state.as_str());
    let base = url.split(['?', '#']).next().unwrap_or_default();
    match pretended(base, state.unwrap_or_default(), now) {
        Err(error) => report.broken(&error),
        Ok((client, mut pending)) => {
            let read = AuthorizationResponse::from_url(url);
            let outcome = read.and_then(|response| pending.finish(&client, &response, now));
            report.kept.extend(pending.checks().iter().filter(|rule| !PRETENDED.contains(rule)));
            match outcome {
                Ok(_) => report.fact("outcome", "a code, good for one token request"),
                Err(Error::Refused(refused)) => report.refusal(&refused),
                Err(error) => report.broken(&error),
            }
        }
    }
    report.note(
        "whether state, iss and the redirect URI are the right ones (AR-3, AR-4, AR-5, AR-10), and the time (AR-13), \
         only the program that began the authorization can tell",
    );
    report
}

/// An authorization whose response arrives at this address, with this state.
fn pretended(base: &str, state: &str, now: UnixTime) -> Result<(Client, PendingAuthorization), Error> {
    let server = AuthorizationServer::new()
        .admit(Quirk::IssDiscarded)
        .authorization_endpoint("https://as.example/authorize")?
        .token_endpoint("https://as.example/token")?;
    let client = Client::new(server, "inspected");
    let (_, pending) =
        AuthorizationRequest::new(&client, base)?.begin_unbound(Entropy::from_seed([0; 32]), now)?;
    let mut record = serde_json::to_value(&pending).unwrap_or_default();
    if let Some(member) = record.get_mut("state") {
        *member = json!(state);
    }
    // A state that no server may send back is then found to be missing, or another.
    match serde_json::from_value::<StoredAuthorization>(record) {
        // The record was in no store: it is this one.
        Ok(stored) => Ok((client, stored.taken_out(true)?)),
        Err(_) => Ok((client, pending)),
    }
}
