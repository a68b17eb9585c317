//! What an authorization server says of itself: [`Metadata`] (RFC 8414 §2 and §3.2, OpenID Connect Discovery §3).
//!
//! ```text
//!  {"issuer": …,                  compared with the issuer that was asked, byte by byte (DI-4)
//!   "token_endpoint": … (ten)     https, no fragment, reported if on another origin   (DI-5, DI-7)
//!   "…_supported": […] (many)     bounded lists of strings                            (DI-6)
//!   "require_…": true (several)   flags                                               (DI-6)
//!   "signed_metadata": "eyJ…",    verified if its signer is known, or ignored           (DI-9)
//!   anything else}                kept, read by `member`
//! ```
//!
//! Longer than most files: the members are one list, and each is read beside the others.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;

use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, malformed};
use crate::ground::flow::Response;
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::rule::Rule;
use crate::ground::text;
use crate::ground::time::UnixTime;
use crate::server::AuthorizationServer;
use crate::server::document::{Document, says_of_its_document};
use crate::server::signed_metadata::MetadataSigner;
use crate::server::unusable::Unusable;
use crate::wire::answer::Reader;
use crate::wire::json::{Object, Value};
use crate::wire::{json, uri};

/// The lists that are read, sorted. Any other member is read by [`Metadata::member`].
const LISTS: &[&str] = &[
    "acr_values_supported",
    "authorization_details_types_supported",
    "authorization_encryption_alg_values_supported",
    "authorization_encryption_enc_values_supported",
    "authorization_signing_alg_values_supported",
    "claim_types_supported",
    "claims_supported",
    "code_challenge_methods_supported",
    "display_values_supported",
    "dpop_signing_alg_values_supported",
    "grant_types_supported",
    "id_token_encryption_alg_values_supported",
    "id_token_encryption_enc_values_supported",
    "id_token_signing_alg_values_supported",
    "introspection_endpoint_auth_methods_supported",
    "introspection_endpoint_auth_signing_alg_values_supported",
    "introspection_signing_alg_values_supported",
    "prompt_values_supported",
    "protected_resources",
    "request_object_encryption_alg_values_supported",
    "request_object_encryption_enc_values_supported",
    "request_object_signing_alg_values_supported",
    "response_modes_supported",
    "response_types_supported",
    "revocation_endpoint_auth_methods_supported",
    "revocation_endpoint_auth_signing_alg_values_supported",
    "scopes_supported",
    "subject_types_supported",
    "token_endpoint_auth_methods_supported",
    "token_endpoint_auth_signing_alg_values_supported",
    "ui_locales_supported",
    "userinfo_signing_alg_values_supported",
];

/// The flags that are read, sorted.
const FLAGS: &[&str] = &[
    "authorization_response_iss_parameter_supported",
    "backchannel_logout_session_supported",
    "backchannel_logout_supported",
    "claims_parameter_supported",
    "client_id_metadata_document_supported",
    "frontchannel_logout_session_supported",
    "frontchannel_logout_supported",
    "request_parameter_supported",
    "request_uri_parameter_supported",
    "require_pushed_authorization_requests",
    "require_request_uri_registration",
    "require_signed_request_object",
    "tls_client_certificate_bound_access_tokens",
];

/// A server's metadata document, checked.
///
/// A server that does not list how clients authenticate at its token endpoint is not held to RFC 8414's default of
/// `client_secret_basic`: how a client was registered counts ([CA-3](crate::Rule::Ca3)).
#[derive(Clone)]
pub struct Metadata {
    pub(super) server: AuthorizationServer,
    foreign: Vec<Endpoint>,
    unusable: Vec<Endpoint>,
    empty: Vec<&'static str>,
    pub(super) document: Document,
}

impl Metadata {
    /// Reads the answer of a well-known place of `issuer`, received at `now`. If a signer is known, it has signed the document,
    /// and what is signed in it stands in the place of what is not (RFC 8414 §2.1). What it says is added to what is `known`.
    pub(crate) fn parse(
        response: Response,
        issuer: &str,
        known: &AuthorizationServer,
        signer: Option<&MetadataSigner>,
        now: UnixTime,
    ) -> Result<Self, Error> {
        let response = Document::admit(response, "issuer", signer, now)?;
        Self::read(response, issuer, known, signer.is_some(), now)
    }

    /// Reads a document; `is_verified` if what was signed in it stands in the place of what was not. What it does not say
    /// stays as it is known.
    pub(super) fn read(
        response: Response,
        issuer: &str,
        known: &AuthorizationServer,
        is_verified: bool,
        now: UnixTime,
    ) -> Result<Self, Error> {
        let quirks = known.quirks();
        let mut reader = Reader::new(quirks);
        let mut object = reader.object(&response, Rule::Di3)?;
        let named = reader.text(object.take("issuer"), Rule::Di4, "issuer")?;
        if named.as_deref() != Some(issuer) {
            let named = named.map_or_else(|| "no issuer".to_owned(), |named| text::displayable(&named, &[]));
            let what = format!("the metadata names {named}, and {issuer} was asked for, to the letter");
            return Err(malformed(Rule::Di4, what));
        }
        let mut server = known.clone().issuer(issuer)?;
        server.said = server.said.by(issuer);
        let (mut foreign, mut unusable) = (Vec::new(), Vec::new());
        for &endpoint in Endpoint::ALL {
            match address(&mut reader, &mut object, endpoint, quirks) {
                Ok(None) => {}
                Ok(Some(url)) => {
                    if !uri::same_origin(&url, issuer) {
                        foreign.push(endpoint);
                    }
                    server = server.endpoint(endpoint, &url)?;
                    server.said.insert(endpoint, server.url_of(endpoint));
                }
                Err(fault) => {
                    unusable.push(endpoint);
                    server = server.without_usable(endpoint, fault);
                }
            }
        }
        let mut empty = Vec::new();
        for &name in LISTS {
            let Some(list) = reader.list(object.take(name), Rule::Di6, name)? else { continue };
            if list.is_empty() {
                empty.push(name);
            } else {
                server = server.list(name, list);
            }
        }
        // A list without elements is tolerated, and says as little as none; but this one must be there.
        if server.listed("response_types_supported").is_none() && !empty.contains(&"response_types_supported")
        {
            reader.admit(Quirk::NoResponseTypes, || {
                malformed(Rule::Di6, "response_types_supported is missing")
            })?;
        }
        for &name in FLAGS {
            if reader.flag(object.take(name), Rule::Di6, name)? == Some(true) {
                server = server.flag(name);
            }
        }
        let is_signed = Document::is_signed(&mut reader, &mut object)?;
        match reader.present(object.take("mtls_endpoint_aliases"), Rule::Di5, "mtls_endpoint_aliases")? {
            None => {}
            Some(Value::Object(members)) => {
                server = aliases(&mut reader, members, server, &mut foreign, &mut unusable)?;
            }
            Some(_) => return Err(malformed(Rule::Di5, "mtls_endpoint_aliases is not an object")),
        }
        if let Some(what) = server.not_admitted() {
            return Err(malformed(Rule::Di5, what).unless_admitted(Quirk::LoopbackHttp));
        }
        Ok(Self {
            server: server.with_published_keys(),
            foreign,
            unusable,
            empty,
            document: Document::of(response, reader.seen, is_signed, is_verified, now),
        })
    }

    /// The server that the document describes.
    #[must_use]
    pub const fn server(&self) -> &AuthorizationServer {
        &self.server
    }

    /// The same, to be kept.
    #[must_use]
    pub fn into_server(self) -> AuthorizationServer {
        self.server
    }

    /// The endpoints that are on another origin than the issuer ([DI-7](crate::Rule::Di7)), or whose aliases for clients
    /// with a certificate are: worth a warning, because the author of the document decides where the client's credentials
    /// go. Some servers are made so.
    #[must_use]
    pub fn foreign_endpoints(&self) -> &[Endpoint] {
        &self.foreign
    }

    /// The endpoints whose address cannot be used ([DI-5](crate::Rule::Di5)), their own or that of their alias for clients with
    /// a certificate: not an https URL without a fragment. They were left out, because what a program does not use does not
    /// spoil the rest. One that it does use is refused then, by that rule.
    #[must_use]
    pub fn unusable_endpoints(&self) -> &[Endpoint] {
        &self.unusable
    }

    /// The lists that came without elements, which RFC 8414 §3.2 forbids; they are taken for absent.
    #[must_use]
    pub fn empty_lists(&self) -> &[&'static str] {
        &self.empty
    }

    says_of_its_document!();

    /// Until when it may be used while it cannot be fetched again: `longer` than it is fresh, as long as the program likes
    /// ([DI-10](crate::Rule::Di10)). Nobody needs to: without this, a document that is no longer fresh is fetched or nothing
    /// is done.
    #[must_use]
    pub fn usable_until(&self, longer: Duration) -> UnixTime {
        self.document.fresh_until.after(longer)
    }
}

/// Shows whose document it is and what was noticed, and nothing of the document itself.
impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metadata")
            .field("server", &self.server)
            .field("foreign_endpoints", &self.foreign)
            .field("unusable_endpoints", &self.unusable)
            .field("is_signed", &self.document.is_signed)
            .field("is_verified", &self.document.is_verified)
            .field("fresh_until", &self.document.fresh_until)
            .field("quirks", &self.document.quirks)
            .finish_non_exhaustive()
    }
}

/// The address of an endpoint, or what is wrong with it.
fn address(
    reader: &mut Reader,
    object: &mut Object<'_>,
    endpoint: Endpoint,
    quirks: Quirks,
) -> Result<Option<String>, Unusable> {
    let url = match reader.present(object.take(endpoint.name()), Rule::Di5, endpoint.name()) {
        Ok(None) => return Ok(None),
        Ok(Some(Value::Text(url))) => url,
        Ok(Some(_)) => return Err(Unusable::NoUrl),
        Err(_) => return Err(Unusable::Null),
    };
    match uri::endpoint(&url, Quirks::WHEN_NAMED) {
        Ok(uri) if uri.scheme_str() == Some("https") => Ok(Some(url.into_owned())),
        Ok(_) if quirks.contains(Quirk::LoopbackHttp) => {
            reader.seen = reader.seen.with(Quirk::LoopbackHttp);
            Ok(Some(url.into_owned()))
        }
        Ok(_) => Err(Unusable::OnLoopback),
        Err(_) => Err(Unusable::NoUrl),
    }
}

/// The endpoints for clients that show a certificate: an object of the same names (RFC 8705 §5).
fn aliases(
    reader: &mut Reader,
    mut members: Object<'_>,
    mut server: AuthorizationServer,
    foreign: &mut Vec<Endpoint>,
    unusable: &mut Vec<Endpoint>,
) -> Result<AuthorizationServer, Error> {
    let note = |endpoints: &mut Vec<Endpoint>, endpoint| {
        if !endpoints.contains(&endpoint) {
            endpoints.push(endpoint);
        }
    };
    for &endpoint in Endpoint::ALL {
        match address(reader, &mut members, endpoint, server.quirks()) {
            Ok(None) => {}
            Ok(Some(url)) => {
                if !server.issuer_identifier().is_some_and(|issuer| uri::same_origin(&url, issuer)) {
                    note(foreign, endpoint);
                }
                server = server.mtls_alias(endpoint, &url)?;
                server.said.insert(endpoint, server.mtls_url_of(endpoint));
            }
            Err(fault) => {
                note(unusable, endpoint);
                server = server.without_usable_alias(endpoint, fault);
            }
        }
    }
    Ok(server)
}
