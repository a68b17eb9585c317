//! What of an application's answers is encrypted to it, and the key that applications encrypt to.

use serde_json::Value;
use valetkey_core::Response;

use crate::ground::jwe::{Agreed, Envelope, ServerKey};
use crate::wrong::change::{in_redirect, signed};
use crate::{Application, ContentEncryption, KeyEncryption, Sandbox};

impl Application {
    /// Has the application's ID tokens encrypted, after they are signed (`id_token_encrypted_response_alg`, `…_enc`, OpenID
    /// Connect Registration §2): to the first key of P-256 among its [`keys`](Self::keys) with `"use":"enc"`. Without one they
    /// are signed only.
    #[must_use]
    pub const fn id_token_encryption(mut self, key: KeyEncryption, content: ContentEncryption) -> Self {
        self.encrypted.id_tokens = Some((key, content));
        self
    }

    /// Has signed UserInfo encrypted (`userinfo_encrypted_response_alg`, `…_enc`), as
    /// [`id_token_encryption`](Self::id_token_encryption) has ID tokens.
    #[must_use]
    pub const fn userinfo_encryption(mut self, key: KeyEncryption, content: ContentEncryption) -> Self {
        self.encrypted.userinfo = Some((key, content));
        self
    }

    /// Has signed authorization responses encrypted (`authorization_encrypted_response_alg`, `…_enc`, JARM §3), as
    /// [`id_token_encryption`](Self::id_token_encryption) has ID tokens.
    #[must_use]
    pub const fn response_encryption(mut self, key: KeyEncryption, content: ContentEncryption) -> Self {
        self.encrypted.responses = Some((key, content));
        self
    }

    /// Has signed introspections encrypted (`introspection_encrypted_response_alg`, `…_enc`, RFC 9701 §6), as
    /// [`id_token_encryption`](Self::id_token_encryption) has ID tokens.
    #[must_use]
    pub const fn introspection_encryption(mut self, key: KeyEncryption, content: ContentEncryption) -> Self {
        self.encrypted.introspections = Some((key, content));
        self
    }

    /// What an answer to the application is put in.
    pub(crate) fn envelope(&self, agreed: Agreed) -> Option<Envelope> {
        let (key, content) = agreed?;
        let text = |jwk: &Value, name: &str| jwk.get(name).and_then(Value::as_str).map(str::to_owned);
        let fits = |jwk: &&Value| {
            text(jwk, "use").as_deref() == Some("enc")
                && text(jwk, "crv").as_deref() == Some("P-256")
                && text(jwk, "alg").is_none_or(|alg| alg == key.name())
        };
        self.keys.iter().find(fits).map(|jwk| Envelope::new(jwk.clone(), key, content))
    }
}

impl Sandbox {
    /// The key to which applications encrypt.
    pub(crate) fn encryption_key(&self) -> ServerKey {
        ServerKey::of(&self.random)
    }

    /// Encrypts what is signed in an answer, if it is to be: in a redirect the ID token, where the response itself is not.
    pub(crate) fn seal(&self, response: &mut Response) {
        if let Some(envelope) = response.extensions_mut().remove::<Envelope>() {
            let seal = |token: &str| envelope.seal(&self.random, token);
            let _ = signed(response, seal) || in_redirect(response, "id_token", seal);
        }
    }
}

/// Says in what the signed part of an answer is put, once nothing more happens to it.
pub(crate) fn enclose(response: &mut Response, envelope: Option<Envelope>) {
    if let Some(envelope) = envelope {
        response.extensions_mut().insert(envelope);
    }
}
