//! What an API expects of a token that it was shown: [`Expectations`].

use std::time::Duration;

use crate::ground::error::Error;
use crate::ground::time::UnixTime;
use crate::status::active_token::ActiveToken;
use crate::status::inactive::Inactive;
use crate::terms::certificate::CertificateThumbprint;
use crate::terms::scope::Scope;

/// What an API expects of a token: whatever is named here must be in the answer and equal.
#[derive(Clone, Debug, Default)]
pub struct Expectations {
    audience: Option<String>,
    certificate: Option<CertificateThumbprint>,
    client_id: Option<String>,
    issuer: Option<String>,
    key: Option<String>,
    leeway: Duration,
    scope: Option<Scope>,
    token_type: Option<String>,
}

impl Expectations {
    /// Expects nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `aud` is this or has this among its values.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// The token is bound to this certificate (`cnf`, RFC 8705 §3.2), the one that its sender has shown.
    #[must_use]
    pub fn certificate(mut self, shown: CertificateThumbprint) -> Self {
        self.certificate = Some(shown);
        self
    }

    /// `client_id` is this.
    #[must_use]
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = Some(client_id.into());
        self
    }

    /// `iss` is this.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// The token is bound to the key with this thumbprint (`cnf`, RFC 9449 §6.2) and to nothing else: the key of the proof
    /// that its sender has shown. Unless this is expected, a bound token passes for a bearer token.
    #[must_use]
    pub fn key(mut self, thumbprint: impl Into<String>) -> Self {
        self.key = Some(thumbprint.into());
        self
    }

    /// How far the server's clock and this one may be apart when `exp` and `nbf` are compared; nothing by default.
    #[must_use]
    pub const fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// `scope` has all of these.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`](crate::Error::Misuse) ([TR-11](crate::Rule::Tr11)) for a text that is no scope.
    pub fn scope(mut self, scope: impl TryInto<Scope, Error: Into<Error>>) -> Result<Self, Error> {
        self.scope = Some(scope.try_into().map_err(Into::into)?);
        Ok(self)
    }

    /// `token_type` is this, in any case.
    #[must_use]
    pub fn token_type(mut self, token_type: impl Into<String>) -> Self {
        self.token_type = Some(token_type.into());
        self
    }

    /// Whether this is the audience that is expected.
    pub(crate) fn is_audience(&self, audience: &str) -> bool {
        self.audience.as_deref() == Some(audience)
    }

    /// Why the token is not good for this, if it is not.
    pub(crate) fn unmet(&self, token: &ActiveToken, now: UnixTime) -> Option<Inactive> {
        if token.expires_at().is_some_and(|at| at.after(self.leeway) <= now) {
            return Some(Inactive::Expired);
        }
        if token.not_before().is_some_and(|at| at > now.after(self.leeway)) {
            return Some(Inactive::NotYet);
        }
        let met = |expected: &Option<String>, is: &dyn Fn(&str) -> bool| expected.as_deref().is_none_or(is);
        let is_type = |one: &str| token.token_type().is_some_and(|other| one.eq_ignore_ascii_case(other));
        let wanted = self.scope.as_ref();
        let confirmed =
            |shown: &CertificateThumbprint| token.confirmation().is_some_and(|cnf| shown.confirms(cnf));
        [
            ("aud", met(&self.audience, &|one| token.audience().iter().any(|other| one == other))),
            ("client_id", met(&self.client_id, &|one| token.client_id() == Some(one))),
            ("cnf", self.certificate.as_ref().is_none_or(confirmed)),
            (
                "cnf",
                met(&self.key, &|one| {
                    token.confirmation().is_some_and(|cnf| cnf.is_exactly(Some(one), None))
                }),
            ),
            ("iss", met(&self.issuer, &|one| token.issuer() == Some(one))),
            ("scope", wanted.is_none_or(|one| token.scope().is_some_and(|all| one.is_within(all)))),
            ("token_type", met(&self.token_type, &is_type)),
        ]
        .into_iter()
        .find(|(_, met)| !met)
        .map(|(member, _)| Inactive::Unexpected(member))
    }
}
