//! ID tokens (OpenID Connect Core §2): who logged in, told to the application that asked.
//!
//! ```text
//! the browser                                              the server
//!   GET /oauth/auth?response_type=code id_token …        →
//!                                                        ←  code, id_token: the same with c_hash and s_hash for at_hash
//! the client
//!   POST /oauth/token grant_type=authorization_code …    →
//!                                                        ←  access_token, id_token: iss, sub, aud, exp, iat, auth_time,
//!                                                           nonce, at_hash, sid, and the claims that were asked for
//!   POST /oauth/token grant_type=refresh_token …         →
//!                                                        ←  access_token, id_token: the same without nonce
//! ```

use serde_json::Value;
use valetkey_core::UnixTime;

use crate::ground::keys::SigningKey;
use crate::world::ledger::Grant;
use crate::world::telling::asks_who;
use crate::{Application, Sandbox, Subject};

/// What an ID token comes with, whose hashes are in it.
#[derive(Default)]
pub(crate) struct Beside<'a> {
    pub(crate) access_token: Option<&'a str>,
    pub(crate) code: Option<&'a str>,
    /// Of an authorization response alone.
    pub(crate) state: Option<&'a str>,
}

/// How long an ID token is good, in seconds.
const LIFETIME: u64 = 600;

impl Sandbox {
    /// The ID token that goes with an access token or an authorization response; `None` if nobody asked who the person is. The
    /// `nonce` is that of the request that it answers: a renewal has none.
    pub(crate) fn id_token(
        &mut self,
        application: &Application,
        grant: &Grant,
        beside: &Beside<'_>,
        nonce: Option<&str>,
        now: UnixTime,
    ) -> Option<String> {
        let telling = grant.telling.as_ref().filter(|_| asks_who(&grant.scope))?;
        let Subject::User(username) = &grant.subject else { return None };
        let issuer = self.settings.published_issuer()?.to_owned();
        if self.settings.rotates_before_signing {
            self.rotate_keys();
        }
        let mut claims = self.claims_about(username, &grant.scope, |claim| telling.wants_in_id_token(claim));
        let mut say = |name: &str, value: Value| drop(claims.insert(name.to_owned(), value));
        say("iss", issuer.into());
        say("sub", self.user_id(username).into());
        say("aud", application.client_id.as_str().into());
        say("iat", now.as_secs().into());
        say("exp", now.as_secs().saturating_add(LIFETIME).into());
        say("sid", self.random.named(&format!("session of {}", grant.family)).into());
        if let Some(nonce) = nonce {
            say("nonce", nonce.into());
        }
        if let Some(login) = &grant.login {
            say("auth_time", login.at.as_secs().into());
            if telling.tells_acr || telling.wants_in_id_token("acr") {
                say("acr", login.acr.into());
            }
            if telling.tells_acr || telling.wants_in_id_token("amr") {
                say("amr", login.means().into());
            }
        }
        let secret = application.secret.as_ref().filter(|_| application.id_tokens_by_secret);
        let by_secret = secret.map(|secret| SigningKey::secret(secret.as_bytes()));
        let algorithm = application.id_tokens_by.unwrap_or(self.settings.signing_algorithm);
        let key = by_secret.as_ref().unwrap_or_else(|| self.keys.current(&self.random, algorithm));
        let hashes = [("at_hash", beside.access_token), ("c_hash", beside.code), ("s_hash", beside.state)];
        for (name, value) in hashes {
            if let Some(value) = value {
                say(name, key.half_hash(value).into());
            }
        }
        Some(key.sign("JWT", &claims))
    }
}
