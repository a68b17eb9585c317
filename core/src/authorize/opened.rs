//! What a signed response says, once its signature is verified: [`Opened`].

use crate::authorize::response_parameters::{PLAIN, Parameters, TOKENS};
use crate::ground::error::{Error, response_refused};
use crate::ground::rule::{Checks, Rule};
use crate::jose::claims::Claims;
use crate::jose::jws::Jws;
use crate::jose::jwt_type::JwtType;
use crate::wire::json::{Object, Value};

/// What a signed response says, its signature verified.
#[derive(Clone)]
pub(crate) struct Opened {
    pub(crate) claims: Claims,
    pub(crate) parameters: Vec<(String, String)>,
    /// The issuer whose keys verified it.
    pub(crate) verified_for: String,
    pub(crate) verified: Checks,
}

/// The claims that are parameters. Each is a string; what is unknown is ignored ([AR-15](crate::Rule::Ar15)).
pub(crate) fn parameters(payload: &[u8]) -> Result<Vec<(String, String)>, Error> {
    let mut object = Object::read(payload)?;
    let names = PLAIN.iter().chain(&TOKENS).chain(&FURTHER);
    names
        .filter_map(|name| object.take(name).map(|value| (*name, value)))
        .map(|(name, value)| match value {
            Value::Text(text) => Ok((name.to_owned(), text.into_owned())),
            _ => Err(response_refused(Rule::Ar8, "a parameter of the signed response is not a string")),
        })
        .collect()
}

/// What a signed response claims to be its `state`, nobody having verified it: enough to know what to wait for.
pub(crate) fn claimed_state(parameters: &Parameters<'_>) -> Option<String> {
    let jws = Jws::parse(parameters.get("response")?).ok()?;
    match Object::read(jws.unverified_payload(TYPE)?).ok()?.take("state")? {
        Value::Text(state) => Some(state.into_owned()),
        _ => None,
    }
}

/// The claims that are parameters of the response, beside those that make it one.
const FURTHER: [&str; 2] = ["error_description", "error_uri"];

/// JARM names no type of its own. So whatever else the server signs for this client, an access token for one, is no response
/// ([ID-24](crate::Rule::Id24)).
pub(crate) const TYPE: JwtType<'_> = JwtType::Generic;
