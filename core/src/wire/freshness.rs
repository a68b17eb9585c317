//! How long a fetched document may be used: HTTP's rules (RFC 9111 §4.2), within bounds.

use std::time::Duration;

use http::HeaderMap;
use http::header::{AGE, CACHE_CONTROL, EXPIRES};

use crate::ground::time::UnixTime;

/// What a document is kept for if its server does not say.
const USUAL: Duration = Duration::from_secs(60 * 60);
/// The shortest time, so that no server makes its clients fetch without end, and the longest.
const SHORTEST: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// How long the answer with these headers, received at `now`, is fresh: between a minute and a day, an hour if the
/// server does not say. What cannot be read is as if it were not there.
pub(crate) fn lifetime(headers: &HeaderMap, now: UnixTime) -> Duration {
    asked(headers, now).unwrap_or(USUAL).clamp(SHORTEST, LONGEST)
}

fn asked(headers: &HeaderMap, now: UnixTime) -> Option<Duration> {
    let mut max_age = None;
    for value in headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok()) {
        for directive in value.split(',').map(str::trim) {
            if ["no-store", "no-cache"].iter().any(|name| directive.eq_ignore_ascii_case(name)) {
                return Some(Duration::ZERO);
            }
            if let Some((name, seconds)) = directive.split_once('=')
                && name.eq_ignore_ascii_case("max-age")
            {
                max_age = seconds.trim_matches('"').parse().ok().map(Duration::from_secs);
            }
        }
    }
    if let Some(max_age) = max_age {
        let age = headers.get(AGE).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        return Some(max_age.saturating_sub(Duration::from_secs(age.unwrap_or(0))));
    }
    let expires = headers.get(EXPIRES)?.to_str().ok()?;
    // An Expires that is no date, such as `0`, means already expired (RFC 9111 §5.3).
    Some(httpdate::parse_http_date(expires).map_or(Duration::ZERO, |at| UnixTime::from(at).since(now)))
}
