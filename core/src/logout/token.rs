//! The verification of a logout token: [`LogoutTokenVerification`] (OpenID Connect Back-Channel Logout §2.6).
//!
//! ```text
//!  program                                    authorization server
//!     │ a logout token came: is there a key for it?
//!     ├── GET jwks_uri, if not ────────────────────────▶│
//!     │◀─ 200 {"keys": […]} ────────────────────────────┤   once more if its signature fails (JK-3)
//!     │ the signature, then every claim ──▶ LogoutNotice
//! ```
//!
//! No round, or one, or two.

use std::fmt;

use crate::ground::error::{Error, misuse};
use crate::ground::flow::{Flow, Response, Step};
use crate::ground::rule::{Checks, Rule};
use crate::ground::time::UnixTime;
use crate::jose::jwe::received::ReceivedJwt;
use crate::jose::jwt_type::JwtType;
use crate::logout::claims;
use crate::logout::held::Held;
use crate::logout::notice::LogoutNotice;
use crate::server::keys::KeySearch;

/// A flow that verifies a logout token, and ends with what it says: whose sessions end.
pub struct LogoutTokenVerification {
    held: Held,
    jwt: ReceivedJwt,
    expected: JwtType<'static>,
    search: KeySearch,
    has_ended: bool,
}

impl LogoutTokenVerification {
    pub(super) fn new(held: &Held, jwt: ReceivedJwt, expected: JwtType<'static>) -> Self {
        Self {
            search: held.keys.search(held.client.server().quirks()),
            held: held.clone(),
            jwt,
            expected,
            has_ended: false,
        }
    }

    fn advance(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<LogoutNotice>, Error> {
        let mut checks = Checks::NONE;
        self.jwt.pass(&mut checks);
        match self.search.verify(&mut self.jwt, self.expected, response, now)? {
            Step::Send(request) => Ok(Step::Send(request)),
            Step::Wait(time) => Ok(Step::Wait(time)),
            Step::Done(mut verified) => {
                verified.pass(&mut checks);
                [Rule::Id28, Rule::Lo8, Rule::Lo9].into_iter().for_each(|rule| checks.pass(rule));
                let key_issuer = verified.key_issuer.take();
                claims::read(verified.payload(), &self.held, key_issuer.as_deref(), checks, now)
                    .map(Step::Done)
            }
        }
    }
}

impl Flow for LogoutTokenVerification {
    type Output = LogoutNotice;

    /// # Errors
    ///
    /// - [`Error::Malformed`]: [ID-4](crate::Rule::Id4), [ID-6](crate::Rule::Id6), [ID-7](crate::Rule::Id7),
    ///   [ID-8](crate::Rule::Id8), [ID-52](crate::Rule::Id52) or [JK-2](crate::Rule::Jk2) for its signature; of its claims,
    ///   [LO-9](crate::Rule::Lo9) and [ID-25](crate::Rule::Id25) for their form, [ID-9](crate::Rule::Id9) and
    ///   [ID-55](crate::Rule::Id55) for `iss`, [ID-34](crate::Rule::Id34) and [ID-10](crate::Rule::Id10) for `aud`,
    ///   [ID-12](crate::Rule::Id12), [ID-13](crate::Rule::Id13) and [ID-14](crate::Rule::Id14) for its times,
    ///   [LO-10](crate::Rule::Lo10) for `iat`, `exp` or `jti` that is missing
    ///   (`exp` may be, where [`LogoutWithoutExpiry`](crate::Quirk::LogoutWithoutExpiry) is admitted), [LO-11](crate::Rule::Lo11) for `events`,
    ///   [LO-12](crate::Rule::Lo12) for `sub` and `sid`, [LO-13](crate::Rule::Lo13) for `nonce`;
    /// - whatever the fetch of the keys fails by;
    /// - [`Error::Misuse`] after the end.
    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<LogoutNotice>, Error> {
        if self.has_ended {
            return Err(misuse("this flow has ended: make another"));
        }
        let step = self.advance(response, now);
        self.has_ended = !matches!(step, Ok(Step::Send(_) | Step::Wait(_)) | Err(Error::Misuse(_)));
        step
    }

    fn unanswered(&mut self, now: UnixTime) -> bool {
        let goes_on = self.search.unanswered(now);
        self.has_ended |= !goes_on;
        goes_on
    }
}

impl fmt::Debug for LogoutTokenVerification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogoutTokenVerification").field("client", &self.held.client).finish_non_exhaustive()
    }
}
