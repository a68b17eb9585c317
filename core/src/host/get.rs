//! A request from a URL alone: [`get`].

use http::Uri;

use crate::ground::error::{Error, misuse_of};
use crate::ground::flow::Request;
use crate::ground::rule::Rule;

/// A GET of this URL, which must be absolute.
///
/// # Errors
///
/// [`Error::Misuse`] ([WA-5](crate::Rule::Wa5)) if it is not; the error does not show the URL, which may hold a secret.
pub fn get(url: &str) -> Result<Request, Error> {
    let no = |what| Err(misuse_of(Rule::Wa5, what));
    let Ok(uri) = url.parse::<Uri>() else {
        return no(
            "the URL cannot be read: an empty one is not a URL, and spaces and characters beyond ASCII are \
             written as `%XX`",
        );
    };
    if uri.scheme().is_none() || uri.authority().is_none() {
        return no("the URL is not absolute: begin it with `https://` and the API's host");
    }
    let mut request = Request::new(Vec::new());
    *request.uri_mut() = uri;
    Ok(request)
}
