//! What a login was asked for, as far as its ID token is held to it: [`Asked`] ([AQ-31](crate::Rule::Aq31)).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::ground::entropy::Entropy;
use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::jose::jws::Jws;
use crate::jose::jwt_type::JwtType;
use crate::terms::parameter::require;
use crate::terms::scope::Scope;
use crate::terms::secret::{Nonce, exposed};
use crate::wire::json::{Object, Value};

/// What a login was asked for. Serialized as a part of the pending authorization; one of an earlier version has none of it, and
/// is then held to what a request without these would be.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Asked {
    /// When the login was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) begun_at: Option<UnixTime>,
    #[serde(default, with = "exposed", skip_serializing_if = "Option::is_none")]
    pub(crate) nonce: Option<Nonce>,
    /// In seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_age: Option<u64>,
    /// Whether the time of the login was asked for as essential.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) auth_time: bool,
    /// Of which one was asked for as essential.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) acr: Vec<String>,
    /// Who was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) subjects: Vec<String>,
    /// What its claims must say, because the request said so ([ID-57](crate::Rule::Id57)).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) repeated: Vec<(String, String)>,
    /// Whether the ID token that comes through the browser must have the hash of `state` ([ID-41](crate::Rule::Id41)).
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) s_hash: bool,
    /// Whether it is a renewal that is asked for: no part of the record.
    #[serde(skip)]
    pub(crate) is_renewal: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// Whether a scope asks for an ID token.
pub(crate) fn is_openid(scope: Option<&Scope>) -> bool {
    scope.is_some_and(Scope::has_openid)
}

impl Asked {
    /// A login that is begun now, with these parameters.
    pub(crate) fn now<'p>(
        entropy: &Entropy,
        now: UnixTime,
        parameter: impl Fn(&'static str) -> Option<Cow<'p, str>>,
    ) -> Result<Self, Error> {
        // It may be in the query of the authorization endpoint, which nobody has looked at.
        let parameter = |name| match parameter(name) {
            Some(value) => require(name, &value).map(|()| Some(value)),
            None => Ok(None),
        };
        let mut asked = Self {
            begun_at: Some(now),
            nonce: Some(Nonce::admit(entropy.text("nonce"))?),
            max_age: parameter("max_age")?.and_then(|age| age.parse().ok()),
            ..Self::default()
        };
        if let Some(claims) = parameter("claims")? {
            asked.hold_to(Object::read(claims.as_bytes())?);
        }
        if let Some(subject) = parameter("id_token_hint")?.and_then(|hint| subject_of(&hint)) {
            asked.require_person(subject)?;
        }
        Ok(asked)
    }

    /// A renewal, for which nothing is asked of its ID token but what the login's had.
    pub(crate) fn renewal() -> Self {
        Self { is_renewal: true, ..Self::default() }
    }

    /// Who the hint is about is asked for: where another person logs in, the server has to refuse (OpenID Connect Core §3.1.2.1).
    fn require_person(&mut self, subject: String) -> Result<(), Error> {
        if !self.subjects.is_empty() && !self.subjects.contains(&subject) {
            return Err(misuse_of(
                Rule::Aq24,
                "the id_token_hint is about another person than the claims ask for: leave one of them out",
            ));
        }
        self.subjects = vec![subject];
        Ok(())
    }

    /// Notes which claims of the ID token are essential, or of what value (OpenID Connect Core §5.5.1).
    fn hold_to(&mut self, mut claims: Object<'_>) {
        let Some(Value::Object(mut claims)) = claims.take("id_token") else { return };
        if let Some(Value::Object(mut acr)) = claims.take("acr")
            && is_essential(&acr)
        {
            self.acr = values(&mut acr);
        }
        if let Some(Value::Object(mut sub)) = claims.take("sub") {
            self.subjects = values(&mut sub);
        }
        if let Some(Value::Object(time)) = claims.take("auth_time") {
            self.auth_time = is_essential(&time);
        }
    }
}

/// Whom a hint is about; whether it is one is looked at with the whole request.
fn subject_of(hint: &str) -> Option<String> {
    let jws = Jws::parse(hint).ok()?;
    Object::read(jws.unverified_payload(JwtType::Generic)?).ok()?.take("sub")?.into_text()
}

fn is_essential(claim: &Object<'_>) -> bool {
    matches!(claim.get("essential"), Some(Value::Bool(true)))
}

/// The texts in `value` and `values`.
fn values(claim: &mut Object<'_>) -> Vec<String> {
    let one = claim.take("value");
    let several = match claim.take("values") {
        Some(Value::Array(values)) => values,
        _ => Vec::new(),
    };
    one.iter().chain(&several).filter_map(|value| value.as_text().map(str::to_owned)).collect()
}
