//! What an API says of itself: [`ProtectedResource`] (RFC 9728 §2 and §3.2).

use std::fmt;

use serde::Deserialize;

use crate::ground::error::{Error, malformed};
use crate::ground::flow::Response;
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::rule::Rule;
use crate::ground::short;
use crate::ground::short::Short;
use crate::ground::time::UnixTime;
use crate::server::AuthorizationServer;
use crate::server::document::{Document, says_of_its_document};
use crate::server::issuer::require_issuer;
use crate::server::signed_metadata::MetadataSigner;
use crate::wire::answer::Reader;
use crate::wire::{json, uri};

/// The most authorization servers that one API may name.
const MAX_SERVERS: usize = 32;

/// An API's metadata document, checked.
///
/// Whom it names as its authorization servers is a claim of the API's: a client with credentials at one server does not
/// take them to another because an API says so. [`choose`](Self::choose) therefore goes by the program's own list.
#[derive(Clone)]
pub struct ProtectedResource {
    resource: String,
    authorization_servers: Vec<String>,
    scopes: Vec<String>,
    bearer_methods: Option<Vec<String>>,
    dpop_algorithms: Option<Vec<String>>,
    requires_dpop: bool,
    binds_certificates: bool,
    jwks_uri: Option<String>,
    document: Document,
}

impl ProtectedResource {
    /// The same, with one more departure that was let through on the way to it.
    pub(crate) fn noting(mut self, quirk: Quirk) -> Self {
        self.document.quirks = self.document.quirks.with(quirk);
        self
    }

    /// Reads the document about `resource`, received at `now`. If a signer is known, it has signed the document, and what is
    /// signed in it stands in the place of what is not (RFC 9728 §2.2).
    pub(crate) fn parse(
        response: Response,
        resource: &str,
        quirks: Quirks,
        signer: Option<&MetadataSigner>,
        now: UnixTime,
    ) -> Result<Self, Error> {
        let response = Document::admit(response, "resource", signer, now)?;
        let mut reader = Reader::new(quirks);
        if resource.starts_with("http://") {
            reader.seen = reader.seen.with(Quirk::LoopbackHttp);
        }
        let mut object = reader.object(&response, Rule::Di3)?;
        let named = reader
            .text(object.take("resource"), Rule::Pr2, "resource")?
            .ok_or_else(|| malformed(Rule::Pr2, "resource is missing"))?;
        if named != resource {
            if !is_below(resource, &named) {
                let what = "the metadata names another resource than the one that was asked";
                return Err(malformed(Rule::Pr2, what));
            }
            reader.admit(Quirk::ResourcePrefix, || {
                let what = "the metadata names a resource above the one that was asked";
                malformed(Rule::Pr2, what)
            })?;
        }
        let name = "authorization_servers";
        let servers = reader.list(object.take(name), Rule::Pr3, name)?;
        let servers = match servers {
            None => Vec::new(),
            Some(servers) if servers.is_empty() || servers.len() > MAX_SERVERS => {
                return Err(malformed(Rule::Pr3, "authorization_servers is not a list of 1 to 32 issuers"));
            }
            Some(servers) => servers,
        };
        if let Some(unfit) = servers.iter().find_map(|issuer| require_issuer(issuer, quirks).err()) {
            let no = malformed(Rule::Pr3, "authorization_servers has an entry that is not an issuer URL");
            return Err(match unfit.admitted_by() {
                Some(quirk) => no.unless_admitted(quirk),
                None => no,
            });
        }
        let jwks_uri = reader.text(object.take("jwks_uri"), Rule::Di5, "jwks_uri")?;
        if jwks_uri.as_deref().is_some_and(|url| uri::endpoint(url, quirks).is_err()) {
            return Err(malformed(Rule::Di5, "jwks_uri is not an https URL without a fragment"));
        }
        let mut list = |name| reader.list(object.take(name), Rule::Di6, name);
        let scopes = list("scopes_supported")?.unwrap_or_default();
        let bearer_methods = list("bearer_methods_supported")?;
        let dpop_algorithms = list("dpop_signing_alg_values_supported")?;
        let mut flag = |name| reader.flag(object.take(name), Rule::Di6, name);
        let requires_dpop = flag("dpop_bound_access_tokens_required")?.unwrap_or_default();
        let binds_certificates = flag("tls_client_certificate_bound_access_tokens")?.unwrap_or_default();
        let is_signed = Document::is_signed(&mut reader, &mut object)?;
        Ok(Self {
            resource: named,
            authorization_servers: servers,
            scopes,
            bearer_methods,
            dpop_algorithms,
            requires_dpop,
            binds_certificates,
            jwks_uri,
            document: Document::of(response, reader.seen, is_signed, signer.is_some(), now),
        })
    }

    /// The resource identifier, as the document has it.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// The issuers that it names, in its order, which means nothing; none if it names none.
    #[must_use]
    pub fn authorization_servers(&self) -> &[String] {
        &self.authorization_servers
    }

    /// The first of the program's own issuers that the API takes tokens of ([PR-3](crate::Rule::Pr3), RFC 9728 §7.6).
    #[must_use]
    pub fn choose<'a>(&self, trusted: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        trusted.into_iter().find(|issuer| self.authorization_servers.iter().any(|named| named == issuer))
    }

    /// Compares with what the server says in turn, where it lists its resources (`protected_resources`, RFC 9728 §4).
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] ([PR-3](crate::Rule::Pr3)) if it does and this is not among them, or the API does not name its
    /// issuer.
    pub fn require_confirmed_by(&self, server: &AuthorizationServer) -> Result<(), Error> {
        let is_named = server.issuer_identifier().is_some_and(|issuer| self.choose([issuer]).is_some());
        let is_listed =
            server.listed("protected_resources").is_none_or(|listed| listed.contains(&self.resource));
        if is_named && is_listed {
            return Ok(());
        }
        Err(malformed(
            Rule::Pr3,
            "the resource and the authorization server do not name each other in authorization_servers and \
             protected_resources",
        ))
    }

    /// The scopes that the API knows.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// How the API takes bearer tokens: `header`, `body`, `query`; none if it does not say. This library sends them in
    /// the header only.
    #[must_use]
    pub fn bearer_methods(&self) -> Option<&[String]> {
        self.bearer_methods.as_deref()
    }

    /// The algorithms of DPoP proofs that the API takes.
    #[must_use]
    pub fn dpop_algorithms(&self) -> Option<&[String]> {
        self.dpop_algorithms.as_deref()
    }

    /// Whether the API takes DPoP-bound tokens only.
    #[must_use]
    pub const fn requires_dpop(&self) -> bool {
        self.requires_dpop
    }

    /// Whether the API knows tokens that are bound to certificates (RFC 8705).
    #[must_use]
    pub const fn binds_certificates(&self) -> bool {
        self.binds_certificates
    }

    /// Where the API's own public keys are.
    #[must_use]
    pub fn jwks_uri(&self) -> Option<&str> {
        self.jwks_uri.as_deref()
    }

    says_of_its_document!();
}

/// Shows which API it is about and whom it names, and nothing of the document itself.
impl fmt::Debug for ProtectedResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProtectedResource")
            .field("resource", &Short(&self.resource))
            .field("authorization_servers", &short::list(&self.authorization_servers))
            .field("is_signed", &self.document.is_signed)
            .field("is_verified", &self.document.is_verified)
            .field("fresh_until", &self.document.fresh_until)
            .field("quirks", &self.document.quirks)
            .finish_non_exhaustive()
    }
}

/// Whether a URL is on the same origin as the resource and its path is the resource's or below: `/a` covers `/a/b` and
/// not `/ab`. Paths are compared as they are, so one with a way up is below nothing.
fn is_below(url: &str, resource: &str) -> bool {
    let path = |text: &str| {
        let (_, rest) = uri::split_path(text);
        rest.split('?').next().unwrap_or_default().to_owned()
    };
    let (below, above) = (path(url), path(resource));
    let above = above.strip_suffix('/').unwrap_or(&above);
    let climbs = below.split('/').any(|part| matches!(part, "." | "..")) || below.contains('%');
    uri::same_origin(url, resource)
        && !resource.contains('?')
        && !climbs
        && below.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
