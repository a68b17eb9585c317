//! Responses with an ID token in them (OpenID Connect Core §3.2, §3.3).
//!
//! ```text
//!  program                     browser                      authorization server
//!     ├── BrowserUrl ────────────▶├── GET /authorize?response_type=code id_token…nonce ▶│
//!     │◀─ redirect_uri, with code, id_token, state ◀─────────────────────┤
//!     │ PendingAuthorization::open: state, iss, the ID token whole, c_hash, s_hash
//!     ├── GET jwks_uri, if no key that is held fits ────────────────────▶│
//!     │ PendingAuthorization::finish: the code is released
//!     ├── TokenRequest ── POST /token code, verifier ───────────────────▶│
//!     │◀─ access_token, id_token: of the same login ─────────────────────┤
//! ```
//!
//! The order is that of [AR-18](crate::Rule::Ar18): anybody who brings a response here can put a stolen code into it. The ID token
//! is what says that the server sent this code in answer to this request.

use crate::authorize::pending::PendingAuthorization;
use crate::authorize::request::AuthorizationRequest;
use crate::authorize::response::AuthorizationResponse;
use crate::authorize::response_parameters::{Parameters, require_no_token};
use crate::client::Client;
use crate::ground::error::{Error, misuse_of, response_refused};
use crate::ground::quirk::Quirk;
use crate::ground::response_mode::Place;
use crate::ground::response_type::ResponseType;
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::identity::asked::is_openid;
use crate::identity::login::Login;
use crate::identity::verifiable::require_keys;

impl AuthorizationRequest {
    /// Says what is to come through the browser; [`ResponseType::Code`] by default. An ID token there is asked for by the scope
    /// `openid`, comes in a posted form if the server lists that mode, and else in the fragment, and is verified when the response is
    /// [opened](PendingAuthorization::open).
    ///
    /// ```
    /// use valetkey_core::authorize::ResponseType;
    /// use valetkey_core::{AuthorizationRequest, Client, Error};
    ///
    /// fn request(client: &Client) -> Result<AuthorizationRequest, Error> {
    ///     let request = AuthorizationRequest::new(client, "https://app.example/callback")?;
    ///     Ok(request.scope("openid profile")?.response_type(ResponseType::CodeIdToken))
    /// }
    /// # let _ = request;
    /// ```
    #[must_use]
    pub fn response_type(mut self, asked: ResponseType) -> Self {
        self.front = self.front.response_type(asked);
        if !asked.has_code() {
            self.front.quirks =
                self.front.quirks.without(Quirk::NoCodeChallenge).without(Quirk::HexCodeChallenge);
        }
        Self { response_type: asked, ..self }
    }

    /// Refuses an ID token that comes through the browser without a hash of `state` (`s_hash`), as FAPI 1.0 Advanced has it
    /// (§5.2.2.1, [ID-41](crate::Rule::Id41)): the ID token is then a signature under the whole response. Without this the hash is
    /// checked if it is there. [FAPI 1.0 Advanced](crate::client::SecurityProfile::Fapi1Advanced) requires it without this.
    #[must_use]
    pub fn require_s_hash(self) -> Self {
        Self { needs_s_hash: true, ..self }
    }

    /// Whether an ID token can come, and be verified, if one is asked for.
    pub(super) fn require_type(&self) -> Result<(), Error> {
        if !self.response_type.has_id_token() {
            return Ok(());
        }
        let (client, asked) = (&self.front.client, self.response_type.name());
        if !is_openid(self.front.scope.as_ref()) {
            let what = format!(
                "the response type {asked:?} asks for an ID token, and the scope does not have openid: add it"
            );
            return Err(misuse_of(Rule::Aq15, what));
        }
        if client.server().quirks().contains(Quirk::IdTokenUnread) {
            let what = format!(
                "the response type {asked:?} brings an ID token through the browser, where it must be verified, and the server is \
                 described with `{}`: ask for the response type \"code\"",
                Quirk::IdTokenUnread.name()
            );
            return Err(misuse_of(Rule::Aq15, what));
        }
        if !is_listed(client, asked) {
            let what = format!(
                "the server lists its response types (response_types_supported), and {asked:?} is not among them: ask for \"code\", \
                 or, if the server takes this one although it is not listed, say so by \
                 `AuthorizationServer::list(\"response_types_supported\", [{asked:?}])`"
            );
            return Err(misuse_of(Rule::Aq15, what));
        }
        if self.front.mode().place() == Place::Query {
            let what = "a response with an ID token cannot come in a query, which ends in logs and in the browser's history: ask for \
                        the response mode `form_post` or `fragment`";
            return Err(misuse_of(Rule::Aq16, what));
        }
        require_keys(client)
    }
}

/// Whether the server lists a response type, whose words may come in any order (Multiple Response Types §3).
fn is_listed(client: &Client, asked: &str) -> bool {
    let words = |text: &str| {
        let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        words.sort();
        words
    };
    let listed = client.server().listed("response_types_supported");
    listed.is_none_or(|listed| listed.iter().any(|one| words(one) == words(asked)))
}

impl PendingAuthorization {
    /// Finishes a login that asked for an ID token alone ([`ResponseType::IdToken`]): checks the response that was
    /// [opened](Self::open), and gives who logged in. There is no code in it, and no token.
    ///
    /// # Errors
    ///
    /// As for [`finish`](Self::finish).
    pub fn finish_login(
        &mut self,
        client: &Client,
        response: &AuthorizationResponse,
        now: UnixTime,
    ) -> Result<Login, Error> {
        let ends_here = || {
            misuse_of(
                Rule::Ar17,
                "this authorization asked for a code: `PendingAuthorization::finish` gives the request for tokens, which ends with \
                 who logged in",
            )
        };
        if self.kept.response_type.has_code() {
            return Err(ends_here());
        }
        let parameters = self.kept.expected.admit(client, response, true, now)?;
        let login = self.front_login(client, response, &parameters)?.ok_or_else(ends_here)?;
        self.kept.expected.note_user(&parameters);
        Ok(login.let_through(self.kept.expected.quirks))
    }

    /// The login that came with the response, if one was to come; nothing else may have.
    pub(super) fn front_login(
        &mut self,
        client: &Client,
        response: &AuthorizationResponse,
        parameters: &Parameters<'_>,
    ) -> Result<Option<Login>, Error> {
        let expected = &mut self.kept.expected;
        if !self.kept.response_type.has_id_token() {
            require_no_token(parameters)?;
            expected.checks.pass(Rule::Ar9);
            return Ok(None);
        }
        require_parts(self.kept.response_type, client.server().code_name(), parameters)?;
        expected.checks.pass(Rule::Ar17);
        let nonce = self.kept.login.as_ref().and_then(|asked| asked.nonce.as_ref());
        let login = response.login.as_deref().filter(|login| login.answers(nonce)).ok_or_else(|| {
            misuse_of(
                Rule::Ar18,
                "the ID token in the response has not been verified for this authorization: call `PendingAuthorization::open` on the \
                 response, and give what comes of it",
            )
        })?;
        match parameters.get("iss") {
            Some(iss) if iss != login.identity().issuer() => {
                return Err(response_refused(
                    Rule::Ar19,
                    "iss of the response is another issuer than that of the ID token in it",
                ));
            }
            Some(_) => expected.checks.pass(Rule::Ar19),
            // That of the ID token was compared with the server's in its place (RFC 9207 §4).
            None if client.server().iss_advertised => expected.checks.pass(Rule::Ar3),
            None => {}
        }
        expected.checks = expected.checks.and(login.checks());
        expected.checks.pass(Rule::Ar18);
        expected.quirks = expected.quirks.and(login.quirks());
        Ok(Some(login.clone()))
    }
}

/// Exactly what was asked for ([AR-17](crate::Rule::Ar17)).
fn require_parts(asked: ResponseType, code_name: &str, parameters: &Parameters<'_>) -> Result<(), Error> {
    let no = |what: &'static str| Err(response_refused(Rule::Ar17, what));
    let has = |name: &str| parameters.get(name).is_some();
    if has("access_token") || has("token_type") {
        return no("an access token came in the response, and nobody asked for one there");
    }
    match (has("id_token"), has(code_name) || has("code"), asked.has_code()) {
        (true, true, true) | (true, false, false) => Ok(()),
        (false, ..) => no("the response has no ID token, and one was asked for"),
        (true, false, true) => no("the response has no code, and one was asked for"),
        (true, true, false) => no("the response has a code, and only an ID token was asked for"),
    }
}
