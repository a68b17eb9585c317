//! What a pending authorization expects of its response, and the checks that are the same whatever was asked for:
//! [`Expected`].
//!
//! Longer than most files: what a response is compared with stands beside each comparison.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::authorize::iss::{Iss, is_success, meaning, require_iss};
use crate::authorize::opened;
use crate::authorize::parties::Parties;
use crate::authorize::response::AuthorizationResponse;
use crate::authorize::response_parameters::{PLAIN, Parameters, TOKENS, read, split, twice};
use crate::client::Client;
use crate::client::encrypted::Message;
use crate::client::security_profile::SecurityProfile;
use crate::ground::error::{Error, misuse_of, response_refused, too_late};
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::refused::Refused;
use crate::ground::response_mode::ResponseMode;
use crate::ground::rule::{Checks, Rule};
use crate::ground::text;
use crate::ground::time::UnixTime;
use crate::jose::claims::ClaimsCheck;
use crate::jose::jwe::Decryption;
use crate::server::AuthorizationServer;
use crate::terms::secret::{State, exposed, same};

/// The longest code, state or error, in bytes ([AR-8](crate::Rule::Ar8)).
const MAX_VALUE: usize = 16 * 1024;

/// What a pending authorization expects of its response. Serialized as a part of it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Expected {
    #[serde(flatten)]
    pub(crate) parties: Parties,
    pub(crate) response_mode: ResponseMode,
    #[serde(with = "exposed")]
    pub(crate) state: State,
    pub(crate) expires_at: UnixTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<String>,
    /// What the client was held to when it asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    security_profile: Option<SecurityProfile>,
    #[serde(default)]
    spent: bool,
    /// How the client is registered to have the response encrypted, as far as that is known here; no part of the record.
    #[serde(skip)]
    decryption: Option<Decryption>,
    /// What the last response passed; no part of the record.
    #[serde(skip)]
    pub(crate) checks: Checks,
    /// What departed in it and was let through; no part of the record.
    #[serde(skip)]
    pub(crate) quirks: Quirks,
    /// Likewise when the request was pushed.
    #[serde(skip)]
    pushed_with: Quirks,
    /// What a good response that was posted said of the person; no part of the record.
    #[serde(skip)]
    pub(crate) user: Option<String>,
}

impl Expected {
    pub(crate) fn new(
        client: &Client,
        parties: Parties,
        response_mode: ResponseMode,
        state: State,
        session: Option<String>,
        now: UnixTime,
        valid_for: Duration,
    ) -> Self {
        Self {
            parties,
            response_mode,
            state,
            expires_at: now.after(valid_for),
            session,
            security_profile: client.held_to(),
            spent: false,
            decryption: client.decryption_of(Message::AuthorizationResponse),
            checks: Checks::NONE,
            quirks: Quirks::default(),
            pushed_with: Quirks::default(),
            user: None,
        }
    }

    /// Remembers what was let through when the request was pushed.
    pub(crate) const fn pushed_with(&mut self, quirks: Quirks) {
        (self.quirks, self.pushed_with) = (quirks, quirks);
    }

    /// Notes what a good response says of the person beside it, which only a posted one may ([AR-23](crate::Rule::Ar23)).
    pub(crate) fn note_user(&mut self, parameters: &Parameters<'_>) {
        let is_posted = self.response_mode == ResponseMode::FormPost;
        self.user = parameters.get("user").filter(|_| is_posted).map(str::to_owned);
    }

    pub(crate) const fn is_spent(&self) -> bool {
        self.spent
    }

    /// Whether the response answers this request: it came to the redirect URI with the right `state`. Tells a
    /// receiver what to keep waiting for; it is no substitute for the checks of [`admit`](Self::admit).
    pub(crate) fn recognizes(&self, response: &AuthorizationResponse) -> bool {
        self.require_recognized(response).is_ok()
    }

    /// The same with the reason why not.
    pub(crate) fn require_recognized(&self, response: &AuthorizationResponse) -> Result<(), Error> {
        self.require_arrival(response)?;
        let parameters = response.parameters(self.response_mode.place())?;
        let is_ours = self.has_state(&parameters)
            || self.response_mode.is_signed()
                && opened::claimed_state(&parameters)
                    .or_else(|| response.encrypted_state(self.decryption.as_ref()))
                    .is_some_and(|state| self.is_state(&state));
        if is_ours { Ok(()) } else { Err(another_state()) }
    }

    /// Makes every check that does not depend on what was asked for. After [`proven`](Self::proven) the response is the server's word;
    /// from there on the pending authorization is spent, whatever the response says ([AR-12](crate::Rule::Ar12)), and its error is
    /// shown ([AR-6](crate::Rule::Ar6)), without a look at what else is there ([AR-25](crate::Rule::Ar25)).
    pub(crate) fn admit<'r>(
        &mut self,
        client: &Client,
        response: &'r AuthorizationResponse,
        brings_id_token: bool,
        now: UnixTime,
    ) -> Result<Parameters<'r>, Error> {
        let parameters = self.proven(client, response, brings_id_token, now)?;
        self.spent = true;

        let meaning = meaning(client.server(), &parameters);
        match (parameters.get("error"), is_success(client.server(), &parameters)) {
            (Some(_), true) if parameters.get("id_token").is_some() => {
                Err(response_refused(Rule::Ar25, "the response is an error, and has an ID token"))
            }
            (Some(_), true) => {
                Err(response_refused(Rule::Ar7, "the response is both a success and an error"))
            }
            (None, false) if meaning.is_none() => Ok(parameters),
            (error, false) => {
                self.checks.pass(Rule::Ar7);
                let error = error.unwrap_or_default();
                require_bounded(error)?;
                let words = parameters.get("error_description").or_else(|| parameters.get("error_message"));
                let mut refused = Refused::redirected(error, words, parameters.get("error_uri"));
                refused.meaning = meaning;
                let read = [Rule::Ar8, Rule::Er3, Rule::Er4, Rule::Ar25].into_iter();
                for rule in read.chain(refused.code().map(|_| Rule::Er1)) {
                    self.checks.pass(rule);
                }
                refused.quirks = self.quirks;
                Err(Error::Refused(Box::new(refused)))
            }
            (None, true) => Ok(parameters),
        }
    }

    /// Whether the response is this server's, in answer to this request: where and how the response arrived
    /// ([AR-10](crate::Rule::Ar10), [AR-11](crate::Rule::Ar11)), each parameter once ([AR-1](crate::Rule::Ar1)), then `iss`
    /// ([AR-3](crate::Rule::Ar3), [AR-4](crate::Rule::Ar4)), then `state` ([AR-5](crate::Rule::Ar5)), then the session
    /// ([AR-14](crate::Rule::Ar14)). Uses nothing up. Where an ID token comes with it, that may stand for `iss`: it is verified next
    /// ([AR-18](crate::Rule::Ar18)).
    pub(crate) fn proven<'r>(
        &mut self,
        client: &Client,
        response: &'r AuthorizationResponse,
        brings_id_token: bool,
        now: UnixTime,
    ) -> Result<Parameters<'r>, Error> {
        self.checks = Checks::NONE;
        self.quirks = self.pushed_with;
        if self.spent {
            return Err(misuse_of(
                Rule::Ar12,
                "this pending authorization has been used already: a response that comes again, by a reload for \
                 example, needs no answer; for another login begin another authorization",
            ));
        }
        self.checks.pass(Rule::Ar12);
        self.require_client(client)?;
        self.checks.pass(Rule::Tr17);
        if now > self.expires_at {
            return Err(too_late(
                Rule::Ar13,
                format!(
                    "the user came back {} s after the pending authorization had expired: begin another",
                    now.since(self.expires_at).as_secs()
                ),
            ));
        }
        self.checks.pass(Rule::Ar13);
        self.require_arrival(response)?;
        self.checks.pass(Rule::Ar10);
        let (parameters, iss_is_elsewhere) = self.require_mode(client.server(), response)?;
        if iss_is_elsewhere {
            self.quirks = self.quirks.with(Quirk::IssInQuery);
        }
        self.checks.pass(Rule::Ar11);
        self.checks.pass(Rule::Ar1);
        self.checks.pass(Rule::Ar2);
        let parameters = if self.response_mode.is_signed() {
            self.require_signed(client, response, now)?
        } else {
            parameters
        };
        match require_iss(client, &parameters, brings_id_token)? {
            Iss::Kept(rule) => self.checks.pass(rule),
            Iss::LetThrough(quirk) => self.quirks = self.quirks.with(quirk),
            Iss::Unasked | Iss::InIdToken => {}
        }
        if !self.has_state(&parameters) {
            return Err(another_state());
        }
        self.checks.pass(Rule::Ar5);
        self.require_session(response)?;
        if self.session.is_some() {
            self.checks.pass(Rule::Ar14);
        }
        Ok(parameters)
    }

    /// The parameters in the place that was asked for and nowhere else ([AR-11](crate::Rule::Ar11)), and signed if that was
    /// asked for, with nothing of them beside it ([AR-2](crate::Rule::Ar2)); and whether `iss` alone was elsewhere, which is
    /// then among them.
    pub(crate) fn require_mode<'r>(
        &self,
        server: &AuthorizationServer,
        response: &'r AuthorizationResponse,
    ) -> Result<(Parameters<'r>, bool), Error> {
        let place = self.response_mode.place();
        let iss = response.require_nothing_elsewhere(place, server)?;
        let mut parameters = response.parameters(place)?;
        let iss_is_elsewhere = iss.is_some();
        if let Some(iss) = iss {
            parameters.add("iss", iss).ok_or_else(twice)?;
        }
        let is_signed = parameters.get("response").is_some();
        let what = match (self.response_mode.is_signed(), is_signed) {
            (false, false) => return Ok((parameters, iss_is_elsewhere)),
            (false, true) => "a signed response came, which was not asked for",
            (true, false) => "a signed response was asked for, and a plain one came",
            (true, true)
                if PLAIN
                    .iter()
                    .chain(&TOKENS)
                    .chain([&server.code_name()])
                    .any(|name| parameters.get(name).is_some()) =>
            {
                "a signed response has parameters beside it"
            }
            (true, true) => return Ok((parameters, iss_is_elsewhere)),
        };
        Err(response_refused(Rule::Ar2, what))
    }

    /// What a signed response says, its signature having been verified: if it is this server's ([JM-2](crate::Rule::Jm2)),
    /// for this client ([JM-3](crate::Rule::Jm3)), and still good ([JM-4](crate::Rule::Jm4)).
    fn require_signed<'r>(
        &mut self,
        client: &Client,
        response: &'r AuthorizationResponse,
        now: UnixTime,
    ) -> Result<Parameters<'r>, Error> {
        let Some(opened) = &response.opened else {
            return Err(misuse_of(
                Rule::Jm1,
                "the response is signed: call `PendingAuthorization::open` on it before `finish`",
            ));
        };
        // The keys that verified it were that server's: another server's keys would prove nothing.
        if self.parties.issuer() != Some(opened.verified_for.as_str()) {
            return Err(misuse_of(Rule::Tr17, "the response was opened for another server"));
        }
        opened.verified.iter().for_each(|rule| self.checks.pass(rule));
        self.quirks = self.quirks.and(opened.quirks);
        if opened.claims.issuer() != self.parties.issuer() {
            return Err(response_refused(
                Rule::Jm2,
                "the iss of the signed response is not the server's issuer",
            ));
        }
        self.checks.pass(Rule::Jm2);
        if !opened.claims.audience().iter().any(|audience| audience == client.id()) {
            return Err(response_refused(
                Rule::Jm3,
                "the aud of the signed response does not name this client",
            ));
        }
        self.checks.pass(Rule::Jm3);
        if opened.claims.expires_at().is_none_or(|end| now >= end) {
            return Err(response_refused(
                Rule::Jm4,
                "the exp of the signed response is missing or has passed",
            ));
        }
        // A server's clock may be ahead of ours: what else is dated is looked at with some patience.
        ClaimsCheck::at(now).leeway(client.server().skew()).check(&opened.claims)?;
        self.checks.pass(Rule::Jm4);
        Ok(Parameters::of(&opened.parameters))
    }

    fn has_state(&self, parameters: &Parameters<'_>) -> bool {
        parameters.get("state").is_some_and(|state| self.is_state(state))
    }

    fn is_state(&self, state: &str) -> bool {
        state.len() <= MAX_VALUE && self.state.matches(state)
    }

    pub(crate) fn require_client(&self, client: &Client) -> Result<(), Error> {
        if !self.parties.include(client) {
            return Err(misuse_of(
                Rule::Tr17,
                "this pending authorization belongs to another client or server than this one",
            ));
        }
        client.require_asked_in(self.security_profile)
    }

    /// The response came to this very redirect URI; parameters that the URI has of its own are still there.
    fn require_arrival(&self, response: &AuthorizationResponse) -> Result<(), Error> {
        let elsewhere = || {
            let what = format!(
                "the response did not arrive at the redirect URI of its request, {}: give the URL that the \
                 browser called, unchanged",
                self.shown_redirect_uri()
            );
            response_refused(Rule::Ar10, what)
        };
        let (base, own) = split(self.parties.redirect_uri(), b'?');
        if response.base() != base {
            return Err(elsewhere());
        }
        let (Some(own), Some(query)) = (own, response.query()) else {
            return if own.is_none() { Ok(()) } else { Err(elsewhere()) };
        };
        let (own, query) = (read(own)?, read(query)?);
        if own.are_within(&query) { Ok(()) } else { Err(elsewhere()) }
    }

    /// The redirect URI for an error: without its query, which may hold what is not for logs.
    pub(crate) fn shown_redirect_uri(&self) -> String {
        let (base, _) = split(self.parties.redirect_uri(), b'?');
        text::displayable(base, &[])
    }

    pub(crate) fn require_session(&self, response: &AuthorizationResponse) -> Result<(), Error> {
        match (&self.session, &response.session) {
            (Some(bound), Some(arrived)) if same(bound, arrived) => Ok(()),
            (None, None) => Ok(()),
            (None, Some(_)) => Err(misuse_of(
                Rule::Ar14,
                "this authorization was begun without a session, and `received_in` was called on its response: begin \
                 it with the session",
            )),
            (Some(_), Some(_)) => Err(response_refused(
                Rule::Ar14,
                "the response arrived in another session than the one that this authorization was begun \
                 with",
            )),
            (Some(_), None) => Err(misuse_of(
                Rule::Ar14,
                "this authorization was begun with a session: call `received_in` on the response",
            )),
        }
    }
}

fn another_state() -> Error {
    response_refused(
        Rule::Ar5,
        "the response's state is not the one that was sent: an old page or another login brought it, so begin again",
    )
}

/// [AR-12](crate::Rule::Ar12) in a store: who deleted the record is the one that goes on.
pub(crate) fn require_deleted(deleted: bool) -> Result<(), Error> {
    if deleted {
        return Ok(());
    }
    Err(misuse_of(
        Rule::Ar12,
        "another request took this pending authorization out of its store first, as happens when the \
         callback's page is reloaded: the first request finishes it, so send this browser on to where a \
         login ends",
    ))
}

pub(crate) fn require_bounded(value: &str) -> Result<(), Error> {
    if value.len() > MAX_VALUE {
        Err(response_refused(Rule::Ar8, "a parameter of the authorization response is too long"))
    } else {
        Ok(())
    }
}
