//! When a token is good and not good enough: [`StepUp`] and [`StepUps`] (RFC 9470, and RFC 6750 §3.1 for scopes).
//!
//! ```text
//!  program                browser        authorization server             API
//!     ├── GET /orders, token ────────────────────────────────────────────▶│
//!     │◀─ 401 Bearer error="insufficient_user_authentication", max_age=5 ─┤
//!     │ StepUps::next, StepUp::authorization                              │
//!     ├── authorize?…max_age=5 ──▶├──────────▶│  the person logs in anew  │
//!     ├── token: code ───────────────────────▶│                           │
//!     ├── GET /orders, the new token ────────────────────────────────────▶│
//! ```
//!
//! No renewal helps here: a person must come, and what the API asked for becomes the next authorization request. An API
//! that asks for the same again has not been satisfied by it, and is not asked a third time.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, StatusCode};

use crate::authorize::request::AuthorizationRequest;
use crate::ground::challenge::Challenge;
use crate::ground::error::{Error, malformed};
use crate::ground::flow::Response;
use crate::ground::refused::Refused;
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::ground::{short, text};
use crate::terms::scope::Scope;

/// The most step-ups in a row, whatever an API asks for.
const MOST: usize = 3;
/// The most `acr_values` of one challenge.
const MAX_VALUES: usize = 32;

/// What an API asks for beyond the token it was shown.
#[derive(Clone, PartialEq, Eq)]
pub struct StepUp {
    acr_values: Vec<String>,
    max_age: Option<Duration>,
    scope: Option<Scope>,
}

impl StepUp {
    /// Reads an API's answer: a 401 with `insufficient_user_authentication` or a 403 with `insufficient_scope`, in the
    /// challenge for DPoP if there is one, or else for Bearer. `None` if it asks for nothing that an authorization could
    /// give, by such an error without any parameter for example.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] ([WA-1](crate::Rule::Wa1)) if the challenges depart from their grammar;
    /// ([WA-4](crate::Rule::Wa4)) if `max_age` is no whole number of seconds, `scope` no list of scope tokens, or
    /// `acr_values` no list of up to 32 printable words.
    pub fn parse(response: &Response) -> Result<Option<Self>, Error> {
        if !matches!(response.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Ok(None);
        }
        let challenges = Challenge::parse(response.headers())?;
        let asking = |scheme: &str| {
            challenges.iter().find(|challenge| {
                challenge.is(scheme)
                    && challenge.parameter("error").is_some_and(|error| PERSON_NEEDED.contains(&error))
            })
        };
        let Some(challenge) = asking("DPoP").or_else(|| asking("Bearer")) else { return Ok(None) };
        let step = Self {
            acr_values: challenge.parameter("acr_values").map_or(Ok(Vec::new()), acr_values)?,
            max_age: challenge.parameter("max_age").map(max_age).transpose()?,
            scope: challenge.parameter("scope").map(scope).transpose()?,
        };
        let asks = step.scope.is_some() || step.max_age.is_some() || !step.acr_values.is_empty();
        Ok(asks.then_some(step))
    }

    /// The authentication contexts that would do, the first the most welcome.
    #[must_use]
    pub fn acr_values(&self) -> &[String] {
        &self.acr_values
    }

    /// How old the person's login may be.
    #[must_use]
    pub const fn max_age(&self) -> Option<Duration> {
        self.max_age
    }

    /// The scope that would do.
    #[must_use]
    pub const fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }

    /// The authorization request that asks for this too: its scope is joined with the request's own and with what the
    /// session holds, so that no right is lost for the one that is won.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([TR-11](crate::Rule::Tr11)) if that is more than a scope may hold.
    pub fn authorization(
        &self,
        mut request: AuthorizationRequest,
        held: Option<&Scope>,
    ) -> Result<AuthorizationRequest, Error> {
        let asked = request.front.scope.clone();
        let scopes: Vec<&Scope> = [held, asked.as_ref(), self.scope.as_ref()].into_iter().flatten().collect();
        if !scopes.is_empty() {
            request = request.scope(Scope::new(scopes.into_iter().flat_map(Scope::iter))?)?;
        }
        if let Some(age) = self.max_age {
            request = request.max_age(age);
        }
        if !self.acr_values.is_empty() {
            request = request.acr_values(&self.acr_values)?;
        }
        Ok(request)
    }
}

impl fmt::Debug for StepUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepUp")
            .field("acr_values", &short::list(&self.acr_values))
            .field("max_age", &self.max_age)
            .field("scope", &self.scope)
            .finish()
    }
}

/// The step-ups of one conversation with an API, counted, so that it ends ([WA-3](crate::Rule::Wa3)).
#[derive(Clone, Debug, Default)]
pub struct StepUps {
    asked: Vec<StepUp>,
}

impl StepUps {
    /// None so far.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What the API's answer asks for; `None` if for nothing, which begins the count anew.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`], with the API's own words, if it asks for what it has asked for before, or for the fourth time
    /// in a row; [`Error::Malformed`], as [`StepUp::parse`] says.
    pub fn next(&mut self, response: &Response, now: UnixTime) -> Result<Option<StepUp>, Error> {
        let Some(step) = StepUp::parse(response)? else {
            self.asked.clear();
            return Ok(None);
        };
        if self.asked.contains(&step) || self.asked.len() == MOST {
            return Err(Error::Refused(Box::new(Refused::parse(response, now)?)));
        }
        self.asked.push(step.clone());
        Ok(Some(step))
    }
}

/// The errors that only another authorization mends.
const PERSON_NEEDED: [&str; 2] = ["insufficient_scope", "insufficient_user_authentication"];

/// The errors that are in the request, whatever its token.
const REQUEST_WRONG: [&str; 3] = ["invalid_request", "invalid_dpop_proof", "use_dpop_nonce"];

/// Whether a new token of the same authorization could change a 401: not where a person is needed, or the request itself is
/// wrong ([WA-3](crate::Rule::Wa3)). Where there are challenges for both kinds of token, one for DPoP is meant for a bound
/// one ([DP-10](crate::Rule::Dp10)).
pub(crate) fn renewal_may_help(headers: &HeaderMap, is_bound: bool) -> bool {
    let challenges = Challenge::parse(headers).unwrap_or_default();
    let for_proofs = is_bound && challenges.iter().any(|challenge| challenge.is("DPoP"));
    !challenges.iter().any(|challenge| {
        (challenge.is("DPoP") || (challenge.is("Bearer") && !for_proofs))
            && challenge
                .parameter("error")
                .is_some_and(|error| PERSON_NEEDED.contains(&error) || REQUEST_WRONG.contains(&error))
    })
}

fn max_age(value: &str) -> Result<Duration, Error> {
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    match value.parse() {
        Ok(seconds) if is_number => Ok(Duration::from_secs(seconds)),
        _ => Err(malformed(Rule::Wa4, "max_age of the challenge is not a whole number of seconds from 0")),
    }
}

fn scope(value: &str) -> Result<Scope, Error> {
    Scope::read(value).ok_or_else(|| malformed(Rule::Wa4, "scope is not a list of scope tokens"))
}

fn acr_values(value: &str) -> Result<Vec<String>, Error> {
    let values: Vec<String> = value.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    if values.is_empty() || values.len() > MAX_VALUES || !values.iter().all(text::is_nqchar) {
        return Err(malformed(
            Rule::Wa4,
            "acr_values of the challenge is not a list of up to 32 printable words",
        ));
    }
    Ok(values)
}
