//! UserInfo that leaves claims to another source (OpenID Connect Core §5.6.2). It is no breach: what a client makes of it is its
//! own affair.

use serde_json::{Map, Value, json};

use crate::SigningAlgorithm;
use crate::ground::keys::{Claims, SigningKeys};

/// The issuer of the source's claims.
pub(crate) const ISSUER: &str = "https://claims.example";

/// Where the source gives them.
pub(crate) const PATH: &str = "/oauth/claims";

/// What they are given by: this, and the subject after it.
pub(crate) const TOKEN: &str = "claims-of-";

/// The claims that it has.
const CLAIMS: [&str; 2] = ["email", "email_verified"];

/// A JWT of the source, which signs with the server's key of P-256.
pub(crate) fn signed(claims: &Claims, keys: &SigningKeys) -> String {
    let mut claims = claims.clone();
    claims.insert("iss".to_owned(), Value::from(ISSUER));
    keys.by(SigningAlgorithm::Es256).sign("JWT", &claims)
}

pub(crate) fn aggregated(members: &mut Map<String, Value>, keys: &SigningKeys) -> bool {
    let claims: Claims = CLAIMS.iter().filter_map(|name| members.remove_entry(*name)).collect();
    let jwt = signed(&claims, keys);
    left_to(members, json!({ "JWT": jwt }))
}

pub(crate) fn distributed(members: &mut Map<String, Value>) -> bool {
    let token = format!("{TOKEN}{}", members.get("sub").and_then(Value::as_str).unwrap_or_default());
    CLAIMS.iter().for_each(|name| drop(members.remove(*name)));
    left_to(members, json!({ "endpoint": format!("{ISSUER}{PATH}"), "access_token": token }))
}

fn left_to(members: &mut Map<String, Value>, source: Value) -> bool {
    let names: Map<String, Value> = CLAIMS.iter().map(|name| ((*name).to_owned(), json!("source"))).collect();
    members.insert("_claim_names".to_owned(), Value::from(names));
    members.insert("_claim_sources".to_owned(), json!({ "source": source }));
    true
}
