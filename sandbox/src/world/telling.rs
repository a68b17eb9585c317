//! What an application that asks who somebody is gets told (OpenID Connect Core §3.1.2.1, §5.4, §5.5): [`Telling`].

use serde_json::{Map, Value};

use crate::Rights;
use crate::ground::parameters::Parameters;
use crate::ground::refusal::Refusal;

/// What asks who somebody is.
const OPENID: &str = "openid";

/// The scopes of OpenID that are granted here: everybody may say who they are, whatever their rights.
pub(crate) const SCOPES: [&str; 3] = [OPENID, "profile", "email"];

/// What an authorization request wants to be told beside its scope. Of a device, which sends none of it, it is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Telling {
    pub(crate) nonce: Option<String>,
    /// Whether the request named ways to log in.
    pub(crate) tells_acr: bool,
    /// The `claims` parameter, by where they are wanted.
    id_token: Map<String, Value>,
    userinfo: Map<String, Value>,
}

impl Telling {
    pub(crate) fn read(parameters: &Parameters) -> Result<Self, Refusal> {
        let mut telling = Self {
            nonce: parameters.get("nonce").map(str::to_owned),
            tells_acr: parameters.get("acr_values").is_some(),
            ..Self::default()
        };
        let Some(claims) = parameters.get("claims") else { return Ok(telling) };
        let malformed = ("invalid_request", "claims is malformed");
        let Ok(Value::Object(mut claims)) = serde_json::from_str(claims) else { return Err(malformed) };
        for (place, wanted) in [("id_token", &mut telling.id_token), ("userinfo", &mut telling.userinfo)] {
            match claims.remove(place) {
                None | Some(Value::Null) => {}
                Some(Value::Object(members)) => *wanted = members,
                Some(_) => return Err(malformed),
            }
        }
        Ok(telling)
    }

    /// The ways to log in, one of which the ID token must name.
    pub(crate) fn acr_values(&self) -> Option<String> {
        let acr = self.id_token.get("acr")?;
        let several = acr.get("values").and_then(Value::as_array).into_iter().flatten();
        let values: Vec<&str> =
            acr.get("value").into_iter().chain(several).filter_map(Value::as_str).collect();
        (!values.is_empty()).then(|| values.join(" "))
    }

    /// Whether it is about this subject, or about anybody.
    pub(crate) fn admits(&self, subject: &str) -> bool {
        let wanted =
            [&self.id_token, &self.userinfo].into_iter().filter_map(|it| it.get("sub")?.get("value"));
        wanted.into_iter().all(|wanted| wanted == subject)
    }

    /// Whether the ID token shall have a claim, whatever the scope.
    pub(crate) fn wants_in_id_token(&self, claim: &str) -> bool {
        self.id_token.contains_key(claim)
    }

    /// Whether UserInfo shall have a claim, whatever the scope.
    pub(crate) fn wants_in_userinfo(&self, claim: &str) -> bool {
        self.userinfo.contains_key(claim)
    }
}

/// Whether a scope asks who somebody is. `**` does not: that is about rights.
pub(crate) fn asks_who(scope: &Rights) -> bool {
    scope.iter().any(|token| token == OPENID)
}

/// What a person grants of what is asked for: the rights that they have, and that they may be named.
pub(crate) fn granted(asked: &Rights, rights: &Rights) -> Rights {
    let both = asked.intersect(rights);
    Rights::of(both.iter().chain(asked.iter().filter(|token| SCOPES.contains(token))))
}
