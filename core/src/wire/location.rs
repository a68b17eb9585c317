//! Where a redirect points that is not followed: told in the error, so that a URL can be put right.

use http::HeaderMap;
use http::header::LOCATION;

use crate::ground::{echo, text};
use crate::wire::uri;

/// The longest place that is told, in bytes.
const MAX_PLACE: usize = 400;

/// The end of a sentence about an endpoint's redirect: where it points, and what to do about it. Empty if the answer names
/// no place, or none that may be shown.
pub(crate) fn of_endpoint(headers: &HeaderMap, secrets: &[&str]) -> String {
    told(
        headers,
        secrets,
        ": if your server's documentation names that for this endpoint, configure this URL",
    )
}

/// The same about a place that is not configured.
pub(crate) fn of_document(headers: &HeaderMap) -> String {
    told(headers, &[], "")
}

fn told(headers: &HeaderMap, secrets: &[&str], advice: &str) -> String {
    place(headers, secrets).map_or_else(String::new, |place| format!("; it points to {place}{advice}"))
}

/// The origin and the path: whatever comes after them may hold a code, a state or a token.
fn place(headers: &HeaderMap, secrets: &[&str]) -> Option<String> {
    let mut locations = headers.get_all(LOCATION).iter();
    let (Some(location), None) = (locations.next(), locations.next()) else { return None };
    let place = location.to_str().ok()?.split(['?', '#']).next()?;
    let is_here = place.starts_with('/') && !place.starts_with("//") && uri::is_plain(place);
    let is_shown = place.len() <= MAX_PLACE
        && (is_here || uri::is_web_page(place))
        && !echo::is_in(place, secrets)
        // Its parts are looked at one by one: a long path is no token.
        && place.split('/').all(|part| text::displayable(part, &[]) == part);
    is_shown.then(|| place.to_owned())
}
