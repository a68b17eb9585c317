//! The verification of an ID token: [`IdTokenVerification`] (OpenID Connect Core §3.1.3.7).
//!
//! ```text
//!  program                                    authorization server
//!     │ an ID token came: is there a key for it?
//!     ├── GET jwks_uri, if not ────────────────────────▶│
//!     │◀─ 200 {"keys": […]} ────────────────────────────┤   once more if its signature fails (JK-3)
//!     │ the signature, then every claim ──▶ Login
//! ```
//!
//! No round, or one, or two. A token request makes it by itself; this is for an ID token that came otherwise.

use std::{fmt, mem};

use crate::client::Client;
use crate::client::encrypted::Message;
use crate::ground::error::{Error, malformed, misuse, misuse_of, other_login};
use crate::ground::flow::{Flow, Response, Step};
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::rule::{Checks, Rule};
use crate::ground::time::UnixTime;
use crate::identity::asked::Asked;
use crate::identity::beside::Beside;
use crate::identity::id_token::{self, Held};
use crate::identity::known::KnownLogin;
use crate::identity::login::Login;
use crate::identity::verifiable::{require_agreed, require_keys, require_verifiable};
use crate::jose::jwe::received::ReceivedJwt;
use crate::jose::jwt_type::JwtType;
use crate::server::keys::KeySearch;
use crate::terms::secret::{AccessToken, IdToken, Nonce};

/// The longest ID token, in bytes ([ID-27](crate::Rule::Id27)).
const MAX_ID_TOKEN: usize = 64 * 1024;

/// A flow that verifies an ID token, and ends with who it says logged in.
///
/// A login by [`PendingAuthorization::finish`](crate::PendingAuthorization::finish) needs none of this: its ID token has been
/// verified when its tokens are there ([`TokenResponse::login`](crate::TokenResponse::login)). It is for one that came in
/// another way: of a code that another program received, or shown by a person who asks what is in it.
pub struct IdTokenVerification {
    client: Client,
    jwt: ReceivedJwt,
    search: Option<KeySearch>,
    asked: Asked,
    pub(super) beside: Beside,
    known: Option<Box<KnownLogin>>,
    has_ended: bool,
}

impl IdTokenVerification {
    /// Verifies an ID token that this client's server issued for it.
    ///
    /// # Errors
    ///
    /// - [`Error::Malformed`]: [ID-27](crate::Rule::Id27) if it is longer than 64 KiB, or has other characters than a compact
    ///   JWT; [ID-1](crate::Rule::Id1) to [ID-3](crate::Rule::Id3) if it is not a signed JWT; [ID-28](crate::Rule::Id28) if it is
    ///   signed by another algorithm than was agreed on, `none` above all; [ID-43](crate::Rule::Id43) if it is encrypted and
    ///   the client is not [registered](Client::id_token_encryption) for that, or the other way about,
    ///   [ID-44](crate::Rule::Id44) to [ID-51](crate::Rule::Id51) if it is encrypted in another way, or does not open;
    /// - [`Error::Misuse`] if the issuer ([ID-9](crate::Rule::Id9)) or the keys ([ID-8](crate::Rule::Id8)) of the client's server are
    ///   not known: nothing but its signature vouches for it, so that [`Quirk::IdTokenByTls`] does not do.
    pub fn new(client: &Client, token: &IdToken) -> Result<Self, Error> {
        require_keys(client)?;
        Self::of_answer(client, token)
    }

    /// The verification of one that the token endpoint has answered, for which the connection may vouch.
    pub(crate) fn of_answer(client: &Client, token: &IdToken) -> Result<Self, Error> {
        let keys = require_verifiable(client)?;
        let text = token.expose();
        let unlike = || {
            let what = "the ID token is longer than 64 KiB, or has other characters than a compact JWT";
            malformed(Rule::Id27, what)
        };
        if text.len() > MAX_ID_TOKEN {
            return Err(unlike());
        }
        // What was encrypted is now signed only, and is held to all that follows. No text with other characters opens.
        let jwt = client.opened(Message::IdToken, text).map_err(|error| {
            let is_compact = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            if text.bytes().all(is_compact) { error } else { unlike() }
        })?;
        require_agreed(client, jwt.parts().algorithm())?;
        Ok(Self {
            search: keys.map(|keys| keys.search(client.server().quirks())),
            client: client.clone(),
            jwt,
            asked: Asked::default(),
            beside: Beside::default(),
            known: None,
            has_ended: false,
        })
    }

    /// The `nonce` that was sent with the request that it answers; without this it must have none ([ID-15](crate::Rule::Id15)).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([ID-15](crate::Rule::Id15)) if it is empty or holds anything but printable ASCII.
    pub fn nonce(mut self, nonce: &str) -> Result<Self, Error> {
        let nonce = Nonce::admit(nonce.to_owned());
        self.asked.nonce =
            Some(nonce.map_err(|_| misuse_of(Rule::Id15, "the nonce is empty or not printable ASCII"))?);
        Ok(self)
    }

    /// The access token that came beside it: its `at_hash` is compared, if it has one ([ID-19](crate::Rule::Id19)).
    #[must_use]
    pub fn beside(mut self, token: &AccessToken) -> Self {
        self.beside.access_token = Some(token.clone());
        self
    }

    /// Asked for at this time, if no earlier one is known.
    pub(crate) fn begun_at(mut self, time: UnixTime) -> Self {
        self.asked.begun_at.get_or_insert(time);
        self
    }

    /// The ID token that was inside, if it was encrypted: what a server takes for a hint.
    pub(crate) fn decrypted(&self) -> Option<IdToken> {
        let signed = self.jwt.was_encrypted().then(|| self.jwt.signed().to_owned())?;
        IdToken::admit(signed).ok()
    }

    /// Held to what was asked for.
    pub(crate) fn asked(mut self, asked: Asked) -> Self {
        self.asked = asked;
        self
    }

    /// The verification of an ID token that came with a renewal, which is compared with the login. Whatever is the matter with
    /// it, nothing of the renewal is used ([ID-53](crate::Rule::Id53)).
    pub(crate) fn of_renewal(client: &Client, token: &IdToken, known: &KnownLogin) -> Result<Self, Error> {
        let verification = Self::of_answer(client, token).map_err(other_login)?;
        Ok(Self { asked: Asked::renewal(), known: Some(Box::new(known.clone())), ..verification })
    }

    fn advance(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<Login>, Error> {
        let mut checks = Checks::NONE;
        self.jwt.pass(&mut checks);
        let algorithm = self.jwt.parts().algorithm().clone();
        let by_tls = Quirks::default().with(Quirk::IdTokenByTls);
        let (payload, key_issuer, quirks) = match &mut self.search {
            None => (self.unsigned()?, None, by_tls),
            Some(search) => match search.verify(&mut self.jwt, JwtType::Generic, response, now) {
                Ok(Step::Done(mut verified)) => {
                    verified.pass(&mut checks);
                    [Rule::Id27, Rule::Id28, Rule::Id30].into_iter().for_each(|rule| checks.pass(rule));
                    let key_issuer = verified.key_issuer.take();
                    (verified.into_payload(), key_issuer, Quirks::default())
                }
                Ok(Step::Send(request)) => return Ok(Step::Send(request)),
                Ok(Step::Wait(time)) => return Ok(Step::Wait(time)),
                // The keys cannot be had now, and a refresh token that has been used must not be lost by that.
                Err(error) if self.known.is_some() && !is_about_token(&error) => {
                    (self.unsigned()?, None, by_tls)
                }
                Err(error) => return Err(error),
            },
        };
        // Whatever comes of the claims, it is the end: what they are held to is handed over.
        self.has_ended = true;
        let held = Held {
            client: &self.client,
            asked: mem::take(&mut self.asked),
            beside: &self.beside,
            key_issuer: key_issuer.as_deref(),
            now,
        };
        let is_sparse = self.client.server().missing_for_login().is_some();
        let quirks = if is_sparse { quirks.with(Quirk::SparseLoginMetadata) } else { quirks };
        let mut login = id_token::read(payload, &algorithm, held, quirks, checks)?;
        if let Some(known) = &self.known {
            let let_through = known.require(&login, self.client.server().quirks())?;
            login.checks.pass(Rule::Id22);
            login.quirks = let_through.map_or(login.quirks, |quirk| login.quirks.with(quirk));
        }
        Ok(Step::Done(login))
    }

    /// The claims of which the connection to the token endpoint alone vouches.
    fn unsigned(&self) -> Result<Vec<u8>, Error> {
        self.jwt
            .unverified_payload(JwtType::Generic)?
            .map(<[u8]>::to_vec)
            .ok_or_else(|| malformed(Rule::Id24, "the ID token is a JWT of another type"))
    }
}

impl Flow for IdTokenVerification {
    type Output = Login;

    /// # Errors
    ///
    /// - [`Error::Malformed`]: [ID-4](crate::Rule::Id4), [ID-6](crate::Rule::Id6), [ID-7](crate::Rule::Id7),
    ///   [ID-8](crate::Rule::Id8), [ID-24](crate::Rule::Id24), [ID-52](crate::Rule::Id52) or [JK-2](crate::Rule::Jk2) for its signature; of its claims,
    ///   [ID-33](crate::Rule::Id33) and [ID-25](crate::Rule::Id25) for their form, [ID-36](crate::Rule::Id36) for a logout token,
    ///   [ID-9](crate::Rule::Id9) and [ID-38](crate::Rule::Id38) for `iss`, [ID-18](crate::Rule::Id18) for `sub`,
    ///   [ID-34](crate::Rule::Id34) and [ID-10](crate::Rule::Id10) for `aud`, [ID-11](crate::Rule::Id11) for `azp`,
    ///   [ID-12](crate::Rule::Id12), [ID-13](crate::Rule::Id13), [ID-14](crate::Rule::Id14) and [ID-31](crate::Rule::Id31) for its
    ///   times, [ID-15](crate::Rule::Id15) for `nonce`, [ID-35](crate::Rule::Id35), [ID-17](crate::Rule::Id17) and
    ///   [ID-16](crate::Rule::Id16) for how and when the person logged in, [AQ-19](crate::Rule::Aq19) for one that is to be new,
    ///   [AQ-24](crate::Rule::Aq24) for another person than was asked for, [ID-19](crate::Rule::Id19) and [ID-39](crate::Rule::Id39) for `at_hash`;
    /// - whatever the fetch of the keys fails by;
    /// - [`Error::Misuse`] after the end.
    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<Login>, Error> {
        if self.has_ended {
            return Err(misuse("this flow has ended: make another"));
        }
        let step = self.advance(response, now);
        match step {
            Ok(Step::Send(_) | Step::Wait(_)) | Err(Error::Misuse(_)) => step,
            Ok(Step::Done(_)) => {
                self.has_ended = true;
                step
            }
            Err(error) => {
                self.has_ended = true;
                Err(if self.known.is_some() { other_login(error) } else { error })
            }
        }
    }

    fn unanswered(&mut self, now: UnixTime) -> bool {
        let may_go_on = self.search.as_mut().is_some_and(|search| search.unanswered(now));
        // A renewal goes on without the keys.
        let goes_on = may_go_on || self.known.is_some();
        self.has_ended |= !goes_on;
        goes_on
    }
}

impl fmt::Debug for IdTokenVerification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdTokenVerification").field("client", &self.client).finish_non_exhaustive()
    }
}

/// Whether an error says something of the token itself, and not that no keys could be had.
fn is_about_token(error: &Error) -> bool {
    let rules =
        [Rule::Id1, Rule::Id2, Rule::Id3, Rule::Id4, Rule::Id6, Rule::Id7, Rule::Id8, Rule::Id24, Rule::Id52];
    error.rule().is_some_and(|rule| rules.contains(&rule))
}
