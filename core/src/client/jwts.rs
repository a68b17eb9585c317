//! The JWTs that go with one request to the authorization server: [`Jwts`].

use std::time::Duration;

use http::{HeaderValue, Method};

use crate::client::Client;
use crate::client::dpop::Dpop;
use crate::client::dpop::audience::Audience;
use crate::client::dpop::proof::Proof;
use crate::client::late::{Late, Made, MadeParameter};
use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::jose::once::Once;
use crate::jose::signer::Signed;

/// What is written for one request and no other. A flow keeps it as long as the request may be asked for again, and
/// writes another for the next.
#[derive(Default)]
pub(crate) struct Jwts {
    /// By which the client authenticates.
    assertion: Option<Made>,
    /// When that was written, and for how long it is good.
    good_for: Option<(UnixTime, Duration)>,
    /// Of the key that the client's tokens are bound to.
    proof: Option<Proof>,
    /// Parameters that are made for this request.
    late: Vec<MadeParameter>,
}

impl Jwts {
    /// Those that this client sends there, not signed yet; none for most clients.
    pub(crate) fn written(
        client: &Client,
        endpoint: Endpoint,
        proves: bool,
        late: &[Late],
        now: UnixTime,
    ) -> Result<Self, Error> {
        let written = client.assertions().map(|assertions| assertions.write(now)).transpose()?;
        let assertion = match client.foreign_assertions() {
            Some(late) => Some(late.begin_value(now)?),
            None => written.map(|jwt| Made::Jwt(Once::new(jwt))),
        };
        let good_for = client.assertions().map(|assertions| (now, assertions.good_for()));
        let target = (&Method::POST, client.endpoint(endpoint)?);
        let prove = |key: &Dpop| key.prove(Audience::AuthorizationServer, target, None, now);
        let proof = client.bound_to().filter(|_| proves && endpoint.takes_proofs()).map(prove).transpose()?;
        let late = client
            .late_secret()
            .into_iter()
            .chain(late)
            .map(|late| late.begin(now))
            .collect::<Result<_, _>>()?;
        Ok(Self { assertion, good_for, proof, late })
    }

    /// Asks for the signatures that are missing, for all of them before it waits for one, and while the assertion is good.
    pub(crate) fn sign(&mut self, now: UnixTime) -> Result<Signed<()>, Error> {
        let is_over = self.good_for.is_some_and(|(from, time)| now.since(from) >= time);
        if is_over && !self.are_signed() {
            return Err(misuse_of(
                Rule::Ca4,
                "the key did not sign the client assertion before it expired: have it answer sooner",
            ));
        }
        let assertion = self.assertion.as_mut().map(|made| made.ask(now)).transpose()?.flatten();
        let proof = self.proof.as_mut().map(Proof::header).transpose()?.and_then(|header| header.pending());
        let mut wait = assertion.max(proof);
        for late in &mut self.late {
            wait = wait.max(late.ask(now)?);
        }
        Ok(wait.map_or(Signed::Ready(()), Signed::Pending))
    }

    fn are_signed(&self) -> bool {
        self.assertion.as_ref().is_none_or(|jwt| jwt.text().is_some())
            && self.proof.as_ref().is_none_or(|proof| proof.signed().is_some())
    }

    /// The client assertion, once it is signed.
    pub(crate) fn assertion(&self) -> Option<&str> {
        self.assertion.as_ref().and_then(Made::text)
    }

    /// The proof's header, once it is signed.
    pub(crate) fn proof(&self) -> Option<&HeaderValue> {
        self.proof.as_ref().and_then(Proof::signed)
    }

    /// Whether there is a proof, and this nonce is another than its own.
    pub(crate) fn are_answered_by(&self, nonce: &str) -> bool {
        self.proof.as_ref().is_some_and(|proof| proof.is_answered_by(nonce))
    }

    /// The bytes that they add to a form, encoded.
    pub(crate) fn form_size(&self) -> usize {
        // With the names of the two parameters and the type.
        let assertion = self.assertion().map_or(0, |text| text.len() + 128);
        assertion + self.late().map(|(name, text)| encoded(name) + encoded(text) + 2).sum::<usize>()
    }

    /// The texts of all that are signed.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let proof = self.proof().and_then(|proof| proof.to_str().ok());
        self.assertion().into_iter().chain(proof).chain(self.late().map(|(_, text)| text))
    }

    /// The parameters that were made for this request, once they are here.
    pub(crate) fn late(&self) -> impl Iterator<Item = (&str, &str)> {
        self.late.iter().filter_map(|late| Some((&*late.name, late.text()?)))
    }
}

/// The length of a text as it is in a form.
fn encoded(text: &str) -> usize {
    form_urlencoded::byte_serialize(text.as_bytes()).map(str::len).sum()
}
