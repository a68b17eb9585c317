//! The JWTs of RFC 7523 §3, which a client writes about itself and a service account too: [`AssertionWriter`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::ground::entropy::Entropy;
use crate::ground::error::Error;
use crate::ground::time::UnixTime;
use crate::jose::algorithm::Algorithm;
use crate::jose::base64::Base64;
use crate::jose::jti::JtiSource;
use crate::jose::jwt::{JwtSigner, UnsignedJwt};
use crate::jose::signer::Signer;

/// Writes assertions for one audience, each with an identifier that no other has. Clones share the count of what was written.
#[derive(Clone)]
pub(crate) struct AssertionWriter {
    signer: JwtSigner,
    jtis: Arc<JtiSource>,
    pub(crate) audience: String,
    /// How long each is good.
    pub(crate) lifetime: Duration,
    /// Named where a writer is made and nowhere else: a program that makes none has none of this in it.
    write: Write,
}

type Write = fn(&AssertionWriter, Parties<'_>, UnixTime) -> Result<UnsignedJwt, Error>;

/// Who says it, and about whom, with further claims.
struct Parties<'a> {
    issuer: &'a str,
    subject: &'a str,
    others: Option<&'a Map<String, Value>>,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: Base64<22>,
    iat: u64,
    exp: u64,
    #[serde(flatten)]
    others: Option<&'a Map<String, Value>>,
}

impl AssertionWriter {
    pub(crate) fn new(
        signer: Arc<dyn Signer>,
        entropy: Entropy,
        audience: String,
        lifetime: Duration,
    ) -> Self {
        Self {
            signer: JwtSigner::new(signer, None),
            jtis: Arc::new(JtiSource::new(entropy)),
            audience,
            lifetime,
            write: Self::written,
        }
    }

    pub(crate) fn signer(&self) -> &Arc<dyn Signer> {
        self.signer.signer()
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.signer().algorithm()
    }

    /// The next assertion of this issuer about this subject, with further claims, to be signed.
    pub(crate) fn write(
        &self,
        issuer: &str,
        subject: &str,
        others: Option<&Map<String, Value>>,
        now: UnixTime,
    ) -> Result<UnsignedJwt, Error> {
        (self.write)(self, Parties { issuer, subject, others }, now)
    }

    fn written(&self, parties: Parties<'_>, now: UnixTime) -> Result<UnsignedJwt, Error> {
        let Parties { issuer, subject, others } = parties;
        self.signer.write(&Claims {
            iss: issuer,
            sub: subject,
            aud: &self.audience,
            jti: self.jtis.next(),
            iat: now.as_secs(),
            exp: now.after(self.lifetime).as_secs(),
            others,
        })
    }
}

impl fmt::Debug for AssertionWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AssertionWriter")
            .field("signer", &self.signer)
            .field("audience", &self.audience)
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}
