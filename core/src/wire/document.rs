//! A GET of a JSON document.

use http::HeaderValue;
use http::header::ACCEPT;

use crate::ground::error::{Error, misuse};
use crate::ground::flow::Request;

/// A GET of a JSON document, without any credentials.
pub(crate) fn get(url: &str) -> Result<Request, Error> {
    let mut request = Request::new(Vec::new());
    *request.uri_mut() = url.parse().map_err(|_| misuse("the URL of the document is not a URI"))?;
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    Ok(request)
}
