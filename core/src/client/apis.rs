//! Where a token may go: the APIs that a client names, compared by origin ([WA-5](crate::Rule::Wa5)).

use std::sync::Arc;

use http::{HeaderValue, Uri};

use crate::ground::error::{Error, misuse, misuse_of};
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::rule::Rule;
use crate::wire::uri::{Origin, OriginOf, endpoint};

/// The most APIs that an error lists; of the others it says how many there are.
const LISTED: usize = 3;

/// The APIs that take a token, by their origins: what [WA-5](crate::Rule::Wa5) compares with. A clone shares them, until one of
/// the two gets another API.
#[derive(Clone, Debug, Default)]
pub(crate) struct Apis {
    origins: Arc<Vec<Origin>>,
    quirks: Quirks,
}

impl Apis {
    /// These and the API at `url`, which is held to the same rules as an endpoint. Whether plain http is admitted is asked again
    /// when a request goes there.
    pub(crate) fn and(mut self, url: &str, quirks: Quirks) -> Result<Self, Error> {
        let uri = endpoint(url, quirks)?;
        let origin = Origin::of(&uri)
            .ok_or_else(|| misuse("the API's URL has a scheme without a usual port: name the port"))?;
        // The others are copied only if somebody shares them.
        Arc::make_mut(&mut self.origins).push(origin);
        Ok(self)
    }

    /// The same, met with these quirks.
    pub(crate) fn admitting(self, quirks: Quirks) -> Self {
        Self { quirks, ..self }
    }

    pub(crate) const fn quirks(&self) -> Quirks {
        self.quirks
    }

    /// Refuses a request that goes to none of them, and says what is wrong with its URL. Of the URL an error shows the
    /// origin: a path or a query may hold a secret, and a user may be a password.
    pub(crate) fn require(&self, uri: &Uri) -> Result<(), Error> {
        let origin = OriginOf::read(uri).ok_or_else(|| misuse_of(Rule::Wa5, why_no_origin(uri)))?;
        // Each call asks this, so that the origin is copied for an error alone.
        match self.origins.iter().find(|api| origin.is(api)) {
            Some(api) => self.require_admitted_origin(api),
            None => Err(self.none_is(&origin.into())),
        }
    }

    /// Whether these are the very same, so that what one took the other takes.
    pub(crate) fn are(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.origins, &other.origins) && self.quirks == other.quirks
    }

    /// The same of a request whose URI is a path alone, by its `Host`. That names no scheme, so that the port may be left out for
    /// the API's own.
    pub(crate) fn require_host(&self, host: &HeaderValue) -> Result<(), Error> {
        let host = host.to_str().unwrap_or_default();
        let of = |scheme: &str| Origin::of(&format!("{scheme}://{host}/").parse().ok()?);
        let candidates: Vec<_> = ["https", "http"].into_iter().filter_map(of).collect();
        let known = candidates.iter().find(|origin| self.origins.contains(origin)).or(candidates.first());
        match known {
            Some(origin) => self.require_origin(origin),
            None => Err(misuse_of(
                Rule::Wa5,
                "the header Host is not a host and port in their usual form: write the API's own, or leave it out",
            )),
        }
    }

    fn require_origin(&self, origin: &Origin) -> Result<(), Error> {
        if self.origins.contains(origin) {
            return self.require_admitted_origin(origin);
        }
        Err(self.none_is(origin))
    }

    /// That this is the origin of none of them.
    fn none_is(&self, origin: &Origin) -> Error {
        let what = match self.list() {
            Some(list) => format!(
                "the request goes to {origin}, which is not one of this client's APIs ({list}): add it with `Client::api`"
            ),
            None => {
                format!(
                    "the request goes to {origin}, and this client has no APIs: add it with `Client::api`"
                )
            }
        };
        misuse_of(Rule::Wa5, what)
    }

    /// Refuses one of them that is plain http, unless that is admitted.
    pub(crate) fn require_admitted(&self) -> Result<(), Error> {
        self.origins.iter().try_for_each(|origin| self.require_admitted_origin(origin))
    }

    fn require_admitted_origin(&self, origin: &Origin) -> Result<(), Error> {
        if !origin.is_plain_http() {
            return Ok(());
        }
        self.quirks.require(Quirk::LoopbackHttp, || {
            misuse_of(Rule::Di5, format!("{origin} is http on loopback, which is for tests"))
        })
    }

    /// The first few of them.
    fn list(&self) -> Option<String> {
        let listed: Vec<_> = self.origins.iter().take(LISTED).map(Origin::to_string).collect();
        let others = self.origins.len().saturating_sub(LISTED);
        let listed = listed.join(", ");
        match (self.origins.is_empty(), others) {
            (true, _) => None,
            (false, 0) => Some(listed),
            (false, others) => Some(format!("{listed} and {others} more")),
        }
    }
}

/// What is wrong with the URL of a request, in words that lead to mending it.
fn why_no_origin(uri: &Uri) -> &'static str {
    let Some(authority) = uri.authority().filter(|_| uri.scheme().is_some()) else {
        return "the URL is not absolute: begin it with `https://` and the API's host";
    };
    if authority.as_str().contains('@') {
        return "the URL names a user before its host: leave out everything before the `@`, and the `@`";
    }
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return "the URL is not an https URL: begin it with `https://`";
    }
    "the host of the URL is not in its usual form: write host and port as the API's own documentation does"
}
