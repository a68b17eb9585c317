//! What a client is registered to have encrypted, and the one place where that is decrypted
//! (OpenID Connect Registration §2, JARM §3, RFC 9701 §6).
//!
//! ```text
//!  registered to be encrypted   a JWE ──▶ decrypted by a key of this client's ──▶ a JWS
//!  not registered               a JWS
//! ```
//!
//! Either is refused in the place of the other ([ID-43](crate::Rule::Id43)), and the JWS passes every check that one which was
//! not encrypted passes.

use crate::client::Client;
use crate::client::encrypted::{Encrypted, Message, is_encrypted};
use crate::ground::error::{Error, malformed, misuse_of};
use crate::ground::rule::Rule;
use crate::jose::jwe::received::ReceivedJwt;
use crate::jose::jwe::{Decryption, DecryptionKeys, Encryption};

impl Client {
    /// The private keys by which this client decrypts what servers encrypt to it. The server has their public halves
    /// ([`DecryptionKeys::published`]) by the client's registration, or reads them from its `jwks_uri`. In the place of earlier
    /// ones: the keys are replaced so, the old ones among the new as retired ([JK-4](crate::Rule::Jk4)).
    ///
    /// They decrypt nothing until it is said what is encrypted: [`id_token_encryption`](Self::id_token_encryption),
    /// [`user_info_encryption`](Self::user_info_encryption),
    /// [`authorization_response_encryption`](Self::authorization_response_encryption) and
    /// [`introspection_encryption`](Self::introspection_encryption).
    ///
    /// ```
    /// # #[cfg(feature = "rust-crypto")] {
    /// use valetkey_core::jose::jwe::{AgreementCurve, ContentAlgorithm, DecryptionKeys, Encryption, KeyAlgorithm};
    /// use valetkey_core::jose::{PrivateJwk, RustCrypto};
    /// use valetkey_core::{AuthorizationServer, Client, Entropy};
    ///
    /// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
    /// # let entropy = Entropy::from_seed([7; 32]);
    /// let key = PrivateJwk::generate_for_encryption(&RustCrypto, AgreementCurve::P256, entropy)?.with_key_id("2026-11");
    /// let keys = DecryptionKeys::new(&RustCrypto, &[key], &[])?;
    /// // For the registration, or for what the client's `jwks_uri` answers.
    /// let published = serde_json::to_string(&keys.published()).unwrap();
    /// # let _ = published;
    ///
    /// let client = Client::new(server, "s6BhdRkqt3")
    ///     .decryption_keys(keys)
    ///     .id_token_encryption(Encryption::new(KeyAlgorithm::EcdhEs).with(ContentAlgorithm::A256Gcm))?;
    /// # let _ = client;
    /// # }
    /// # Ok::<(), valetkey_core::Error>(())
    /// ```
    #[must_use]
    pub fn decryption_keys(self, keys: DecryptionKeys) -> Self {
        self.change(|registration| registration.encrypted.keys = Some(keys))
    }

    /// How this client is registered to have its ID tokens encrypted (`id_token_encrypted_response_alg` and `…_enc`): one that
    /// is not encrypted, or in another way, is then refused ([ID-43](crate::Rule::Id43), [ID-44](crate::Rule::Id44)). Without
    /// this, one that is encrypted is.
    ///
    /// What is inside is signed, and is held to [`id_token_algorithm`](Self::id_token_algorithm) and everything else.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`]: [ID-43](crate::Rule::Id43) if the client has no [keys](Self::decryption_keys) yet,
    /// [ID-49](crate::Rule::Id49) if none that it announces is for this `alg`; [ID-44](crate::Rule::Id44) if the server lists
    /// what it encrypts by (`id_token_encryption_alg_values_supported`, `…_enc_…`) without these.
    pub fn id_token_encryption(self, encryption: Encryption) -> Result<Self, Error> {
        self.registered_for(Message::IdToken, encryption)
    }

    /// How this client is registered to have UserInfo encrypted (`userinfo_encrypted_response_alg` and `…_enc`): an answer that
    /// is not, or in another way, is then refused ([ID-43](crate::Rule::Id43), [ID-44](crate::Rule::Id44)).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`], as [`id_token_encryption`](Self::id_token_encryption), of the lists
    /// `userinfo_encryption_alg_values_supported` and `…_enc_…`; and [ID-51](crate::Rule::Id51) if the client is registered for
    /// no [signature](Self::user_info_algorithm) of UserInfo, which is signed before it is encrypted: nothing says who wrote
    /// what is only encrypted.
    pub fn user_info_encryption(self, encryption: Encryption) -> Result<Self, Error> {
        if self.registered_user_info_algorithm().is_none() {
            let what = "UserInfo that is only encrypted may be anybody's: have the server sign it too, and say so by \
                        `Client::user_info_algorithm` first";
            return Err(misuse_of(Rule::Id51, what));
        }
        self.registered_for(Message::UserInfo, encryption)
    }

    /// How this client is registered to have signed authorization responses encrypted
    /// (`authorization_encrypted_response_alg` and `…_enc`, JARM §3): one that is not, or in another way, is then refused
    /// ([ID-43](crate::Rule::Id43), [ID-44](crate::Rule::Id44)). It changes nothing of a response that is asked for in plain
    /// parameters.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`], as [`id_token_encryption`](Self::id_token_encryption), of the lists
    /// `authorization_encryption_alg_values_supported` and `…_enc_…`.
    pub fn authorization_response_encryption(self, encryption: Encryption) -> Result<Self, Error> {
        self.registered_for(Message::AuthorizationResponse, encryption)
    }

    /// How this client is registered to have signed introspections encrypted (`introspection_encrypted_response_alg` and
    /// `…_enc`, RFC 9701 §6): one that is not, or in another way, is then refused ([ID-43](crate::Rule::Id43),
    /// [ID-44](crate::Rule::Id44)). It changes nothing of an introspection that is asked for in plain JSON.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`], as [`id_token_encryption`](Self::id_token_encryption), of the lists
    /// `introspection_encryption_alg_values_supported` and `…_enc_…`.
    pub fn introspection_encryption(self, encryption: Encryption) -> Result<Self, Error> {
        self.registered_for(Message::Introspection, encryption)
    }

    fn registered_for(self, message: Message, encryption: Encryption) -> Result<Self, Error> {
        let Some(keys) = &self.0.encrypted.keys else {
            return Err(misuse_of(
                Rule::Id43,
                "what a server encrypts to this client is decrypted by its private keys, and they are not known: name them \
                 by `Client::decryption_keys` first",
            ));
        };
        if !keys.announces(encryption.key()) {
            let what = format!(
                "no key that this client announces is for {}: have one among its `DecryptionKeys`",
                encryption.key()
            );
            return Err(misuse_of(Rule::Id49, what));
        }
        for (list, algorithm) in
            message.lists().into_iter().zip([encryption.key().name(), encryption.content().name()])
        {
            if !self.server().admits(list, algorithm) {
                let what = format!(
                    "the server does not list {algorithm} for the encryption of {} ({list}): name one that it lists",
                    message.name()
                );
                return Err(misuse_of(Rule::Id44, what));
            }
        }
        Ok(self.change(|registration| {
            let registered = &mut registration.encrypted.registered;
            registered.retain(|(known, _)| *known != message);
            registered.push((message, encryption));
        }))
    }

    /// Opens what came: it is encrypted if that is registered, and only then. Nothing else in this library decrypts.
    pub(crate) fn opened(&self, message: Message, text: &str) -> Result<ReceivedJwt, Error> {
        if let Some(agreed) = self.decryption_of(message) {
            return ReceivedJwt::decrypt(&agreed, text);
        }
        ReceivedJwt::plain(text).map_err(|error| {
            if !is_encrypted(text) {
                return error;
            }
            let what = format!(
                "{} is encrypted, and this client is not registered for that: if it is, say so by `Client::{}`",
                message.name(),
                message.method()
            );
            malformed(Rule::Id43, what)
        })
    }

    /// What was agreed on for these messages, if they are encrypted.
    pub(crate) fn decryption_of(&self, message: Message) -> Option<Decryption> {
        let Encrypted { keys, registered } = &self.0.encrypted;
        let (_, encryption) = registered.iter().find(|(known, _)| *known == message)?;
        Some(Decryption::new(keys.clone()?, *encryption))
    }
}
