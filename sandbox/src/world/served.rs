//! What a program's own API has to serve: [`Sandbox::serve`].

use serde_json::Value;

use crate::Sandbox;

/// A document of the API's.
pub(crate) struct Served {
    pub(crate) url: String,
    path: String,
    pub(crate) right: String,
    pub(crate) document: Value,
}

impl Sandbox {
    /// Has the API serve this document: a GET of the URL's path is answered with it, if the access token is good and covers
    /// this right. The whole URL is what proofs of possession and resource indicators must name. It takes the place of
    /// what was served at the same path.
    pub fn serve(&mut self, url: &str, right: &str, document: Value) {
        let path = url
            .split_once("://")
            .map_or(url, |(_, rest)| rest.find('/').map_or("/", |at| rest.get(at..).unwrap_or("/")));
        let path = path.split(['?', '#']).next().unwrap_or_default().to_owned();
        self.served.retain(|served| served.path != path);
        self.served.push(Served { url: url.to_owned(), path, right: right.to_owned(), document });
    }

    /// What is served at a path.
    pub(crate) fn served(&self, path: &str) -> Option<&Served> {
        self.served.iter().find(|served| served.path == path)
    }
}
