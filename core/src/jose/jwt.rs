//! JWTs that this program signs: [`JwtSigner`], [`UnsignedJwt`], [`SignedJwt`].

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::Value;

use crate::ground::error::{Error, misuse, misuse_of};
use crate::ground::rule::Rule;
use crate::ground::wiped::Wiped;
use crate::jose::jwk::Jwk;
use crate::jose::signer::{Signed, Signer};

/// As many bytes as the claims of a proof or an assertion have at most, so that they are hardly ever moved while they are written.
const USUAL_CLAIMS: usize = 512;

/// A key with the header that its JWTs carry, prepared once. Cheap to clone.
///
/// ```
/// # #[cfg(feature = "rust-crypto")] {
/// use std::sync::Arc;
/// use valetkey_core::Entropy;
/// use valetkey_core::jose::{Algorithm, JwtSigner, KeyPair, PrivateJwk, RustCrypto};
///
/// let key = PrivateJwk::generate(&RustCrypto, Algorithm::Es256, Entropy::from_seed([7; 32]))?;
/// let key = Arc::new(KeyPair::new(&RustCrypto, Algorithm::Es256, &key)?);
///
/// let signer = JwtSigner::showing_key(key, "dpop+jwt")?;
/// let claims = serde_json::json!({ "jti": "-BwC3ESc6acc2lTc", "htm": "POST" });
/// let jwt = signer.write(&claims)?.sign()?.ready()?;
/// assert_eq!(jwt.expose().split('.').count(), 3);
/// # }
/// # Ok::<(), valetkey_core::Error>(())
/// ```
#[derive(Clone)]
pub struct JwtSigner {
    signer: Arc<dyn Signer>,
    /// In base64url, with the dot after it.
    header: Arc<str>,
}

impl JwtSigner {
    /// JWTs that name their key by its `kid`, if it has one; `typ` as the JWT's use asks for (RFC 8725 §3.11).
    #[must_use]
    pub fn new(signer: Arc<dyn Signer>, typ: Option<&str>) -> Self {
        let kid = signer.public_key().and_then(Jwk::key_id);
        let header = [("alg", Some(signer.algorithm().name())), ("typ", typ), ("kid", kid)]
            .into_iter()
            .filter_map(|(name, text)| Some((name.to_owned(), Value::from(text?))))
            .collect::<Value>();
        Self::with_header(signer, &header.to_string())
    }

    /// JWTs that show their public key, its required members alone: DPoP proofs (RFC 9449 §4.2, [DP-1](crate::Rule::Dp1)).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([DP-1](crate::Rule::Dp1)) if the key has no public part to show.
    pub fn showing_key(signer: Arc<dyn Signer>, typ: &str) -> Result<Self, Error> {
        let Some(key) = signer.public_key() else {
            return Err(misuse_of(
                Rule::Dp1,
                "a shared secret cannot sign here, where the public key is shown: use a key pair",
            ));
        };
        let (alg, typ) = (signer.algorithm().name(), Value::from(typ));
        let header = format!(r#"{{"alg":"{alg}","typ":{typ},"jwk":{}}}"#, key.required_members());
        Ok(Self::with_header(signer, &header))
    }

    fn with_header(signer: Arc<dyn Signer>, header: &str) -> Self {
        let mut text = URL_SAFE_NO_PAD.encode(header);
        text.push('.');
        Self { signer, header: text.into() }
    }

    /// The key.
    #[must_use]
    pub fn signer(&self) -> &Arc<dyn Signer> {
        &self.signer
    }

    /// Puts claims under the header: any value that serializes as a JSON object.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if it does not serialize.
    pub fn write(&self, claims: &impl Serialize) -> Result<UnsignedJwt, Error> {
        let mut json = Vec::with_capacity(USUAL_CLAIMS);
        serde_json::to_writer(&mut json, claims)
            .map_err(|_| misuse("the claims do not serialize as JSON"))?;
        let mut input = String::with_capacity(self.header.len() + json.len().div_ceil(3) * 4);
        input.push_str(&self.header);
        URL_SAFE_NO_PAD.encode_string(json, &mut input);
        Ok(UnsignedJwt {
            signer: Arc::clone(&self.signer),
            input: input.into(),
            asked: UnsignedJwt::asked_of_key,
        })
    }
}

impl fmt::Debug for JwtSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtSigner")
            .field("algorithm", &self.signer.algorithm())
            .field("public_key", &self.signer.public_key())
            .finish_non_exhaustive()
    }
}

/// A JWT whose text is settled and whose signature is wanted. A flow keeps it until the signature is there, so that
/// asking twice asks for the same one.
#[derive(Clone)]
pub struct UnsignedJwt {
    signer: Arc<dyn Signer>,
    input: Wiped,
    /// Named where a JWT is written and nowhere else: a program that writes none has none of this in it.
    asked: fn(&Self) -> Result<Signed<SignedJwt>, Error>,
}

impl UnsignedJwt {
    /// Asks the key for the signature.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the key does not sign, or ([ID-7](crate::Rule::Id7)) gives a signature of a form that JOSE does
    /// not have.
    pub fn sign(&self) -> Result<Signed<SignedJwt>, Error> {
        (self.asked)(self)
    }

    fn asked_of_key(&self) -> Result<Signed<SignedJwt>, Error> {
        let signature = self.signer.sign(self.input.as_bytes()).map_err(|error| misuse(error.to_string()))?;
        let signature = match signature {
            Signed::Ready(signature) => signature,
            Signed::Pending(time) => return Ok(Signed::Pending(time)),
        };
        if self.signer.algorithm().signature_len().is_some_and(|length| length != signature.len()) {
            return Err(misuse_of(
                Rule::Id7,
                "the signer gave a signature in another form than JOSE's: ECDSA's is r and s side by side, \
                 not DER",
            ));
        }
        let mut jwt = String::with_capacity(self.input.len() + 1 + signature.len().div_ceil(3) * 4);
        jwt.push_str(&self.input);
        jwt.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut jwt);
        Ok(Signed::Ready(SignedJwt(jwt.into())))
    }
}

impl fmt::Debug for UnsignedJwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnsignedJwt(<secret>)")
    }
}

/// A signed JWT in compact form. It proves who this program is, so it prints `<secret>` and is wiped when dropped.
#[derive(Clone)]
pub struct SignedJwt(Wiped);

impl SignedJwt {
    /// The text, for the request that it is for. Do not log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SignedJwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}
