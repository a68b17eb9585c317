//! A JWS taken apart, beside its text: [`Parts`] (RFC 7515 §5.2).

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::ground::error::{Error, malformed};
use crate::ground::rule::Rule;
use crate::jose::algorithm::Algorithm;
use crate::jose::jwe::replicated;
use crate::jose::jwt_type::JwtType;
use crate::jose::verification_keys::VerificationKeys;
use crate::wire::json::{self, Value};

/// The longest JWT that is read, in bytes.
pub const MAX_JWT: usize = 1 << 18;

/// A header in base64url of this many characters at most is decoded without memory of its own; hardly any is longer, unless
/// it brings certificates.
const USUAL_HEADER: usize = 512;

/// What is in a JWS, taken apart once. Its text is kept beside it, and handed in for the verification.
#[derive(Default)]
pub(crate) struct Parts {
    algorithm: Cow<'static, str>,
    typ: Option<Cow<'static, str>>,
    has_key_id: bool,
    /// The payload, behind it the signature, and behind that the identifier of the key: in one piece of memory, of which the
    /// payload is kept.
    decoded: Vec<u8>,
    payload_end: usize,
    signature_end: usize,
    /// How much of the text is signed: its first two parts.
    input_end: usize,
}

impl Parts {
    /// Takes a JWS apart, as [`Jws::parse`](crate::jose::jws::Jws::parse) says.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_JWT {
            return Err(not_signed());
        }
        let (header, payload, signature) = split(text)?;
        let mut room = [0; USUAL_HEADER];
        let long;
        let json = if header.len() <= USUAL_HEADER {
            let length = URL_SAFE_NO_PAD.decode_slice(header, &mut room).map_err(|_| not_base64url(text))?;
            room.get(..length).unwrap_or_default()
        } else {
            long = URL_SAFE_NO_PAD.decode(header).map_err(|_| not_base64url(text))?;
            &long
        };
        // Each part's estimate is a little more than it needs.
        let mut decoded = Vec::with_capacity(text.len() / 4 * 3 + 8);
        let mut append = |part: &str| {
            URL_SAFE_NO_PAD.decode_vec(part, &mut decoded).map_err(|_| not_base64url(text))?;
            Ok::<_, Error>(decoded.len())
        };
        let (payload_end, signature_end) = (append(payload)?, append(signature)?);
        let Header { algorithm, key_id, typ } = Header::read(json)?;
        if let Some(key_id) = &key_id {
            decoded.extend_from_slice(key_id.as_bytes());
        }
        Ok(Self {
            algorithm: match Algorithm::from_name(&algorithm) {
                Some(known) => Cow::Borrowed(known.name()),
                None => Cow::Owned(algorithm.into_owned()),
            },
            typ: typ
                .map(|typ| if typ == "JWT" { Cow::Borrowed("JWT") } else { Cow::Owned(typ.into_owned()) }),
            has_key_id: key_id.is_some(),
            decoded,
            payload_end,
            signature_end,
            input_end: header.len() + 1 + payload.len(),
        })
    }

    pub(crate) fn algorithm(&self) -> &Cow<'static, str> {
        &self.algorithm
    }

    pub(crate) fn key_id(&self) -> Option<&str> {
        let key_id = self.decoded.get(self.signature_end..).filter(|_| self.has_key_id)?;
        std::str::from_utf8(key_id).ok()
    }

    pub(crate) fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    pub(crate) fn payload(&self) -> &[u8] {
        self.decoded.get(..self.payload_end).unwrap_or_default()
    }

    /// The payload before anybody verified it, if the JWT says to be of the expected type: to tell one JWT from another,
    /// never to believe it.
    pub(crate) fn unverified_payload(&self, expected: JwtType<'_>) -> Option<&[u8]> {
        expected.admits(self.typ()).then(|| self.payload())
    }

    pub(crate) fn into_payload(mut self) -> Vec<u8> {
        self.decoded.truncate(self.payload_end);
        self.decoded
    }

    /// Verifies the signature of this text, and `outer`, the header of the JWE that it was in, as
    /// [`Jws::verify`](crate::jose::jws::Jws::verify) says: the algorithm, and whose key it was, if the key says so.
    pub(crate) fn verify(
        &self,
        text: &str,
        outer: Option<&[u8]>,
        keys: &VerificationKeys,
        expected: JwtType<'_>,
    ) -> Result<(Algorithm, Option<Arc<str>>), Error> {
        expected.require(self.typ())?;
        let algorithm = keys.expected(&self.algorithm)?;
        let Some(key) = keys.find(algorithm, self.key_id())? else {
            return Err(malformed(Rule::Id6, "no key that is known here fits the JWT"));
        };
        let signature = self.decoded.get(self.payload_end..self.signature_end).unwrap_or_default();
        if algorithm.signature_len().is_some_and(|length| length != signature.len()) {
            return Err(malformed(Rule::Id7, "the signature of the JWT has the wrong length"));
        }
        let input = text.as_bytes().get(..self.input_end).unwrap_or_default();
        if !key.verify(input, signature) {
            return Err(malformed(Rule::Id8, "the signature of the JWT is not that of its key"));
        }
        if let Some(header) = outer {
            replicated::check(header, self.payload())?;
        }
        Ok((algorithm, key.issuer().cloned()))
    }
}

/// The header, payload and signature, in base64url. A payload with a dot in it does not decode.
fn split(text: &str) -> Result<(&str, &str, &str), Error> {
    let parts = text.split_once('.').and_then(|(header, rest)| Some((header, rest.rsplit_once('.')?)));
    parts.map(|(header, (payload, signature))| (header, payload, signature)).ok_or_else(not_signed)
}

/// The header of a JWT, decoded once more: for what is hardly ever asked of it.
pub(crate) fn header(text: &str) -> Result<Vec<u8>, Error> {
    URL_SAFE_NO_PAD.decode(split(text)?.0).map_err(|_| not_base64url(text))
}

/// What a header says of its JWS.
struct Header<'h> {
    algorithm: Cow<'h, str>,
    key_id: Option<Cow<'h, str>>,
    typ: Option<Cow<'h, str>>,
}

impl<'h> Header<'h> {
    fn read(json: &'h [u8]) -> Result<Self, Error> {
        let no = |what| malformed(Rule::Id3, what);
        // `x5t` is there because many servers write it, and is ignored as everything else is (ID-5).
        let [alg, kid, typ, crit, b64, _] = json::only(json, &["alg", "kid", "typ", "crit", "b64", "x5t"])
            .map_err(|_| no("the header of the JWT is not one strict JSON object"))?;
        let text = |member: Option<Value<'h>>| match member {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(no("alg, kid and typ of the JWT are not all strings")),
        };
        let (algorithm, key_id, typ) = (text(alg)?, text(kid)?, text(typ)?);
        let algorithm = algorithm.ok_or_else(|| no("the header of the JWT has no alg"))?;
        // Nothing critical is understood here, and a JWT has no unencoded payload (RFC 7797 §7).
        if crit.is_some() {
            return Err(no("the header of the JWT has critical members (crit), and none is known here"));
        }
        if b64.is_some_and(|value| !matches!(value, Value::Bool(true))) {
            return Err(no("the payload of the JWT is not in base64url (b64)"));
        }
        Ok(Self { algorithm, key_id, typ })
    }
}

/// Why a part does not decode: the engine takes no padding, no white space, no bits left over, and no dot of a fourth part.
fn not_base64url(text: &str) -> Error {
    match text.bytes().filter(|byte| *byte == b'.').count() {
        2 => malformed(Rule::Id2, "a part of the JWT is not strict base64url"),
        _ => not_signed(),
    }
}

fn not_signed() -> Error {
    malformed(Rule::Id1, "the JWT is empty or too long: a signed one has three parts and at most 256 KiB")
}
