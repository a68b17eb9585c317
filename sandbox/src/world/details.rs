//! Rich authorization requests (RFC 9396): rights asked for in detail, beside the scope.
//!
//! One type is known, `rights`: `{"type":"rights","rights":["project:key:DEMO:Project.Issues.Create"]}` asks for these
//! rights, which neither the scope nor the token response's `scope` then names.

use serde_json::Value;

use crate::ground::parameters::Parameters;
use crate::ground::refusal::Refusal;
use crate::{Application, Rights};

/// The only type of authorization details.
pub(crate) const TYPE: &str = "rights";

/// More than anybody asks for at once.
const MAX_DETAILS: usize = 20;

/// The details that are asked for, of which each is of a known type and asks for nothing that the application may not.
pub(crate) fn read(parameters: &Parameters, application: &Application) -> Result<Vec<Value>, Refusal> {
    let Some(text) = parameters.get("authorization_details") else { return Ok(Vec::new()) };
    let invalid = |reason| ("invalid_authorization_details", reason);
    let details: Vec<Value> = serde_json::from_str(text)
        .ok()
        .filter(|details: &Vec<Value>| details.len() <= MAX_DETAILS)
        .ok_or(invalid("authorization_details must be an array"))?;
    for detail in &details {
        if detail.get("type").and_then(Value::as_str) != Some(TYPE) {
            return Err(invalid("Each must be an object of a known type"));
        }
        let rights = rights(detail).ok_or(invalid("rights must be an array of texts"))?;
        if rights.is_empty() || !application.requested.cover_all(&rights) {
            return Err(invalid("The application may not ask for these rights"));
        }
    }
    Ok(details)
}

/// The rights of a detail.
fn rights(detail: &Value) -> Option<Rights> {
    let rights = detail.get("rights")?.as_array()?;
    let rights: Option<Vec<&str>> = rights.iter().map(Value::as_str).collect();
    rights.map(Rights::of)
}

/// The rights of all of them.
pub(crate) fn all_rights(details: &[Value]) -> Rights {
    let all: Vec<Rights> = details.iter().filter_map(rights).collect();
    Rights::of(all.iter().flat_map(Rights::iter))
}

/// Those that somebody who has these rights can grant.
pub(crate) fn grantable(details: &[Value], has: &Rights) -> Vec<Value> {
    let can = |detail: &&Value| rights(detail).is_some_and(|rights| has.cover_all(&rights));
    details.iter().filter(can).cloned().collect()
}

/// The details of an access token: those that are asked for out of those that were granted, or all of these.
pub(crate) fn narrowed(
    granted: &[Value],
    parameters: &Parameters,
    application: &Application,
) -> Result<Vec<Value>, Refusal> {
    let asked = read(parameters, application)?;
    match asked.iter().all(|detail| granted.contains(detail)) {
        true if asked.is_empty() => Ok(granted.to_vec()),
        true => Ok(asked),
        false => Err(("invalid_authorization_details", "This was not granted")),
    }
}
