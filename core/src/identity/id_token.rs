//! Every check of an ID token but for its signature (OpenID Connect Core §3.1.3.7).
//!
//! ```text
//!  what it is     no events, not issued by its subject            ID-36, ID-38
//!  who says it    iss                                             ID-9
//!  about whom     sub                                             ID-18, and the one that was asked for
//!  to whom        aud, azp                                        ID-34, ID-10, ID-11
//!  when           exp, nbf, iat                                   ID-12, ID-14, ID-13, ID-31
//!  in answer      nonce, and what the request limited it to       ID-15, ID-58, ID-57
//!  how            auth_time, acr, amr                             ID-35, ID-17, ID-16
//!  beside what    at_hash, c_hash, s_hash                          ID-19, ID-20, ID-40, ID-41
//! ```
//!
//! The claims are read once.

use std::borrow::Cow;
use std::time::Duration;

use crate::client::Client;
use crate::ground::error::{Error, malformed};
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::rule::{Checks, Rule};
use crate::ground::time::UnixTime;
use crate::identity::answer;
use crate::identity::asked::Asked;
use crate::identity::beside::Beside;
use crate::identity::login::{Identity, Login};
use crate::identity::members::{text, texts};
use crate::jose::claims::{Claims, ClaimsCheck, date};
use crate::wire::json::{Object, Value};
use crate::wire::places::Places;

/// How long before the login was begun an ID token may say that it was issued: some servers set `iat` minutes early
/// ([ID-31](crate::Rule::Id31)).
const EARLIEST: Duration = Duration::from_secs(10 * 60);

/// What an ID token is held to.
pub(crate) struct Held<'a> {
    pub(crate) client: &'a Client,
    pub(crate) asked: Asked,
    pub(crate) beside: &'a Beside,
    /// Whose key signed it, if the key says so.
    pub(crate) key_issuer: Option<&'a str>,
    pub(crate) now: UnixTime,
}

/// Reads the claims of an ID token that is signed by this algorithm, and holds them to everything.
pub(crate) fn read(
    payload: Vec<u8>,
    algorithm: &str,
    held: Held<'_>,
    mut quirks: Quirks,
    mut checks: Checks,
) -> Result<Login, Error> {
    let Held { client, mut asked, beside, key_issuer, now } = held;
    let mut object = Object::read(&payload)
        .map_err(|_| malformed(Rule::Id33, "the claims of the ID token are not one strict JSON object"))?;
    checks.pass(Rule::Id33);
    let places = Places::of(&object, &payload);
    require_kind(&object)?;
    checks.pass(Rule::Id36);
    require_list(&object)?;
    let mut claims = Claims::registered(&mut object)?;
    let (issuer, audience) = claims.take_parties();
    checks.pass(Rule::Id25);
    checks.pass(Rule::Id34);
    // Elsewhere it may mean anything.
    let tenant = match client.server().has_tenants() {
        true => text(&mut object, "tid", Rule::Id55)?,
        false => None,
    };
    let is_bare = issuer.as_deref().is_some_and(|issuer| !issuer.contains("://"));
    let issuer = require_issuer(issuer, tenant.as_deref(), client)?;
    if key_issuer.is_some_and(|key| !client.server().is_key_of(key, &issuer, tenant.as_deref())) {
        return Err(malformed(
            Rule::Id55,
            "the ID token is signed by the key of another tenant than the one it names",
        ));
    }
    checks.pass(Rule::Id9);
    if client.server().has_tenants() {
        checks.pass(Rule::Id55);
        quirks = quirks.with(Quirk::TenantOfIssuer);
    } else if is_bare {
        quirks = quirks.with(Quirk::IssuerWithoutScheme);
    }
    let subject = subject(&mut object)?;
    if subject == issuer || object.has("sub_jwk") {
        return Err(malformed(Rule::Id38, "the ID token was issued by its own subject"));
    }
    checks.pass(Rule::Id18);
    checks.pass(Rule::Id38);
    if !asked.subjects.is_empty() && !asked.subjects.contains(&subject) {
        return Err(malformed(
            Rule::Aq24,
            "the ID token is about another person than the one that was asked for",
        ));
    }
    require_audience(&audience, client)?;
    checks.pass(Rule::Id10);
    let authorized_party = text(&mut object, "azp", Rule::Id11)?;
    if authorized_party.as_deref().is_some_and(|party| party != client.id()) {
        return Err(malformed(Rule::Id11, "the azp of the ID token is another client"));
    }
    checks.pass(Rule::Id11);

    let skew = client.server().skew();
    ClaimsCheck::at(now).leeway(skew).expires().check(&claims)?;
    let (Some(expires_at), Some(issued_at)) = (claims.expires_at(), claims.issued_at()) else {
        return Err(malformed(Rule::Id13, "the ID token has no iat"));
    };
    [Rule::Id12, Rule::Id13, Rule::Id14].into_iter().for_each(|rule| checks.pass(rule));
    if let Some(begun) = asked.begun_at {
        if issued_at < begun.before(EARLIEST) {
            return Err(malformed(
                Rule::Id31,
                "the ID token was issued long before it was asked for: look at the clocks of both sides",
            ));
        }
        checks.pass(Rule::Id31);
    }
    let (was_sent, is_front) = (asked.nonce.is_some(), beside.state.is_some());
    let nonce = answer::require_nonce(&mut object, &mut asked, is_front, client.server().quirks())?;
    if was_sent && nonce.is_none() {
        quirks = quirks.with(Quirk::NoNonce);
    } else {
        checks.pass(Rule::Id15);
    }
    answer::require_repeated(&object, &asked)?;
    if !asked.repeated.is_empty() {
        checks.pass(Rule::Id57);
    }
    if client.server().quirks().contains(Quirk::BooleanAsText) && answer::has_flag_as_text(&object) {
        quirks = quirks.with(Quirk::BooleanAsText);
    }

    let auth_time = date(&mut object, "auth_time")?;
    if auth_time.is_some_and(|time| time > now.after(skew)) {
        return Err(malformed(Rule::Id35, "the auth_time of the ID token is in the future"));
    }
    let (acr, session_id) = (text(&mut object, "acr", Rule::Id35)?, text(&mut object, "sid", Rule::Id35)?);
    let amr = texts(&mut object, "amr")?;
    checks.pass(Rule::Id35);
    require_age(auth_time, &asked, skew, now)?;
    checks.pass(Rule::Id17);
    if !asked.acr.is_empty() && !acr.as_ref().is_some_and(|acr| asked.acr.iter().any(|asked| asked == acr)) {
        return Err(malformed(
            Rule::Id16,
            "the acr of the ID token is not one that was asked for as essential: the person did not log in as well as the \
             program needs",
        ));
    }
    checks.pass(Rule::Id16);
    beside.require(&mut object, algorithm, &asked, &mut checks)?;
    let [authorized_party, acr, session_id] =
        [authorized_party, acr, session_id].map(|text| text.map(Cow::into_owned));
    drop(object);
    Ok(Login {
        identity: Identity { issuer, subject },
        audience,
        authorized_party,
        issued_at,
        expires_at,
        auth_time,
        acr,
        amr,
        session_id,
        nonce,
        payload,
        places,
        admitted: client.server().quirks(),
        quirks,
        checks,
    })
}

/// Another kind of JWT that the same server signs with the same keys is not an ID token.
fn require_kind(claims: &Object<'_>) -> Result<(), Error> {
    if claims.has("events") {
        return Err(malformed(
            Rule::Id36,
            "the ID token has events: it is a logout token, or another that tells of events",
        ));
    }
    Ok(())
}

fn require_list(claims: &Object<'_>) -> Result<(), Error> {
    let Some(Value::Array(audience)) = claims.get("aud") else { return Ok(()) };
    if audience.is_empty() || audience.iter().any(|one| one.as_text().is_none()) {
        return Err(malformed(
            Rule::Id34,
            "the aud of the ID token is a list that is empty, or has other things than strings",
        ));
    }
    Ok(())
}

fn require_issuer(issuer: Option<String>, tenant: Option<&str>, client: &Client) -> Result<String, Error> {
    let issuer = issuer.ok_or_else(|| malformed(Rule::Id9, "the ID token has no iss"))?;
    if issuer.starts_with("https://self-issued.me") {
        return Err(malformed(Rule::Id38, "the ID token was issued by its own subject"));
    }
    let server = client.server();
    server.issuer_of(issuer, tenant).ok_or_else(|| match server.has_tenants() {
        false => malformed(Rule::Id9, "the iss of the ID token is not the server's issuer, to the letter"),
        true => malformed(
            Rule::Id55,
            "the tid of the ID token is not that of a tenant whose people may log in here, or not the one in its iss: admit it by \
             `AuthorizationServer::tenants`",
        ),
    })
}

fn subject(claims: &mut Object<'_>) -> Result<String, Error> {
    match claims.take("sub") {
        Some(Value::Text(subject)) if (1..=255).contains(&subject.len()) && subject.is_ascii() => {
            Ok(subject.into_owned())
        }
        Some(_) => {
            Err(malformed(Rule::Id18, "the sub of the ID token is not a string of 1 to 255 ASCII characters"))
        }
        None => Err(malformed(Rule::Id18, "the ID token has no sub")),
    }
}

fn require_audience(audience: &[String], client: &Client) -> Result<(), Error> {
    if !audience.iter().any(|audience| audience == client.id()) {
        return Err(malformed(Rule::Id10, "the aud of the ID token does not name this client"));
    }
    if audience.iter().any(|audience| audience != client.id() && !client.trusts(audience)) {
        return Err(malformed(
            Rule::Id10,
            "the aud of the ID token names another beside this client: if it may be shown there too, say so by \
             `Client::trusted_audience`",
        ));
    }
    Ok(())
}

fn require_age(
    auth_time: Option<UnixTime>,
    asked: &Asked,
    skew: Duration,
    now: UnixTime,
) -> Result<(), Error> {
    let Some(max_age) = asked.max_age else {
        return match auth_time {
            None if asked.auth_time => {
                Err(malformed(Rule::Id17, "the ID token has no auth_time, and it was asked for as essential"))
            }
            _ => Ok(()),
        };
    };
    let Some(time) = auth_time else {
        return Err(malformed(Rule::Id17, "the ID token has no auth_time, and max_age was asked for"));
    };
    // An age of 0 asks for a new login: one that came after the request was begun (AQ-19).
    let (rule, oldest) = match (max_age, asked.begun_at) {
        (0, Some(begun)) => (Rule::Aq19, begun),
        (age, _) => (Rule::Id17, now.before(Duration::from_secs(age))),
    };
    if time.after(skew) < oldest {
        return Err(malformed(
            rule,
            "the person logged in longer ago than max_age allows: ask for a new login by `Prompt::Login`",
        ));
    }
    Ok(())
}
