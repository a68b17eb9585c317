//! Which requests are signed, and which are encrypted too: what a program says of them (RFC 9101). How they are made is in
//! `request_object.rs`.

use std::sync::Arc;

use crate::authorize::request::AuthorizationRequest;
use crate::authorize::request_object::require_issuer;
use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::jose::jwe::Encryption;
use crate::jose::jwt::JwtSigner;
use crate::jose::signer::Signer;

impl AuthorizationRequest {
    /// Signs each request with this key: the URL then has `client_id` and `request` only, and a
    /// [pushed](Self::push) request the same. Beside the `request` in the URL of a login stand its `response_type` and its `scope`,
    /// by which an OpenID provider knows it for one ([AQ-28](crate::Rule::Aq28)). The server knows the key from the client's registration; a secret may sign
    /// where it is registered so.
    ///
    /// A key that answers later is waited for by [`start`](Self::start) and [`push`](Self::push). [`begin`](Self::begin) makes
    /// the URL at once, and refuses such a key ([`Error::Misuse`]).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-12](crate::Rule::Aq12)) if the server's issuer is not known, whom the request is for, or if it
    /// lists the algorithms that it takes (`request_object_signing_alg_values_supported`) without the key's.
    pub fn signed(mut self, signer: Arc<dyn Signer>) -> Result<Self, Error> {
        let server = self.front.client.server();
        require_issuer(server)?;
        let algorithm = signer.algorithm().name();
        if !server.admits("request_object_signing_alg_values_supported", algorithm) {
            let what = format!(
                "the server does not list {algorithm} for signed requests: sign with an algorithm from its list"
            );
            return Err(misuse_of(Rule::Aq12, what));
        }
        self.front = self.front.signer(JwtSigner::new(signer, Some("oauth-authz-req+jwt")));
        Ok(self)
    }

    /// Encrypts each [signed](Self::signed) request to the server (RFC 9101 §4, [AQ-29](crate::Rule::Aq29)), so that neither the
    /// browser nor what keeps its history can read what is asked for, but for the `response_type` and the `scope` of a login that
    /// is not [pushed](Self::pushed).
    ///
    /// The key is the server's own: the first in its [key set](crate::AuthorizationServer::keys) that is for encryption by this
    /// algorithm. [`start`](Self::start) and [`push`](Self::push) fetch the set if need be. [`begin`](Self::begin) has no round
    /// for it, and is refused unless the set is held: it is after a login of this server has been verified in this process, for an
    /// hour beyond what the server says of its age.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-29](crate::Rule::Aq29)) if the request is not signed, which it is before it is encrypted; if the
    /// server lists the algorithms that it takes (`request_object_encryption_alg_values_supported`, `…_enc_…`) without these; or
    /// if its keys are not known.
    pub fn encrypted(mut self, encryption: Encryption) -> Result<Self, Error> {
        let no = |what: String| Err(misuse_of(Rule::Aq29, what));
        let server = self.front.client.server();
        if !self.front.is_signed() {
            let what =
                "a request is signed before it is encrypted: sign it by `AuthorizationRequest::signed` first";
            return no(what.to_owned());
        }
        let lists = [
            "request_object_encryption_alg_values_supported",
            "request_object_encryption_enc_values_supported",
        ];
        for (list, algorithm) in lists.into_iter().zip([encryption.key().name(), encryption.content().name()])
        {
            if !server.admits(list, algorithm) {
                return no(format!(
                    "the server does not list {algorithm} for encrypted requests ({list}): name one that it lists"
                ));
            }
        }
        let Some(keys) = server.keys.clone() else {
            let what = "a request is encrypted to a key of the server's, and its keys are not known: name them by \
                        `AuthorizationServer::keys`";
            return no(what.to_owned());
        };
        self.front = self.front.encryption(encryption, keys);
        Ok(self)
    }
}
