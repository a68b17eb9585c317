//! From an issuer to its server: [`Discovery`] (RFC 8414 §3, OpenID Connect Discovery §4).
//!
//! ```text
//!  program                                          authorization server
//!     │ Discovery::new(issuer)                             │
//!     ├── GET /.well-known/oauth-authorization-server/path ▶│   1. RFC 8414: inserted before the path
//!     │◀─ 404, or no JSON ─────────────────────────────────┤
//!     ├── GET /path/.well-known/openid-configuration ──────▶│   2. OpenID: appended to the path
//!     │◀─ 404, or no JSON ─────────────────────────────────┤
//!     ├── GET /.well-known/openid-configuration/path ──────▶│   3. RFC 8414 §5: OpenID's, inserted
//!     │◀─ 200 {"issuer": …} ───────────────────────────────┤   Metadata
//! ```
//!
//! One to three rounds, in this order unless the program says otherwise; for an issuer without a path the second and third place are one. The
//! root of a host is never asked for an issuer that has a path: it may be another's.
//!
//! Longer than most files: what each place comes to is beside the order of the places.

use std::collections::VecDeque;
use std::fmt;

use http::{StatusCode, Uri};

use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, malformed, misuse};
use crate::ground::flow::{Flow, Response, Step};
use crate::ground::quirk::{Quirk, Quirks, admits};
use crate::ground::refused::{Asked, Refused};
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::server::AuthorizationServer;
use crate::server::issuer::{no_issuer, require_issuer};
use crate::server::metadata::Metadata;
use crate::server::signed_metadata::MetadataSigner;
use crate::wire::document::get;
use crate::wire::public_host::is_public_host;
use crate::wire::{encoding, location, uri};

/// A flow that fetches a server's [`Metadata`].
///
/// A place that answers 4xx or 5xx, redirects, or has no JSON object under status 200, is passed over: servers answer so where
/// they have nothing, and a redirect is never followed. If that is all that comes, the error tells of the place that said
/// most, and of the first of several. A document of another issuer ends the search, and so does a server that wants to be asked
/// later (408, 429). [`AnySuccessStatus`](crate::Quirk::AnySuccessStatus) admits a document under another status, 203 for
/// example.
///
/// ```
/// use valetkey_core::{Discovery, Flow, Step, UnixTime};
///
/// let mut flow = Discovery::new("https://as.example/tenant")?;
/// let Step::Send(request) = flow.step(None, UnixTime::from_secs(1_700_000_000))? else { unreachable!() };
/// assert_eq!(request.uri(), "https://as.example/.well-known/oauth-authorization-server/tenant");
/// # Ok::<(), valetkey_core::Error>(())
/// ```
pub struct Discovery {
    issuer: String,
    /// What the document is to name, if that is another.
    named: Option<String>,
    places: VecDeque<(String, Kind)>,
    quirks: Quirks,
    /// What is known of the server before its document is.
    known: AuthorizationServer,
    same_origin: bool,
    public_hosts: bool,
    signer: Option<MetadataSigner>,
    /// Whether both kinds of document are wanted, and the one that was found first.
    joins: bool,
    found: Option<Box<Metadata>>,
    /// Whether the first place has been asked for.
    asked: bool,
    /// What the places passed over had against them: the best reason so far.
    failure: Option<(Says, Error)>,
}

impl Discovery {
    /// Looks for the metadata of this issuer, which is compared as this string ([DI-4](crate::Rule::Di4)): a slash at its
    /// end counts.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DI-1](crate::Rule::Di1)) if it is not an https URL with its scheme in small letters and a host
    /// and port that the URL standard takes, or has a query, a fragment or a user.
    pub fn new(issuer: &str) -> Result<Self, Error> {
        require_issuer(issuer, Quirks::WHEN_NAMED).map_err(no_issuer)?;
        Ok(Self {
            issuer: issuer.to_owned(),
            named: None,
            places: places(issuer).into(),
            quirks: Quirks::STRICT,
            known: AuthorizationServer::new(),
            same_origin: false,
            public_hosts: false,
            signer: None,
            joins: false,
            found: None,
            asked: false,
            failure: None,
        })
    }

    admits! {
        /// Admits one departure from the RFCs, at the server that is found too. An issuer under plain http on a loopback address
        /// wants [`Quirk::LoopbackHttp`](crate::Quirk::LoopbackHttp): without it the first step fails
        /// ([DI-1](crate::Rule::Di1)).
    }

    /// Says what is known of the server beforehand: the quirks that it is met with, and whatever no document has a member for.
    /// What the document says takes the place of what was known.
    ///
    /// ```
    /// use valetkey_core::{AuthorizationServer, Discovery};
    ///
    /// let known = AuthorizationServer::new().authorization_parameter("access_type", "offline")?;
    /// let flow = Discovery::new("https://as.example")?.knowing(&known);
    /// # let _ = flow;
    /// # Ok::<(), valetkey_core::Error>(())
    /// ```
    #[must_use]
    pub fn knowing(mut self, server: &AuthorizationServer) -> Self {
        self.known = server.clone();
        self.admit_all(server.quirks())
    }

    /// The document names this issuer, which is another than the one that is asked ([ID-56](crate::Rule::Id56)): a server of many
    /// tenants has one document for them all, for example. It is compared as this string, and is the issuer of the server that is
    /// found; `{tenantid}` in it stands for the tenant, as [`AuthorizationServer::tenants`] says. The document reports it as
    /// [`Quirk::OtherIssuer`](crate::Quirk::OtherIssuer).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DI-5](crate::Rule::Di5)), as for [`AuthorizationServer::issuer`].
    pub fn naming_issuer(mut self, issuer: &str) -> Result<Self, Error> {
        AuthorizationServer::new().issuer(issuer)?;
        self.named = Some(issuer.to_owned());
        Ok(self)
    }

    /// Refuses a document that names an endpoint on another origin than the issuer's ([DI-7](crate::Rule::Di7)), instead of
    /// reporting it.
    #[must_use]
    pub const fn same_origin_only(mut self) -> Self {
        self.same_origin = true;
        self
    }

    /// Refuses an issuer, and a document that names an endpoint, at a host that the internet does not have: for an issuer
    /// that a *user* names, who must not send this program into its own network (RFC 9728 §7.7). Aliases for
    /// clients with a certificate and `jwks_uri` are endpoints too.
    ///
    /// [`is_public_host`](crate::host::is_public_host) says which hosts these are, and what it cannot see: **a name that resolves
    /// to a private address passes here.** So the program's HTTP client, for this server, connects to those addresses
    /// only that [`is_public_address`](crate::host::is_public_address) finds public.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DI-1](crate::Rule::Di1)) if the issuer is at such a host.
    pub fn public_hosts_only(mut self) -> Result<Self, Error> {
        if !is_at_public_host(&self.issuer) {
            return Err(no_issuer(
                "is at a host that is not public, and only public hosts are allowed (`public_hosts_only`)",
            ));
        }
        self.public_hosts = true;
        Ok(self)
    }

    /// Looks at OpenID's places first, and at RFC 8414's after them: for an issuer whose two documents differ, when the program
    /// needs what only OpenID's has, `userinfo_endpoint` for example. [`joining_documents`](Self::joining_documents) takes
    /// both.
    #[must_use]
    pub fn openid_first(mut self) -> Self {
        self.places.make_contiguous().sort_by_key(|(_, kind)| *kind == Kind::OAuth);
        self
    }

    /// Looks for RFC 8414's document and OpenID's, and joins them: what the first that is found lacks is taken from the second.
    /// Each is held whole to what one alone is held to, its issuer too ([DI-4](crate::Rule::Di4)), and where both name an
    /// endpoint, they name the same ([DI-16](crate::Rule::Di16)). If there is only one, that is the document.
    #[must_use]
    pub const fn joining_documents(mut self) -> Self {
        self.joins = true;
        self
    }

    /// Takes a document only if this signer has signed it, and what is signed in it before what is not
    /// ([DI-9](crate::Rule::Di9)).
    #[must_use]
    pub fn signed_by(mut self, signer: MetadataSigner) -> Self {
        self.signer = Some(signer);
        self
    }

    fn read(&mut self, response: Response, now: UnixTime) -> Result<Verdict, Error> {
        let response = match encoding::unpacked(response) {
            Ok(response) => response,
            Err(unread) => return Ok(Verdict::PassOver(Says::Garbled, unread)),
        };
        let status = response.status();
        if status.is_client_error() || status.is_server_error() {
            let refused = Error::Refused(Box::new(Refused::read(&response, &[], now)?.of(Asked::Metadata)));
            let says = if status.is_server_error() { Says::Trouble } else { Says::Nothing };
            return if passing(status) { Err(refused) } else { Ok(Verdict::PassOver(says, refused)) };
        }
        let has_none = status != StatusCode::OK && response.body().is_empty();
        if has_none || !status.is_success() {
            let what = format!(
                "the server's metadata has status {}{}",
                status.as_u16(),
                location::of_document(response.headers())
            );
            let says = if status.is_success() { Says::Nothing } else { Says::Elsewhere };
            return Ok(Verdict::PassOver(says, malformed(Rule::Di3, what)));
        }
        match self.parse(response, now) {
            Err(error) if matches!(error.rule(), Some(Rule::Di3 | Rule::Tr2)) => {
                Ok(Verdict::PassOver(Says::Garbled, error))
            }
            read => Ok(Verdict::Found(Box::new(read?))),
        }
    }

    /// Reads a document of this issuer that was fetched by other means, or is read again, received at `now`. It is held to the
    /// same as one that is found here.
    ///
    /// # Errors
    ///
    /// - [`Error::Malformed`] ([DI-3](crate::Rule::Di3), [TR-2](crate::Rule::Tr2)) if the answer is not status 200 with one
    ///   JSON object under `application/json`, and that is not admitted;
    /// - [`Error::Malformed`] for whatever breaks [DI-4](crate::Rule::Di4) to [DI-7](crate::Rule::Di7); with a
    ///   [signer](Self::signed_by) [DI-9](crate::Rule::Di9) if there is no `signed_metadata`, or it is not the signer's, or
    ///   no longer good, or does not name the `issuer` that it is about, and [ID-24](crate::Rule::Id24) if it is a JWT of a
    ///   type that is for another use;
    /// - [`Error::Misuse`] ([DI-1](crate::Rule::Di1)) for an issuer under plain http that is not admitted.
    pub fn parse(&self, response: Response, now: UnixTime) -> Result<Metadata, Error> {
        require_issuer(&self.issuer, self.quirks).map_err(no_issuer)?;
        let known = self.known.clone().admit_all(self.quirks);
        let named = self.named.as_deref().unwrap_or(&self.issuer);
        let mut metadata = Metadata::parse(response, named, &known, self.signer.as_ref(), now)?;
        if named != self.issuer {
            metadata.document.quirks = metadata.document.quirks.with(Quirk::OtherIssuer);
        }
        if let Some(endpoint) = self.private_endpoint(&metadata) {
            let what = format!(
                "{} is at a host that is not public, and only public hosts are allowed \
                 (`public_hosts_only`)",
                endpoint.name()
            );
            return Err(malformed(Rule::Di7, what));
        }
        match metadata.foreign_endpoints() {
            [endpoint, ..] if self.same_origin => Err(malformed(
                Rule::Di7,
                format!(
                    "{} is on another origin than the issuer, and only the same is allowed \
                     (`same_origin_only`)",
                    endpoint.name()
                ),
            )),
            _ => Ok(metadata),
        }
    }

    /// An endpoint of the document at a host that is refused here.
    fn private_endpoint(&self, metadata: &Metadata) -> Option<Endpoint> {
        let server = metadata.server();
        let is_private = |endpoint: &Endpoint| {
            let urls = [server.url_of(*endpoint), server.mtls_url_of(*endpoint)];
            urls.iter().flatten().any(|url| !is_at_public_host(url))
        };
        Endpoint::ALL.iter().copied().filter(|_| self.public_hosts).find(is_private)
    }

    fn ask(&self) -> Result<Step<Metadata>, Error> {
        require_issuer(&self.issuer, self.quirks).map_err(no_issuer)?;
        let (place, _) =
            self.places.front().ok_or_else(|| misuse("this discovery has ended: make another"))?;
        get(place).map(Step::Send)
    }

    /// Asks at the next place, or ends with what was found, or with what the places had against them.
    fn next(&mut self) -> Result<Step<Metadata>, Error> {
        if !self.places.is_empty() {
            return self.ask();
        }
        match (self.found.take(), self.failure.take()) {
            (Some(metadata), _) => Ok(Step::Done(*metadata)),
            (None, Some((_, failure))) => Err(failure),
            (None, None) => self.ask(),
        }
    }
}

/// Whose document is at a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    OAuth,
    OpenId,
}

enum Verdict {
    Found(Box<Metadata>),
    PassOver(Says, Error),
}

impl Flow for Discovery {
    type Output = Metadata;

    /// # Errors
    ///
    /// - [`Error::Refused`] if a place answers that its server wants to be asked later (408, 429), or every place 4xx or 5xx;
    /// - [`Error::Malformed`] ([DI-3](crate::Rule::Di3)) if a place redirects or answers with another status than 200, and no
    ///   other has a document; for whatever breaks [DI-4](crate::Rule::Di4) to [DI-9](crate::Rule::Di9) or
    ///   [ID-24](crate::Rule::Id24);
    /// - [`Error::Misuse`] after the end, and ([DI-1](crate::Rule::Di1)) for an issuer under plain http that is not
    ///   admitted.
    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<Metadata>, Error> {
        let Some(response) = response else {
            let step = self.ask()?;
            self.asked = true;
            return Ok(step);
        };
        let Some(&(_, kind)) = self.places.front().filter(|_| self.asked) else {
            return Err(misuse("an answer came that no request was for: step the flow with `None` first"));
        };
        match self.read(response, now) {
            Ok(Verdict::Found(metadata)) => match (self.joins, self.found.take()) {
                (true, None) => {
                    self.places.retain(|(_, other)| *other != kind);
                    self.found = Some(metadata);
                    self.next()
                }
                (_, first) => {
                    self.places.clear();
                    first.map_or(Ok(*metadata.clone()), |first| first.joined(&metadata)).map(Step::Done)
                }
            },
            Ok(Verdict::PassOver(says, error)) => {
                self.places.pop_front();
                if self.failure.as_ref().is_none_or(|(earlier, _)| says > *earlier) {
                    self.failure = Some((says, error));
                }
                self.next()
            }
            Err(error) => {
                self.places.clear();
                Err(error)
            }
        }
    }

    fn unanswered(&mut self, _now: UnixTime) -> bool {
        self.places.clear();
        false
    }
}

impl fmt::Debug for Discovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Discovery").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

fn is_at_public_host(url: &str) -> bool {
    url.parse::<Uri>().is_ok_and(|url| url.host().is_some_and(is_public_host))
}

/// How much a place that was passed over says about why there is no document.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Says {
    /// It has none.
    Nothing,
    /// It is elsewhere.
    Elsewhere,
    /// The server is in trouble.
    Trouble,
    /// What it has is no document.
    Garbled,
}

/// Whether the server may answer otherwise in a moment.
fn passing(status: StatusCode) -> bool {
    matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
}

/// The well-known places of an issuer, in the order in which they are asked ([DI-2](crate::Rule::Di2)).
fn places(issuer: &str) -> Vec<(String, Kind)> {
    let (origin, path) = uri::split_path(issuer);
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut places = vec![
        (format!("{origin}/.well-known/oauth-authorization-server{path}"), Kind::OAuth),
        (format!("{origin}{path}/.well-known/openid-configuration"), Kind::OpenId),
    ];
    if !path.is_empty() {
        places.push((format!("{origin}/.well-known/openid-configuration{path}"), Kind::OpenId));
    }
    places
}
