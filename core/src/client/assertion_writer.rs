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
    /// How: a pointer, so that a program that makes no writer is linked without what writes JWTs.
    write: Write,
}

type Write =
    fn(&AssertionWriter, &str, &str, Option<&Map<String, Value>>, UnixTime) -> Result<UnsignedJwt, Error>;

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: &'a str,
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
            write: written,
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
        (self.write)(self, issuer, subject, others, now)
    }
}

fn written(
    writer: &AssertionWriter,
    issuer: &str,
    subject: &str,
    others: Option<&Map<String, Value>>,
    now: UnixTime,
) -> Result<UnsignedJwt, Error> {
    writer.signer.write(&Claims {
        iss: issuer,
        sub: subject,
        aud: &writer.audience,
        jti: &writer.jtis.next(),
        iat: now.as_secs(),
        exp: now.after(writer.lifetime).as_secs(),
        others,
    })
}

impl fmt::Debug for AssertionWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AssertionWriter")
            .field("signer", &self.signer)
            .field("jtis", &self.jtis)
            .field("audience", &self.audience)
            .field("lifetime", &self.lifetime)
            .finish()
    }
}
