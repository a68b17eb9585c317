//! What a program's own API has to serve, by [`Sandbox::serve`](crate::Sandbox::serve): [`Served`].

use http::Uri;
use http::uri::Authority;
use serde_json::Value;

/// A document of the API's.
pub(crate) struct Served {
    /// The whole URL, as proofs of possession and resource indicators name it.
    pub(crate) url: String,
    /// What it needs of an access token.
    pub(crate) right: String,
    pub(crate) document: Value,
}

impl Served {
    /// Whether a request for this URI is for it: by the path, and by the host and port where the request has them.
    pub(crate) fn is_at(&self, uri: &Uri) -> bool {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let is_here = |asked: &Authority| asked.as_str().eq_ignore_ascii_case(authority);
        let path = if path.is_empty() { "/" } else { path };
        path == uri.path() && uri.authority().is_none_or(is_here)
    }
}
