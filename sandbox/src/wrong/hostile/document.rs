//! Members of a JSON object: of metadata, and of a token response. Each says whether there was anything to spoil.

use serde_json::{Map, Value, json};

type Members = Map<String, Value>;

/// Rewrites a text, and says whether there was one.
fn text(members: &mut Members, name: &str, change: impl FnOnce(&str) -> String) -> bool {
    let changed = members.get(name).and_then(Value::as_str).map(change);
    changed.map(|value| members.insert(name.to_owned(), Value::from(value))).is_some()
}

/// Moves all members into an object under `body`, as some APIs answer everything.
pub(crate) fn enveloped(members: &mut Members) -> bool {
    let inner = std::mem::take(members);
    members.insert("status".to_owned(), json!(0));
    members.insert("body".to_owned(), Value::Object(inner));
    true
}

pub(crate) fn issuer_with_slash(members: &mut Members) -> bool {
    text(members, "issuer", |issuer| format!("{issuer}/"))
}

/// Another spelling of the same host: equal to a browser, and not identical.
pub(crate) fn issuer_in_capitals(members: &mut Members) -> bool {
    text(members, "issuer", str::to_uppercase)
}

pub(crate) fn issuer_with_port(members: &mut Members) -> bool {
    text(members, "issuer", |issuer| match issuer.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) =
                rest.split_once('/').map_or((rest, String::new()), |(h, p)| (h, format!("/{p}")));
            format!("{scheme}://{host}:443{path}")
        }
        None => format!("{issuer}:443"),
    })
}

pub(crate) fn token_endpoint_with_fragment(members: &mut Members) -> bool {
    text(members, "token_endpoint", |endpoint| format!("{endpoint}#here"))
}

pub(crate) fn other_token_endpoint(members: &mut Members) -> bool {
    text(members, "token_endpoint", |endpoint| format!("{endpoint}/v2"))
}

pub(crate) fn without_s256(members: &mut Members) -> bool {
    set(members, "code_challenge_methods_supported", json!(["plain"]))
}

/// The lists of authentication methods with those alone that authenticate.
pub(crate) fn without_none(members: &mut Members) -> bool {
    let mut found = false;
    for (_, list) in members.iter_mut().filter(|(name, _)| name.ends_with("_auth_methods_supported")) {
        if let Some(list) = list.as_array_mut() {
            let before = list.len();
            list.retain(|method| method != "none");
            found |= list.len() < before;
        }
    }
    found
}

fn set(members: &mut Members, name: &str, value: Value) -> bool {
    members.insert(name.to_owned(), value).is_some()
}

pub(crate) fn token_type_in_odd_case(members: &mut Members) -> bool {
    text(members, "token_type", |it| if it == "DPoP" { "dPOp".to_owned() } else { "bEARER".to_owned() })
}

pub(crate) fn scope_with_commas(members: &mut Members) -> bool {
    let several = members.get("scope").and_then(Value::as_str).is_some_and(|scope| scope.contains(' '));
    several && text(members, "scope", |scope| scope.replace(' ', ","))
}

pub(crate) fn verification_url(members: &mut Members) -> bool {
    let url = members.remove("verification_uri");
    url.map(|url| members.insert("verification_url".to_owned(), url)).is_some()
}

/// The resource without the last part of its path.
pub(crate) fn resource_above(members: &mut Members) -> bool {
    text(members, "resource", |resource| resource.rsplit_once('/').map_or("", |(above, _)| above).to_owned())
}

pub(crate) fn downgraded(members: &mut Members) -> bool {
    let bound = members.get("token_type").is_some_and(|it| it == "DPoP");
    bound && text(members, "token_type", |_| "Bearer".to_owned())
}

/// Names the issuer of all tenants.
pub(crate) fn of_tenants(members: &mut Map<String, Value>) -> bool {
    let Some(issuer) = members.get("issuer").and_then(Value::as_str) else { return false };
    let issuer = format!("{issuer}/{{tenantid}}/v2.0");
    members.insert("issuer".to_owned(), issuer.into());
    true
}
