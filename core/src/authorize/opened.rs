//! What a signed response says, once its signature is verified: [`Opened`].

use crate::authorize::response_parameters::{PLAIN, Parameters, TOKENS};
use crate::ground::error::{Error, malformed, response_refused};
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::rule::{Checks, Rule};
use crate::ground::text::displayable;
use crate::jose::claims::Claims;
use crate::jose::jwe::received::ReceivedJwt;
use crate::jose::jws::Jws;
use crate::jose::jwt_type::JwtType;
use crate::wire::json::Object;

/// What a signed response says, its signature verified.
#[derive(Clone)]
pub(crate) struct Opened {
    pub(crate) claims: Claims,
    pub(crate) parameters: Vec<(String, String)>,
    /// The issuer whose keys verified it.
    pub(crate) verified_for: String,
    pub(crate) verified: Checks,
    pub(crate) quirks: Quirks,
}

/// What an error about all of them begins with.
const CLAIMS: &str = "the claims of the signed response are";

/// The claims of a signed response, each once ([TR-2](crate::Rule::Tr2)), or twice with one value where that is admitted, and
/// what was let through.
pub(crate) fn claims(payload: &[u8], quirks: Quirks) -> Result<(Object<'_>, Quirks), Error> {
    let (claims, repeated) = Object::read_repeating(CLAIMS, payload)?;
    let Some(name) = repeated else { return Ok((claims, Quirks::default())) };
    quirks.require(Quirk::RepeatedClaim, || {
        let name = displayable(&name, &[]);
        malformed(Rule::Tr2, format!("the claims of the signed response have `{name}` twice"))
    })?;
    Ok((claims, Quirks::default().with(Quirk::RepeatedClaim)))
}

/// The claims that are parameters. Each is a string; what is unknown is ignored ([AR-15](crate::Rule::Ar15)).
/// One of them is the code, under the name that the server has for it.
pub(crate) fn parameters(claims: &Object<'_>, code_name: &str) -> Result<Vec<(String, String)>, Error> {
    let own_name = Some(code_name).filter(|name| *name != "code");
    let names = PLAIN.iter().chain(&TOKENS).chain(&FURTHER).copied().chain(own_name);
    names
        .filter_map(|name| claims.get(name).map(|value| (name, value)))
        .map(|(name, value)| match value.as_text() {
            Some(text) => Ok((name.to_owned(), text.to_owned())),
            None => Err(response_refused(Rule::Ar8, "a parameter of the signed response is not a string")),
        })
        .collect()
}

/// What a signed response claims to be its `state`, nobody having verified it: enough to know what to wait for.
pub(crate) fn claimed_state(parameters: &Parameters<'_>) -> Option<String> {
    state_in(Jws::parse(parameters.get("response")?).ok()?.unverified_payload(TYPE))
}

/// The same of one that was decrypted.
pub(crate) fn state_of(jwt: &ReceivedJwt) -> Option<String> {
    state_in(jwt.parts().unverified_payload(TYPE))
}

fn state_in(claims: Option<&[u8]>) -> Option<String> {
    // Whether a claim may be there twice is asked when it is opened.
    let (claims, _) = Object::read_repeating(CLAIMS, claims?).ok()?;
    claims.get("state")?.as_text().map(str::to_owned)
}

/// The claims that are parameters of the response, beside those that make it one.
const FURTHER: [&str; 2] = ["error_description", "error_uri"];

/// JARM names no type of its own. So whatever else the server signs for this client, an access token for one, is no response
/// ([ID-24](crate::Rule::Id24)).
pub(crate) const TYPE: JwtType<'_> = JwtType::Generic;
