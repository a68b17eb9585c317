//! What is held to a security profile: [`Held`], a client with what is known of its request.

use crate::client::Client;
use crate::client::authentication::Authentication;
use crate::client::security_profile::SecurityProfile;
use crate::ground::endpoint::Endpoint;
use crate::ground::quirk::Quirk;
use crate::ground::response_mode::ResponseMode;
use crate::jose::algorithm::Algorithm;

/// What an authorization request asks for, and how.
pub(crate) struct Front<'a> {
    pub(crate) response_type: &'a str,
    pub(crate) mode: ResponseMode,
    /// The algorithm that signs it, if it is signed.
    pub(crate) signed_by: Option<Algorithm>,
    pub(crate) is_pushed: bool,
    pub(crate) redirect_uri: &'a str,
}

/// What is held to a profile. What is not known of the request, since it is of another kind, keeps every clause.
pub(super) struct Held<'a> {
    pub(super) client: &'a Client,
    pub(super) profile: SecurityProfile,
    pub(super) endpoint: Option<Endpoint>,
    pub(super) grant: Option<&'a str>,
    pub(super) front: Option<&'a Front<'a>>,
}

impl Held<'_> {
    /// Whether an authorization request is so.
    pub(super) fn asks(&self, is_so: impl FnOnce(&Front<'_>) -> bool) -> bool {
        self.front.is_none_or(is_so)
    }

    /// Whether none of these is admitted at the server.
    pub(super) fn admits_none(&self, quirks: &[Quirk]) -> bool {
        let admitted = self.client.server().quirks();
        quirks.iter().all(|quirk| !admitted.contains(*quirk))
    }

    /// By its own key, or by its certificate. What another authority writes for it says what that likes.
    pub(super) fn is_authenticated(&self) -> bool {
        match &self.client.0.proof {
            Authentication::Assertion(assertions) => !assertions.algorithm().is_symmetric(),
            Authentication::Certificate(_) => true,
            Authentication::None
            | Authentication::Basic { .. }
            | Authentication::Post { .. }
            | Authentication::PostLate(_)
            | Authentication::AssertionsFrom(_) => false,
        }
    }

    /// Whether its assertions are for the issuer alone.
    pub(super) fn is_addressed_to_issuer(&self) -> bool {
        let issuer = self.client.server().issuer_identifier();
        self.client.assertions().is_none_or(|assertions| Some(assertions.audience()) == issuer)
    }

    /// Whether whatever it signs is by an algorithm of the profile.
    pub(super) fn signs_well(&self) -> bool {
        let assertion = self.client.assertions().map(|assertions| assertions.algorithm());
        let proof = self.client.bound_to().map(|key| key.algorithm());
        let request = self.front.and_then(|front| front.signed_by);
        [assertion, proof, request]
            .into_iter()
            .flatten()
            .all(|used| self.profile.algorithms().contains(&used))
    }

    /// Whether its request is signed.
    pub(super) fn signs_request(&self) -> bool {
        self.asks(|front| front.signed_by.is_some())
    }

    /// Whether the server's own metadata say where this goes.
    pub(super) fn is_discovered(&self) -> bool {
        self.client.server().is_said(self.endpoint)
    }

    /// Whether a code is challenged for by S256 as RFC 7636 writes it.
    pub(super) fn challenges(&self) -> bool {
        self.admits_none(&[Quirk::NoCodeChallenge]) && !self.client.server().challenges_in_hex
    }
}
