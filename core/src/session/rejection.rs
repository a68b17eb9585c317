//! An API that refuses a credential, by its answer, and one new credential after the other: [`Credential::is_refused_by`],
//! [`Rejections`].

use std::time::Duration;

use http::{HeaderMap, StatusCode};

use crate::api::step_up;
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::time::UnixTime;
use crate::session::credential::Credential;

/// The first wait, and the longest.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);
/// Refusals that are farther apart than this have nothing to do with one another. It is well above the longest wait, or an API
/// that refuses every credential at a leisurely pace would be answered with a renewal each time.
const APART: Duration = Duration::from_secs(120);

/// How often an API has refused credentials in a row. A single 401 is answered with a renewal at once; an API that
/// always answers 401 does not make us ask its authorization server for a token at every call.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rejections(Option<(UnixTime, u32)>);

impl Rejections {
    /// Counts a refusal; whether it is to be answered with a renewal now.
    pub(crate) fn admit(&mut self, now: UnixTime) -> bool {
        let Some((last, count)) = self.0.filter(|(last, _)| now >= *last) else {
            self.0 = Some((now, 0));
            return true;
        };
        let wait = match count {
            0 => Duration::ZERO,
            count => FIRST.saturating_mul(1 << (count - 1).min(6)).min(LONGEST),
        };
        let since = now.since(last);
        if since < wait {
            return false;
        }
        let in_a_row = since < APART;
        self.0 = Some((now, if in_a_row { count.saturating_add(1) } else { 0 }));
        true
    }
}

impl Credential {
    /// Whether an API's answer to a request with this credential means that the credential is no good, so that a new one of the same
    /// session may help: a 401 ([WA-3](crate::Rule::Wa3)), or where that is admitted a 400
    /// ([`Quirk::BadTokenBy400`](crate::Quirk::BadTokenBy400)) or a 403
    /// ([`Quirk::BadTokenBy403`](crate::Quirk::BadTokenBy403)). It does not where a challenge says otherwise: that a person is needed,
    /// for a wider scope or a newer login, or that the request is wrong in itself.
    ///
    /// A [`Call`](crate::session::Call) asks this itself. A program that sends by other means says so to the session then: see
    /// [`Session::refuse`](crate::Session::refuse), and the adapters' `Tokens::refuse`.
    #[must_use]
    pub fn is_refused_by(&self, status: StatusCode, headers: &HeaderMap) -> bool {
        self.refusal(status, headers).is_some()
    }

    /// The same, with what admitted it.
    pub(crate) fn refusal(&self, status: StatusCode, headers: &HeaderMap) -> Option<Quirks> {
        let quirks = match status {
            StatusCode::UNAUTHORIZED => Quirks::default(),
            StatusCode::BAD_REQUEST => Quirks::default().with(Quirk::BadTokenBy400),
            StatusCode::FORBIDDEN => Quirks::default().with(Quirk::BadTokenBy403),
            _ => return None,
        };
        let is_admitted = quirks.iter().all(|quirk| self.apis().quirks().contains(quirk));
        (is_admitted && step_up::renewal_may_help(headers, self.is_bound())).then_some(quirks)
    }
}
