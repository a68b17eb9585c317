//! Claims that another source has (OpenID Connect Core §5.6.2): [`ClaimSource`], [`ClaimPlace`].
//!
//! ```text
//!  {"_claim_names":   {"address": "bank", "email": "bank"},
//!   "_claim_sources": {"bank": {"JWT": "…"}}}                                aggregated: the source signed them
//!                     {"bank": {"endpoint": "https://…", "access_token": "…"}}   distributed: they are to be fetched
//! ```

use std::fmt;

use crate::ground::error::{Error, malformed};
use crate::ground::rule::Rule;
use crate::ground::short;
use crate::terms::secret::AccessToken;
use crate::wire::json::{Object, Value};

/// The claims that say so of others.
const NAMES: &str = "_claim_names";
const SOURCES: &str = "_claim_sources";

/// What may not be another's to say: who says it, about whom, and where the rest is.
const NEVER_ELSEWHERE: [&str; 5] = ["iss", "sub", "aud", NAMES, SOURCES];

/// Claims that one other source has. Its `Debug` shows their names.
#[derive(Clone)]
pub struct ClaimSource {
    claims: Vec<String>,
    place: ClaimPlace,
}

impl ClaimSource {
    /// The names of the claims that this source has.
    #[must_use]
    pub fn claims(&self) -> &[String] {
        &self.claims
    }

    /// Where they are.
    #[must_use]
    pub const fn place(&self) -> &ClaimPlace {
        &self.place
    }
}

impl fmt::Debug for ClaimSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClaimSource")
            .field("claims", &short::list(&self.claims))
            .field("place", &self.place)
            .finish()
    }
}

/// Where another source has claims. Its `Debug` shows nothing about the person.
#[derive(Clone)]
#[non_exhaustive]
pub enum ClaimPlace {
    /// They came along, signed by the source. Nobody has verified that (OpenID Connect Core §5.6.2.1).
    Aggregated {
        /// The JWT, as it came.
        jwt: String,
    },
    /// They are to be fetched there (OpenID Connect Core §5.6.2.2).
    Distributed {
        /// The URL, as it came. Nobody has looked at it.
        endpoint: String,
        /// What the request is authorized with. It is for this place alone.
        access_token: Option<AccessToken>,
    },
}

impl fmt::Debug for ClaimPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aggregated { .. } => "Aggregated(..)",
            Self::Distributed { .. } => "Distributed(..)",
        })
    }
}

/// Takes out of claims which of them are elsewhere ([UI-10](crate::Rule::Ui10)).
pub(super) fn take(claims: &mut Object<'_>) -> Result<Vec<ClaimSource>, Error> {
    let names = member(claims, NAMES)?;
    let mut sources = member(claims, SOURCES)?;
    let mut read: Vec<(&str, ClaimSource)> = Vec::new();
    for (claim, source) in names.iter().flat_map(Object::members) {
        let Some(source) = source.as_text() else {
            return no("a name in _claim_names has another value than the name of a source");
        };
        if NEVER_ELSEWHERE.contains(&claim) {
            return no("_claim_names has a claim that no other source can have, such as sub");
        }
        if let Some((_, known)) = read.iter_mut().find(|(name, _)| *name == source) {
            known.claims.push(claim.to_owned());
            continue;
        }
        let Some(Value::Object(place)) = sources.as_mut().and_then(|sources| sources.take(source)) else {
            return no("_claim_names names a source that is not an object in _claim_sources");
        };
        read.push((source, ClaimSource { claims: vec![claim.to_owned()], place: place_of(place)? }));
    }
    Ok(read.into_iter().map(|(_, source)| source).collect())
}

fn no<T>(what: &'static str) -> Result<T, Error> {
    Err(malformed(Rule::Ui10, what))
}

fn member<'a>(object: &mut Object<'a>, name: &str) -> Result<Option<Object<'a>>, Error> {
    match object.take(name) {
        None => Ok(None),
        Some(Value::Object(member)) => Ok(Some(member)),
        Some(_) => Err(malformed(Rule::Ui10, format!("{name} is not an object"))),
    }
}

fn place_of(mut source: Object<'_>) -> Result<ClaimPlace, Error> {
    let access_token = source.take("access_token");
    match (source.take("JWT"), source.take("endpoint")) {
        (Some(Value::Text(jwt)), None) => Ok(ClaimPlace::Aggregated { jwt: jwt.into_owned() }),
        (None, Some(Value::Text(endpoint))) => {
            let access_token = match access_token {
                None => None,
                Some(Value::Text(token)) => match AccessToken::admit(token.into_owned()) {
                    Ok(token) => Some(token),
                    Err(_) => return no("the access_token of a source is empty or not printable ASCII"),
                },
                Some(_) => return no("the access_token of a source is not a string"),
            };
            Ok(ClaimPlace::Distributed { endpoint: endpoint.into_owned(), access_token })
        }
        _ => no("a source in _claim_sources has not exactly one of JWT and endpoint, as a string"),
    }
}
