//! Every check of a logout token but for its signature (OpenID Connect Back-Channel Logout §2.4, §2.6).
//!
//! ```text
//!  what it is     events, and no nonce                       LO-11, LO-13
//!  who says it    iss                                        ID-9, ID-55
//!  to whom        aud                                        ID-34, ID-10
//!  when           iat, exp, nbf                              LO-10, ID-12, ID-13, ID-14
//!  which one      jti                                        LO-10, and once: LO-14
//!  about whom     sub, sid                                   LO-12
//! ```

use std::time::Duration;

use crate::ground::error::{Error, malformed};
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::rule::{Checks, Rule};
use crate::ground::time::UnixTime;
use crate::jose::claims::{Claims, ClaimsCheck};
use crate::logout::held::Held;
use crate::logout::notice::LogoutNotice;
use crate::wire::json::{Object, Value};

/// The event that a logout token tells of.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// The longest `jti` and `sid`, in bytes: both are remembered.
const LONGEST: usize = 1024;

/// A moment more than the last at which a token is taken.
const A_MOMENT: Duration = Duration::from_secs(1);

/// Reads the claims of a logout token, and holds them to everything.
pub(super) fn read(
    payload: &[u8],
    held: &Held,
    key_issuer: Option<&str>,
    mut checks: Checks,
    now: UnixTime,
) -> Result<LogoutNotice, Error> {
    let server = held.client.server();
    let mut object = Object::read(payload)
        .map_err(|_| malformed(Rule::Lo9, "the claims of the logout token are not one strict JSON object"))?;
    require_event(&object)?;
    checks.pass(Rule::Lo11);
    // What has one is an ID token, or was made to be taken for one.
    if object.has("nonce") {
        return Err(malformed(Rule::Lo13, "the logout token has a nonce, as only an ID token does"));
    }
    checks.pass(Rule::Lo13);
    require_list(&object)?;
    let mut claims = Claims::registered(&mut object)?;
    let (issuer, audience) = claims.take_parties();
    checks.pass(Rule::Id25);
    checks.pass(Rule::Id34);
    let tenant = match server.has_tenants() {
        true => text(&mut object, "tid", Rule::Id55)?,
        false => None,
    };
    let issuer = issuer.ok_or_else(|| malformed(Rule::Id9, "the logout token has no iss"))?;
    let issuer = server.issuer_of(issuer, tenant.as_deref()).ok_or_else(|| match server.has_tenants() {
        false => malformed(Rule::Id9, "the iss of the logout token is not the server's issuer, to the letter"),
        true => malformed(
            Rule::Id55,
            "the tid of the logout token is not that of a tenant whose people may log in here, or not the one in its iss",
        ),
    })?;
    if key_issuer.is_some_and(|key| !server.is_key_of(key, &issuer, tenant.as_deref())) {
        return Err(malformed(
            Rule::Id55,
            "the logout token is signed by the key of another tenant than the one it names",
        ));
    }
    checks.pass(Rule::Id9);
    if server.has_tenants() {
        checks.pass(Rule::Id55);
    }
    require_audience(&audience, held)?;
    checks.pass(Rule::Id10);

    let no_iat = || malformed(Rule::Lo10, "the logout token has no iat");
    let (issued_at, expires_at) = (claims.issued_at().ok_or_else(no_iat)?, claims.expires_at());
    let mut quirks = Quirks::default();
    if expires_at.is_none() {
        let no_exp = || malformed(Rule::Lo10, "the logout token has no exp");
        server.quirks().require(Quirk::LogoutWithoutExpiry, no_exp)?;
        quirks = quirks.with(Quirk::LogoutWithoutExpiry);
    }
    let skew = server.skew();
    ClaimsCheck::at(now).leeway(skew).check(&claims)?;
    [Rule::Id13, Rule::Id14].into_iter().for_each(|rule| checks.pass(rule));
    let too_old = issued_at.after(held.oldest).after(skew);
    if now > too_old {
        return Err(malformed(
            Rule::Lo10,
            "the logout token was issued too long ago: look at the clocks of both sides",
        ));
    }
    let jti = short(&mut object, "jti", Rule::Lo10)?
        .ok_or_else(|| malformed(Rule::Lo10, "the logout token has no jti"))?;
    if expires_at.is_some() {
        [Rule::Id12, Rule::Lo10].into_iter().for_each(|rule| checks.pass(rule));
    }

    let subject = text(&mut object, "sub", Rule::Lo12)?;
    if subject.as_ref().is_some_and(|sub| sub.is_empty() || sub.len() > 255 || !sub.is_ascii()) {
        return Err(malformed(
            Rule::Lo12,
            "the sub of the logout token is not a string of 1 to 255 ASCII characters",
        ));
    }
    let session_id = short(&mut object, "sid", Rule::Lo12)?;
    match (&subject, &session_id) {
        (None, None) => {
            return Err(malformed(
                Rule::Lo12,
                "the logout token has neither sub nor sid, so that it ends nobody's login",
            ));
        }
        (Some(_), None) if held.needs_session => {
            return Err(malformed(
                Rule::Lo12,
                "the logout token has no sid, which the client is registered to be told",
            ));
        }
        _ => checks.pass(Rule::Lo12),
    }
    // It is taken neither after the one nor after the other, by a process whose clock is behind by no more than the skew.
    let last = expires_at.map_or(too_old, |expires_at| too_old.min(expires_at.after(skew)));
    let used_until = last.after(skew).after(A_MOMENT);
    let client_id = held.client.id().to_owned();
    Ok(LogoutNotice { issuer, client_id, subject, session_id, jti, issued_at, used_until, checks, quirks })
}

fn require_event(claims: &Object<'_>) -> Result<(), Error> {
    let no = |what: &'static str| Err(malformed(Rule::Lo11, what));
    match claims.get("events") {
        Some(Value::Object(events)) => match events.get(EVENT) {
            Some(Value::Object(_)) => Ok(()),
            Some(_) => no("the log-out among the events of the token is not an object"),
            None => no("the events of the logout token have no log-out among them"),
        },
        Some(_) => no("events of the logout token is not an object"),
        None => no("the logout token has no events"),
    }
}

fn require_list(claims: &Object<'_>) -> Result<(), Error> {
    let Some(Value::Array(audience)) = claims.get("aud") else { return Ok(()) };
    if audience.is_empty() || audience.iter().any(|one| one.as_text().is_none()) {
        return Err(malformed(
            Rule::Id34,
            "the aud of the logout token is a list that is empty, or has other things than strings",
        ));
    }
    Ok(())
}

fn require_audience(audience: &[String], held: &Held) -> Result<(), Error> {
    let client = &held.client;
    if !audience.iter().any(|audience| audience == client.id()) {
        return Err(malformed(Rule::Id10, "the aud of the logout token does not name this client"));
    }
    if audience.iter().any(|audience| audience != client.id() && !client.trusts(audience)) {
        return Err(malformed(
            Rule::Id10,
            "the aud of the logout token names another beside this client: if that is trusted, say so by \
             `Client::trusted_audience`",
        ));
    }
    Ok(())
}

fn text(claims: &mut Object<'_>, name: &str, rule: Rule) -> Result<Option<String>, Error> {
    match claims.take(name) {
        None => Ok(None),
        Some(Value::Text(text)) => Ok(Some(text.into_owned())),
        Some(_) => Err(malformed(rule, format!("{name} of the logout token is not a string"))),
    }
}

/// A text that is kept, so that it is not empty and has a bound.
fn short(claims: &mut Object<'_>, name: &str, rule: Rule) -> Result<Option<String>, Error> {
    let text = text(claims, name, rule)?;
    if text.as_ref().is_some_and(|text| text.is_empty() || text.len() > LONGEST) {
        return Err(malformed(rule, format!("{name} of the logout token is empty, or longer than 1 KiB")));
    }
    Ok(text)
}
