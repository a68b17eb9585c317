//! From an API to the servers that issue its tokens: [`ProtectedResourceDiscovery`] (RFC 9728).
//!
//! ```text
//!  program                                            API
//!     ├── GET https://api.example/notes ───────────────▶│
//!     │◀─ 401 WWW-Authenticate: Bearer resource_metadata="https://api.example/.well-known/…" ┤
//!     │ ProtectedResourceDiscovery::from_challenge      │
//!     ├── GET /.well-known/oauth-protected-resource/notes ▶│
//!     │◀─ 200 {"resource": …, "authorization_servers": […]} ┤  ProtectedResource
//!     │ the program chooses among its own servers, then Discovery
//! ```
//!
//! One round; the first two lines are left out where the API is known beforehand.

use std::fmt;

use http::Uri;

use crate::api::resource_metadata::ProtectedResource;
use crate::ground::challenge::Challenge;
use crate::ground::error::{Error, malformed, misuse_of};
use crate::ground::flow::{Flow, Response, Step};
use crate::ground::quirk::{Quirk, Quirks, admits};
use crate::ground::refused::{Asked, Refused};
use crate::ground::rule::Rule;
use crate::ground::short::Short;
use crate::ground::time::UnixTime;
use crate::server::signed_metadata::MetadataSigner;
use crate::terms::resource::Resource;
use crate::wire::document::get;
use crate::wire::public_host::is_public_host;
use crate::wire::round::Round;
use crate::wire::{location, uri};

/// A flow that fetches what an API says of itself.
///
/// ```
/// use valetkey_core::{Flow, Resource, Step, UnixTime};
/// use valetkey_core::api::ProtectedResourceDiscovery;
///
/// let mut flow = ProtectedResourceDiscovery::new(&Resource::new("https://resource.example.com/resource1")?)?;
/// let Step::Send(request) = flow.step(None, UnixTime::from_secs(1_700_000_000))? else { unreachable!() };
/// assert_eq!(request.uri(), "https://resource.example.com/.well-known/oauth-protected-resource/resource1");
/// # Ok::<(), valetkey_core::Error>(())
/// ```
pub struct ProtectedResourceDiscovery {
    /// What the document's `resource` must be.
    resource: String,
    place: String,
    /// Whether a challenge led to the place.
    is_led: bool,
    quirks: Quirks,
    signer: Option<MetadataSigner>,
    round: Round,
}

impl ProtectedResourceDiscovery {
    /// Looks at the well-known place of this resource, which is compared as this string ([PR-2](crate::Rule::Pr2)).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([PR-1](crate::Rule::Pr1)) if it is not an https URL.
    pub fn new(resource: &Resource) -> Result<Self, Error> {
        uri::endpoint(resource.as_str(), Quirks::WHEN_NAMED).map_err(|_| {
            misuse_of(
                Rule::Pr1,
                "the resource is not an https URL: metadata is looked for at an https URL only",
            )
        })?;
        Ok(Self {
            resource: resource.as_str().to_owned(),
            place: place(resource.as_str()),
            is_led: false,
            quirks: Quirks::STRICT,
            signer: None,
            round: Round::New,
        })
    }

    admits! {
        /// Admits one departure from the RFCs. A resource under plain http on a loopback address wants
        /// [`Quirk::LoopbackHttp`]: without it the first step fails ([PR-1](crate::Rule::Pr1)).
    }

    /// Takes a document only if this signer has signed it, and what is signed in it before what is not
    /// ([DI-9](crate::Rule::Di9)).
    #[must_use]
    pub fn signed_by(mut self, signer: MetadataSigner) -> Self {
        self.signer = Some(signer);
        self
    }

    /// Follows the challenge of an answer to a request of `requested`: its `resource_metadata` (RFC 9728 §5.1), or else the
    /// well-known place of the requested URL. The document must then be about exactly that URL ([PR-2](crate::Rule::Pr2)),
    /// or, under [`Quirk::ResourcePrefix`], about an URL that it is below.
    ///
    /// # Errors
    ///
    /// - [`Error::Malformed`] ([PR-4](crate::Rule::Pr4)) if the challenge leads to no https URL, or to a host that the
    ///   internet does [not have](crate::host::is_public_host), unless it is the requested one. That it leads to another
    ///   host is refused at the first step, unless [`Quirk::MetadataElsewhere`] is [admitted](Self::admit);
    /// - [`Error::Misuse`] ([PR-1](crate::Rule::Pr1)) if the requested URL is not an https URL.
    pub fn from_challenge(challenge: &Challenge, requested: &str) -> Result<Self, Error> {
        let mut discovery = Self::new(&Resource::new(requested)?)?;
        if let Some(place) = challenge.parameter("resource_metadata") {
            require_place(place, requested, Quirks::WHEN_NAMED.with(Quirk::MetadataElsewhere))?;
            place.clone_into(&mut discovery.place);
            discovery.is_led = true;
        }
        Ok(discovery)
    }

    /// Reads a document about this resource that was fetched by other means, or is read again, received at `now`.
    ///
    /// # Errors
    ///
    /// - [`Error::Malformed`] ([DI-3](crate::Rule::Di3), [TR-2](crate::Rule::Tr2)) if the answer is not status 200 with one
    ///   JSON object under `application/json`, and that is not admitted;
    /// - [`Error::Malformed`] for whatever breaks [PR-2](crate::Rule::Pr2), [PR-3](crate::Rule::Pr3),
    ///   [DI-5](crate::Rule::Di5) or [DI-6](crate::Rule::Di6); with a [signer](Self::signed_by) [DI-9](crate::Rule::Di9) if
    ///   there is no `signed_metadata`, or it is not the signer's, or no longer good, or does not name the `resource` that
    ///   it is about, and [ID-24](crate::Rule::Id24) if it is a JWT of a type that is for another use;
    /// - [`Error::Misuse`] ([PR-1](crate::Rule::Pr1)) for a resource under plain http that is not admitted.
    pub fn parse(&self, response: Response, now: UnixTime) -> Result<ProtectedResource, Error> {
        self.require_admitted()?;
        let resource =
            ProtectedResource::parse(response, &self.resource, self.quirks, self.signer.as_ref(), now)?;
        let is_elsewhere = self.is_led && !uri::same_origin(&self.place, &self.resource);
        Ok(if is_elsewhere { resource.noting(Quirk::MetadataElsewhere) } else { resource })
    }

    fn require_admitted(&self) -> Result<(), Error> {
        uri::endpoint(&self.resource, self.quirks).map_err(|_| {
            misuse_of(Rule::Pr1, "the resource is http on loopback, which is for tests")
                .unless_admitted(Quirk::LoopbackHttp)
        })?;
        match self.is_led {
            true => require_place(&self.place, &self.resource, self.quirks),
            false => Ok(()),
        }
    }
}

impl Flow for ProtectedResourceDiscovery {
    type Output = ProtectedResource;

    /// # Errors
    ///
    /// - [`Error::Refused`] if there is no document (404), or the API is in trouble;
    /// - [`Error::Malformed`] for another status than 200 ([DI-3](crate::Rule::Di3)), or whatever breaks
    ///   [TR-2](crate::Rule::Tr2), [PR-2](crate::Rule::Pr2), [PR-3](crate::Rule::Pr3) or [PR-4](crate::Rule::Pr4);
    /// - [`Error::Misuse`] after the end, and ([PR-1](crate::Rule::Pr1)) for a resource under plain http that is not
    ///   admitted.
    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<ProtectedResource>, Error> {
        self.require_admitted()?;
        let mut round = self.round;
        let step = round.step(
            response,
            now,
            || get(&self.place),
            |response, _| {
                let status = response.status();
                if status.is_client_error() || status.is_server_error() {
                    return Err(Error::Refused(Box::new(
                        Refused::read(&response, &[], now)?.of(Asked::ResourceMetadata),
                    )));
                }
                if !status.is_success() {
                    let place = location::of_document(response.headers());
                    let what = format!("the resource's metadata has status {}{place}", status.as_u16());
                    return Err(malformed(Rule::Di3, what));
                }
                self.parse(response, now)
            },
        );
        self.round = round;
        step
    }

    fn unanswered(&mut self, _now: UnixTime) -> bool {
        self.round.end()
    }
}

impl fmt::Debug for ProtectedResourceDiscovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProtectedResourceDiscovery")
            .field("place", &Short(&self.place))
            .finish_non_exhaustive()
    }
}

/// The well-known place: inserted before path and query; a slash that is the whole path is left out
/// ([PR-1](crate::Rule::Pr1)).
fn place(resource: &str) -> String {
    let (origin, rest) = uri::split_path(resource);
    let rest = match rest.strip_prefix('/') {
        Some(query) if query.is_empty() || query.starts_with('?') => query,
        _ => rest,
    };
    format!("{origin}/.well-known/oauth-protected-resource{rest}")
}

/// A URL that a challenge names: the server that answers must not choose where this program's next request goes
/// ([PR-4](crate::Rule::Pr4)).
fn require_place(place: &str, requested: &str, quirks: Quirks) -> Result<(), Error> {
    let no = |what| Err(malformed(Rule::Pr4, what));
    let Ok(uri) = uri::endpoint(place, quirks) else {
        return no("resource_metadata is not an https URL without a fragment");
    };
    if !uri::same_origin(place, requested) {
        quirks.require(Quirk::MetadataElsewhere, || {
            malformed(Rule::Pr4, "resource_metadata is on another origin than the request")
        })?;
    }
    let host = |uri: &Uri| uri.host().map(str::to_owned).unwrap_or_default();
    let here = requested.parse::<Uri>().map(|uri| host(&uri)).unwrap_or_default();
    if !is_public_host(&host(&uri)) && host(&uri) != here {
        return no("resource_metadata is at a host that is not public");
    }
    Ok(())
}
