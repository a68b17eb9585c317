//! An API that refuses a credential, and one new credential after the other: [`Rejections`].

use std::time::Duration;

use http::StatusCode;

use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::time::UnixTime;

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

/// Whether the API may mean that the credential is no good, by a status that is admitted for it: 401, or by a quirk.
pub(crate) fn refusal(status: StatusCode, admitted: Quirks) -> Option<Option<Quirk>> {
    let quirk = match status {
        StatusCode::UNAUTHORIZED => return Some(None),
        StatusCode::BAD_REQUEST => Quirk::BadTokenBy400,
        StatusCode::FORBIDDEN => Quirk::BadTokenBy403,
        _ => return None,
    };
    admitted.contains(quirk).then_some(Some(quirk))
}
