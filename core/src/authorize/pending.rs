//! What the program keeps until the person comes back: [`PendingAuthorization`], and the same in a store:
//! [`StoredAuthorization`].
//!
//! ```text
//!  web application                               its store
//!     │ begin ───── PendingAuthorization ── put ───▶│ under its state
//!     │   the person is at the server               │
//!     │ callback ─────────────────────── read ─────▶│
//!     │◀─ StoredAuthorization ──────────────────────┤
//!     │ ──────────────────────────── delete ───────▶│ who deletes it, and only they, go on
//!     │ taken_out(deleted) ── PendingAuthorization ── finish ── TokenRequest
//! ```
//!
//! Longer than most files: what is kept, and what is done with it, are one record.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::authorize::expected::{Expected, require_bounded, require_deleted};
use crate::authorize::kept::says_what_it_expects;
use crate::authorize::response::AuthorizationResponse;
use crate::authorize::signed_response::SignedResponse;
use crate::client::Client;
use crate::client::dpop::Dpop;
use crate::ground::error::{Error, misuse_of, response_refused};
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::response_mode::ResponseMode;
use crate::ground::response_type::ResponseType;
use crate::ground::rule::{Checks, Rule};
use crate::ground::time::UnixTime;
use crate::identity::asked::{Asked, is_openid};
use crate::terms::authorization_details::AuthorizationDetails;
use crate::terms::code_verifier::CodeVerifier;
use crate::terms::resource::Resource;
use crate::terms::scope::Scope;
use crate::terms::secret::{CheckedCode, exposed};
use crate::token::grant::Grant;
use crate::token::proving::Proof;
use crate::token::request::TokenRequest;
use crate::wire::version::Version;

/// What the program keeps while the person is at the server: plain data that expires and is used once
/// ([AR-12](crate::Rule::Ar12)). It is the only one of its kind: it cannot be copied.
///
/// A program that waits for the browser itself keeps it in a variable. A web application, whose next request may reach
/// another process, writes it into a store under its [`state`](Self::state): it serializes. What is read back there is
/// a [`StoredAuthorization`], which becomes this again once it is out of the store; the example is there.
///
/// The JSON form is versioned and has these members: `version` (1), `client_id`, `issuer`, `token_endpoint`,
/// `redirect_uri`, `response_mode`, `state`, `expires_at` (milliseconds since 1970), `session` (a digest),
/// `security_profile` (its name), `spent`, `code_verifier` (`null` if the request had no challenge), `scope`, `resources` (a
/// list), `authorization_details` (JSON in a string), `audience`, `dpop_jkt` (the thumbprint of the client's key), `login` (what
/// the ID token is held to: `begun_at` in milliseconds since 1970, `nonce`, `max_age` in seconds, `auth_time`, `acr`,
/// `subjects`, `repeated`, `s_hash`), `response_type` (absent for `code`), `request_expires_at` (milliseconds since 1970). It
/// holds secrets: keep it on the server side, or encrypted and authenticated.
#[derive(Serialize)]
#[serde(transparent)]
pub struct PendingAuthorization {
    pub(crate) kept: Kept,
}

/// The record, of which a program holds one at a time.
#[derive(Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) version: Version,
    #[serde(flatten)]
    pub(crate) expected: Expected,
    /// `None` where the request had no challenge, which the record says: one without the member is of another kind.
    #[serde(rename = "code_verifier", with = "exposed::or_null")]
    pub(crate) verifier: Option<CodeVerifier>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<Scope>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) resources: Vec<Resource>,
    #[serde(default, rename = "authorization_details", skip_serializing_if = "Option::is_none")]
    pub(crate) details: Option<AuthorizationDetails>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) audience: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dpop_jkt: Option<String>,
    /// What the login was asked for, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) login: Option<Asked>,
    #[serde(default, skip_serializing_if = "ResponseType::is_code")]
    pub(crate) response_type: ResponseType,
    /// Until when the server keeps the request that was pushed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) request_expires_at: Option<UnixTime>,
}

/// A pending authorization as it is read from a store. It does nothing until it is out of there: a person who reloads the
/// callback's page, or has it open twice, brings the same response twice, and of all who then read this value one may go on
/// ([AR-12](crate::Rule::Ar12)). Two that did would redeem one code twice, at which the server revokes what the first one
/// got (RFC 6749 §4.1.2, §10.5).
///
/// In a [`Store`](crate::store::Store) that is one call: [`PendingAuthorization::take_from`]. This is for a storage of the
/// program's own. There the program deletes it first, and says whether its own delete removed something. The store decides who is first:
/// the count of rows of an SQL `DELETE`, Redis's `DEL`, what a map's `remove` returns. What is out of the store is not put
/// back: a person whose response is refused begins another login.
///
/// ```
/// use std::collections::HashMap;
/// use valetkey_core::{AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, Entropy, Error, Rule, TokenRequest, UnixTime};
/// use valetkey_core::authorize::StoredAuthorization;
///
/// type Failed = Box<dyn std::error::Error>;
/// type Store = HashMap<String, String>;
///
/// /// `GET /login`: where to send the browser. `session` is the value of the browser's session cookie.
/// fn login(store: &mut Store, client: &Client, session: &str) -> Result<String, Failed> {
///     let request = AuthorizationRequest::new(client, "https://app.example/callback")?;
///     let (url, pending) = request.begin(session, entropy(), now())?;
///     store.insert(pending.state().to_owned(), serde_json::to_string(&pending)?);
///     Ok(url.as_str().to_owned())
/// }
///
/// /// `GET /callback?…`: the request for tokens that it leads to.
/// fn callback(store: &mut Store, client: &Client, session: &str, query: &str) -> Result<TokenRequest, Failed> {
///     let response = AuthorizationResponse::from_query("https://app.example/callback", query)?.received_in(session);
///     let state = response.state().unwrap_or_default();
///     let read = store.get(&state).ok_or("no login waits for this: log in again")?;
///     let stored: StoredAuthorization = serde_json::from_str(read)?;
///     let is_deleted = store.remove(stored.state()).is_some();
///     Ok(stored.taken_out(is_deleted)?.finish(client, &response, now())?)
/// }
///
/// # fn entropy() -> Entropy { Entropy::from_seed([7; 32]) }
/// # fn now() -> UnixTime { UnixTime::from_secs(1_700_000_000) }
/// # let server = AuthorizationServer::new()
/// #     .authorization_endpoint("https://as.example/authorize")?
/// #     .token_endpoint("https://as.example/token")?;
/// # let client = Client::new(server, "s6BhdRkqt3");
/// # let mut store = Store::new();
/// let url = login(&mut store, &client, "alice's session")?;
/// # let state = store.keys().next().unwrap().clone();
/// # let query = format!("code=SplxlOBeZQQYbYS6WxSbIA&state={state}");
///
/// // Two tabs come back at once, and both have read the record before one of them has deleted it.
/// let other: StoredAuthorization = serde_json::from_str(&store[&state])?;
/// assert!(callback(&mut store, &client, "alice's session", &query).is_ok());
/// let late = other.taken_out(store.remove(&state).is_some());
/// assert_eq!(late.unwrap_err().rule(), Some(Rule::Ar12));
/// // A reload finds nothing.
/// assert!(callback(&mut store, &client, "alice's session", &query).is_err());
/// # Ok::<(), Failed>(())
/// ```
#[derive(Deserialize)]
#[serde(transparent)]
pub struct StoredAuthorization {
    kept: Kept,
}

impl StoredAuthorization {
    /// `state`, under which it is stored, and by which it is deleted.
    #[must_use]
    pub fn state(&self) -> &str {
        self.kept.expected.state.expose()
    }

    /// The browser that brought the response is the one that it was begun in ([AR-14](crate::Rule::Ar14)).
    pub(crate) fn require_session(&self, response: &AuthorizationResponse) -> Result<(), Error> {
        self.kept.expected.require_session(response)
    }

    /// The pending authorization, to be finished. `deleted` is whether the program's own delete, made before this call,
    /// removed the record: not whether the record was there to be read, nor whether it is gone now.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AR-12](crate::Rule::Ar12)) if the delete removed nothing: another request of this browser, or of
    /// another one that was given the same URL, was first and goes on with the response.
    pub fn taken_out(self, deleted: bool) -> Result<PendingAuthorization, Error> {
        require_deleted(deleted)?;
        Ok(PendingAuthorization { kept: self.kept })
    }
}

impl fmt::Debug for StoredAuthorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredAuthorization")
            .field("is_spent", &self.kept.expected.is_spent())
            .finish_non_exhaustive()
    }
}

impl PendingAuthorization {
    /// Opens a response: decrypts it, if that is [registered](Client::authorization_response_encryption), verifies its
    /// signature, if a signed one was asked for ([JM-1](crate::Rule::Jm1)), and the ID token in it, if
    /// [one was](crate::AuthorizationRequest::response_type), whole and with all that ties it to the response, with the keys of the
    /// client's server; hands any other back as it is. What comes of it is for [`finish`](Self::finish), which makes every other
    /// check, or for [`finish_login`](Self::finish_login) where only an ID token was asked for. A program may open whatever comes.
    ///
    /// # Errors
    ///
    /// - [`Error::Malformed`] for a response that is not as it was asked for: in another mode ([AR-11](crate::Rule::Ar11)),
    ///   a parameter twice ([AR-1](crate::Rule::Ar1)), plain where it should be signed or the other way about
    ///   ([AR-2](crate::Rule::Ar2)), encrypted and not [registered](Client::authorization_response_encryption) to be, or the
    ///   other way about ([ID-43](crate::Rule::Id43)), in another way, or so that it does not open ([ID-44](crate::Rule::Id44)
    ///   to [ID-51](crate::Rule::Id51)), no JWT ([ID-1](crate::Rule::Id1) to [ID-3](crate::Rule::Id3));
    /// - [`Error::Misuse`] if this is another client's ([TR-17](crate::Rule::Tr17)), or the issuer or the keys of the
    ///   client's server are not known ([JM-1](crate::Rule::Jm1)), or the client is held to another
    ///   [profile](Client::security_profile) than the one that began it;
    /// - [`Error::Malformed`] for a JWT by an algorithm that the profile does not have ([FA-1](crate::Rule::Fa1),
    ///   [FA-4](crate::Rule::Fa4)).
    pub fn open(&self, client: &Client, response: &AuthorizationResponse) -> Result<SignedResponse, Error> {
        let flow = SignedResponse::new(&self.kept.expected, client, response)?;
        Ok(match (&self.kept.login, self.kept.response_type) {
            (Some(asked), response_type) if response_type.has_id_token() => {
                flow.with_id_token(client, &self.kept.expected, asked, response_type)
            }
            _ => flow,
        })
    }

    /// Checks the response, and turns its code into the request for tokens. This is the only way to one.
    ///
    /// A response that is not proven to be the server's (wrong place, `iss`, `state` or session) changes nothing: the right
    /// one may still come. Any other outcome uses the pending authorization up ([AR-12](crate::Rule::Ar12)).
    ///
    /// # Errors
    ///
    /// - [`Error::Malformed`] for whatever breaks [AR-1](crate::Rule::Ar1) to [AR-11](crate::Rule::Ar11), or
    ///   [JM-2](crate::Rule::Jm2) to [JM-4](crate::Rule::Jm4) if it is a signed one, or arrived in another session
    ///   ([AR-14](crate::Rule::Ar14)), or has no `iss`, which a profile of FAPI 2.0 wants ([FA-1](crate::Rule::Fa1));
    /// - [`Error::Refused`] if the server or the person said no;
    /// - [`Error::AuthorizationRequired`] if it came too late ([AR-13](crate::Rule::Ar13));
    /// - [`Error::Misuse`] if this was used before ([AR-12](crate::Rule::Ar12)), is another client's
    ///   ([TR-17](crate::Rule::Tr17)), was begun without a code challenge that the client sends now
    ///   ([AQ-3](crate::Rule::Aq3)), began with a session and none was given, or the other way about
    ///   ([AR-14](crate::Rule::Ar14)), was begun under another [profile](Client::security_profile) than the client's
    ///   ([FA-1](crate::Rule::Fa1), [FA-2](crate::Rule::Fa2), [FA-4](crate::Rule::Fa4)), named another key than the client has ([DP-8](crate::Rule::Dp8)), or the response is
    ///   a signed one and was not [opened](Self::open) ([JM-1](crate::Rule::Jm1)), or has an ID token and was not
    ///   ([AR-18](crate::Rule::Ar18)), or an ID token alone was asked for ([AR-17](crate::Rule::Ar17));
    /// - [`Error::Malformed`] if an ID token was asked for, and the response has other parts than it and a code
    ///   ([AR-17](crate::Rule::Ar17)), or another `iss` than it ([AR-19](crate::Rule::Ar19)).
    pub fn finish(
        &mut self,
        client: &Client,
        response: &AuthorizationResponse,
        now: UnixTime,
    ) -> Result<TokenRequest, Error> {
        if !self.kept.response_type.has_code() {
            return Err(misuse_of(
                Rule::Ar17,
                "this authorization asked for an ID token alone, so that no code comes to be traded for tokens: finish it by \
                 `PendingAuthorization::finish_login`",
            ));
        }
        if self.kept.dpop_jkt.is_some()
            && self.kept.dpop_jkt.as_deref() != client.bound_to().map(Dpop::thumbprint)
        {
            return Err(misuse_of(
                Rule::Dp8,
                "the client's DPoP key is not the one that the authorization request named: finish it with \
                 that key",
            ));
        }
        if self.kept.verifier.is_none() && client.is_challenged()? {
            return Err(misuse_of(
                Rule::Aq3,
                "this authorization was begun without a code challenge, and the client sends one now: begin another",
            ));
        }
        let brings_id_token = self.kept.response_type.has_id_token();
        let parameters = self.kept.expected.admit(client, response, brings_id_token, now)?;
        if self.kept.verifier.is_none() {
            self.kept.expected.quirks = self.kept.expected.quirks.with(Quirk::NoCodeChallenge);
        }
        let front = self.front_login(client, response, &parameters)?;
        let name = client.server().code_name();
        if name != "code" && parameters.get("code").is_some() {
            return Err(response_refused(
                Rule::Ar7,
                "the response has `code`, and the code of this server has another name (`AuthorizationServer::code_as`)",
            ));
        }
        let code = parameters.get(name).ok_or_else(|| {
            let what = "the response has neither a code nor an error; a code under another name is read by \
                        `AuthorizationServer::code_as`, and a refusal without `error` by \
                        `AuthorizationServer::refusal_means`";
            response_refused(Rule::Ar7, what)
        })?;
        self.kept.expected.checks.pass(Rule::Ar7);
        require_bounded(code)?;
        let code = CheckedCode::check(code)?;
        self.kept.expected.checks.pass(Rule::Ar8);
        let mut grant = Grant::authorization_code(
            code,
            self.kept.expected.parties.encoded_redirect_uri(),
            self.kept.verifier.as_ref(),
        )
        .for_scope(self.kept.scope.clone());
        grant = self.kept.resources.iter().fold(grant, Grant::for_resource);
        if let Some(details) = &self.kept.details {
            grant = grant.expecting_details(details.clone());
        }
        grant = grant.for_audience(self.kept.audience.clone());
        let request = TokenRequest::new(client, grant)?.after(self.kept.expected.quirks);
        // One that an earlier version stored asked for nothing, and its ID token has no nonce (AQ-31).
        let asked =
            self.kept.login.clone().or_else(|| is_openid(self.kept.scope.as_ref()).then(Asked::default));
        self.kept.expected.note_user(&parameters);
        Ok(match asked {
            Some(asked) => request.proving(Proof::Code(asked, code.kept(), front.map(Box::new))),
            None => request,
        })
    }

    says_what_it_expects!();

    /// Where in it the response's parameters are to be.
    #[must_use]
    pub const fn response_mode(&self) -> ResponseMode {
        self.kept.expected.response_mode
    }

    /// Until when the browser must have opened the URL: the server keeps a pushed request no longer
    /// ([AQ-13](crate::Rule::Aq13)). `None` if the request was not pushed.
    #[must_use]
    pub const fn request_expires_at(&self) -> Option<UnixTime> {
        self.kept.request_expires_at
    }

    /// Until when a response is accepted ([AR-13](crate::Rule::Ar13)).
    #[must_use]
    pub const fn expires_at(&self) -> UnixTime {
        self.kept.expected.expires_at
    }
}

impl fmt::Debug for PendingAuthorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingAuthorization")
            .field("redirect_uri", &self.redirect_uri())
            .field("scope", &self.kept.scope)
            .field("is_spent", &self.is_spent())
            .finish_non_exhaustive()
    }
}
