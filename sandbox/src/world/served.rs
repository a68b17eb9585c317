//! What a program's own API has to serve, by [`Sandbox::serve`](crate::Sandbox::serve): [`Served`].

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
    /// Whether a request for this path is for it.
    pub(crate) fn is_at(&self, path: &str) -> bool {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/") == path
    }
}
