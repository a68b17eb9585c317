//! What core makes of an answer, as lines that people read.

use valetkey_core::error::{Checks, Refused};
use valetkey_core::{Error, RefreshToken, Response, Scope, TokenResponse, UnixTime};

use super::Setup;
use super::step::{Fact, Reading};

pub(crate) fn of_tokens(tokens: &TokenResponse, setup: &Setup) -> Reading {
    let mut facts = lines(tokens, tokens.scope());
    if let (Ok(Some(asked)), Some(granted)) = (setup.scope(), tokens.scope()) {
        let beyond: Vec<&str> = granted.beyond(&asked).collect();
        if !beyond.is_empty() {
            facts.push(Fact::new("beyond what was asked for", beyond.join(" ")));
        }
    }
    Reading { checks: tokens.checks(), error: None, quirks: tokens.quirks(), facts }
}

/// The members of a token response, as core read them.
pub(crate) fn lines(tokens: &TokenResponse, scope: Option<&Scope>) -> Vec<Fact> {
    let lifetime = tokens.expires_in().map_or("not said".to_owned(), |time| format!("{} s", time.as_secs()));
    let mut facts = vec![
        Fact::new("token type", format!("{:?}", tokens.token_type())),
        Fact::new("lifetime", lifetime),
        Fact::new("scope", scope.map_or("not known", Scope::as_str)),
        Fact::new("refresh token", if tokens.refresh_token().is_some() { "yes" } else { "none" }),
    ];
    facts.extend(tokens.subject().map(|subject| Fact::new("on behalf of", subject.to_string())));
    facts
}

/// The tokens of a renewal, and what became of the refresh token.
pub(crate) fn of_renewal(
    tokens: &TokenResponse,
    checks: Checks,
    scope: Option<&Scope>,
    before: Option<&RefreshToken>,
) -> Reading {
    let rotated = match (before, tokens.refresh_token()) {
        (_, None) => "none came, so the one that was used stays (TR-13)",
        (Some(before), Some(new)) if before == new => "the same came again",
        (Some(_), Some(_)) => "a new one came, and the one that was used is thrown away (TR-13)",
        (None, Some(_)) => "a new one came",
    };
    let mut facts = lines(tokens, scope);
    if before.is_some() {
        facts.push(Fact::new("rotation", rotated));
    }
    Reading { checks, error: None, quirks: tokens.quirks(), facts }
}

/// An API's answer is an answer, whatever its status; a refusal is read as one.
pub(crate) fn of_api(response: &Response, now: UnixTime) -> Reading {
    let mut facts = vec![Fact::new("status", response.status().as_u16().to_string())];
    facts.extend(author(response.body()).map(|name| Fact::new("author", name)));
    if response.status().is_redirection() {
        facts.push(Fact::new("redirect", "not followed: the token goes to its own API only (HT-1, WA-5)"));
    } else if !response.status().is_success() {
        facts.extend(Refused::parse(response, now).iter().flat_map(refusal));
    }
    Reading { facts, ..Reading::default() }
}

/// Whom Space's API names as the author of what was made: the application, or the user on whose behalf it acts.
fn author(body: &[u8]) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    let named = |member: &str| body.get(member)?.get("name")?.as_str().map(str::to_owned);
    named("author").or_else(|| named("createdBy"))
}

pub(crate) fn of_error(checks: Checks, error: Error) -> Reading {
    let facts = error.refused().map(refusal).unwrap_or_default();
    Reading { checks, facts, error: Some(error), ..Reading::default() }
}

/// What a 401 means to a session that can do something about it.
pub(crate) fn repeated() -> Fact {
    Fact::new("then", "the credential is thrown away, renewed, and the request repeated once (WA-3)")
}

fn refusal(refused: &Refused) -> Vec<Fact> {
    let mut facts = Vec::new();
    facts.extend(refused.code().map(|code| Fact::new("error", code.as_str())));
    facts.extend(refused.description().map(|text| Fact::new("description", text)));
    facts.extend(refused.uri().map(|uri| Fact::new("page", uri)));
    facts.extend(refused.excerpt().map(|text| Fact::new("excerpt", text)));
    facts.extend(refused.retry_after().map(|time| Fact::new("retry after", format!("{} s", time.as_secs()))));
    facts.extend(
        refused.challenges().iter().map(|challenge| Fact::new("challenge", format!("{challenge:?}"))),
    );
    facts
}
