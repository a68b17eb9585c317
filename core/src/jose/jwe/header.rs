//! The header of a JWE: [`Header`] (RFC 7516 §4.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::ground::error::{Error, malformed};
use crate::ground::rule::Rule;
use crate::jose::jwe::algorithm::{ContentAlgorithm, KeyAlgorithm};
use crate::jose::jwk;
use crate::jose::public_key::PublicKey;
use crate::wire::json::{Object, Value};

/// What is read of a header. Keys and addresses of keys in it (`jwk`, `jku`, `x5c`, `x5u`) are ignored
/// ([ID-5](crate::Rule::Id5)).
pub(crate) struct Header {
    pub(crate) key: KeyAlgorithm,
    pub(crate) content: ContentAlgorithm,
    pub(crate) key_id: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) agreement: Option<Agreement>,
}

/// What ECDH-ES adds (RFC 7518 §4.6.1).
pub(crate) struct Agreement {
    pub(crate) epk: PublicKey,
    pub(crate) apu: Vec<u8>,
    pub(crate) apv: Vec<u8>,
}

impl Header {
    pub(crate) fn read(json: &[u8]) -> Result<Self, Error> {
        let mut object = Object::read(json)
            .map_err(|_| malformed(Rule::Id52, "the header of the JWE is not one strict JSON object"))?;
        // Nothing critical is understood here.
        if object.take("crit").is_some() {
            return Err(malformed(
                Rule::Id52,
                "the header of the JWE has critical members (crit), and none is known here",
            ));
        }
        if object.take("zip").is_some() {
            return Err(malformed(
                Rule::Id50,
                "the content of the JWE is compressed (zip), which is not taken: a small text may become a huge one",
            ));
        }
        let mut member = |name: &str| match object.take(name) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text.into_owned())),
            Some(_) => Err(malformed(Rule::Id52, "alg, enc, kid and cty of the JWE are not all strings")),
        };
        let (algorithm, content) = (member("alg")?, member("enc")?);
        let (key_id, content_type) = (member("kid")?, member("cty")?);
        let (Some(algorithm), Some(content)) = (algorithm, content) else {
            return Err(malformed(Rule::Id52, "the header of the JWE has no alg or no enc"));
        };
        let Some(key) = KeyAlgorithm::from_name(&algorithm) else {
            return Err(malformed(
                Rule::Id45,
                "the key of the JWE is encrypted in a way that is never taken (alg): only ECDH-ES and RSA-OAEP are",
            ));
        };
        let Some(content) = ContentAlgorithm::from_name(&content) else {
            return Err(malformed(
                Rule::Id44,
                "the content of the JWE is encrypted in a way that is unknown here (enc)",
            ));
        };
        let agreement = if key.agrees() { Some(Agreement::read(object)?) } else { None };
        Ok(Self { key, content, key_id, content_type, agreement })
    }
}

impl Agreement {
    fn read(mut header: Object<'_>) -> Result<Self, Error> {
        let Some(Value::Object(mut epk)) = header.take("epk") else {
            return Err(malformed(Rule::Id47, "the header of the JWE has no key to agree with (epk)"));
        };
        if epk.has("d") {
            return Err(malformed(Rule::Id47, "the key to agree with (epk) of the JWE is a private one"));
        }
        let epk = jwk::public_key(&mut epk).map_err(|_| {
            malformed(
                Rule::Id47,
                "the key to agree with (epk) of the JWE is not a key of a form that is known here",
            )
        })?;
        let mut info = |name: &str| match header.take(name) {
            None => Ok(Vec::new()),
            Some(Value::Text(text)) => URL_SAFE_NO_PAD
                .decode(text.as_bytes())
                .map_err(|_| malformed(Rule::Id47, "apu or apv of the JWE is not strict base64url")),
            Some(_) => Err(malformed(Rule::Id47, "apu or apv of the JWE is not a string")),
        };
        Ok(Self { epk, apu: info("apu")?, apv: info("apv")? })
    }
}
