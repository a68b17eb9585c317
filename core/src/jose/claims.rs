//! What a JWT claims, and whether it holds: [`Claims`], [`ClaimsCheck`] (RFC 7519 §4.1).

use std::fmt;
use std::mem;
use std::time::Duration;

use serde::Deserialize;

use crate::ground::error::{Error, malformed};
use crate::ground::rule::Rule;
use crate::ground::short;
use crate::ground::time::UnixTime;
use crate::wire::json::{Object, Value};
use crate::wire::places::Places;

/// The last second that a date of this calendar names: 9999-12-31T23:59:59Z.
const LAST_SECOND: u64 = 253_402_300_799;

/// The claims of a JWT, read once. Its `Debug` shows the registered claims that every JWT may show: who issued it, for
/// whom, and when.
#[derive(Clone)]
pub struct Claims {
    payload: Vec<u8>,
    places: Places,
    issuer: Option<String>,
    audience: Vec<String>,
    expires_at: Option<UnixTime>,
    not_before: Option<UnixTime>,
    issued_at: Option<UnixTime>,
}

impl Claims {
    /// Reads claims out of a JSON object.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`]: [TR-2](crate::Rule::Tr2) if it is not one strict JSON object; [ID-9](crate::Rule::Id9) if `iss`
    /// is not a string; [ID-10](crate::Rule::Id10) if `aud` is neither a string nor an array of strings;
    /// [ID-25](crate::Rule::Id25) if `exp`, `nbf` or `iat` is not a number of seconds between 1970 and the year 9999. A
    /// number may have a fraction.
    pub fn read(payload: impl Into<Vec<u8>>) -> Result<Self, Error> {
        let payload = payload.into();
        let mut object = Object::read(&payload)?;
        let places = Places::of(&object, &payload);
        let claims = Self::registered(&mut object)?;
        drop(object);
        Ok(Self { payload, places, ..claims })
    }

    /// Takes the registered claims out of an object that was read already, and none of the others.
    pub(crate) fn registered(object: &mut Object<'_>) -> Result<Self, Error> {
        let issuer = match object.take("iss") {
            None => None,
            Some(Value::Text(issuer)) => Some(issuer.into_owned()),
            Some(_) => return Err(malformed(Rule::Id9, "iss is not a string")),
        };
        let audience = match object.take("aud") {
            None => Some(Vec::new()),
            Some(Value::Text(audience)) => Some(vec![audience.into_owned()]),
            Some(Value::Array(values)) => values.into_iter().map(Value::into_text).collect(),
            Some(_) => None,
        };
        let audience = audience
            .ok_or_else(|| malformed(Rule::Id10, "aud is neither a string nor an array of strings"))?;
        let (expires_at, not_before, issued_at) =
            (date(object, "exp")?, date(object, "nbf")?, date(object, "iat")?);
        Ok(Self {
            payload: Vec::new(),
            places: Places::default(),
            issuer,
            audience,
            expires_at,
            not_before,
            issued_at,
        })
    }

    /// Who issued it, `iss`.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// For whom it is, `aud`: the string or the array, as a list.
    #[must_use]
    pub fn audience(&self) -> &[String] {
        &self.audience
    }

    /// Takes who issued it and for whom, to be kept.
    pub(crate) fn take_parties(&mut self) -> (Option<String>, Vec<String>) {
        (self.issuer.take(), mem::take(&mut self.audience))
    }

    /// From when on it is no longer good, `exp`.
    #[must_use]
    pub const fn expires_at(&self) -> Option<UnixTime> {
        self.expires_at
    }

    /// From when on it is good, `nbf`.
    #[must_use]
    pub const fn not_before(&self) -> Option<UnixTime> {
        self.not_before
    }

    /// When it was issued, `iat`.
    #[must_use]
    pub const fn issued_at(&self) -> Option<UnixTime> {
        self.issued_at
    }

    /// Any claim, as a type of the caller's; `None` if it is absent.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] ([TR-2](crate::Rule::Tr2)) if it is of another type.
    pub fn claim<'de, T: Deserialize<'de>>(&'de self, name: &str) -> Result<Option<T>, Error> {
        self.places.member(&self.payload, name)
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims")
            .field("issuer", &short::option(self.issuer.as_deref()))
            .field("audience", &short::list(&self.audience))
            .field("expires_at", &self.expires_at)
            .field("not_before", &self.not_before)
            .field("issued_at", &self.issued_at)
            .finish_non_exhaustive()
    }
}

/// What is expected of claims. Whatever dates there are, are always checked; the rest is checked when it is asked for.
///
/// ```
/// use std::time::Duration;
/// use valetkey_core::UnixTime;
/// use valetkey_core::jose::{Claims, ClaimsCheck};
///
/// let claims = Claims::read(r#"{"iss":"https://as.example","aud":["s6BhdRkqt3"],"exp":1700000060}"#)?;
/// let check = ClaimsCheck::at(UnixTime::from_secs(1_700_000_000))
///     .leeway(Duration::from_secs(10))
///     .issuer("https://as.example")
///     .audience("s6BhdRkqt3")
///     .expires();
/// check.check(&claims)?;
/// # Ok::<(), valetkey_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ClaimsCheck<'a> {
    now: UnixTime,
    leeway: Duration,
    issuer: Option<&'a str>,
    audience: Option<&'a str>,
    expires: bool,
    max_age: Option<Duration>,
}

impl<'a> ClaimsCheck<'a> {
    /// Checks as of now.
    #[must_use]
    pub const fn at(now: UnixTime) -> Self {
        Self { now, leeway: Duration::ZERO, issuer: None, audience: None, expires: false, max_age: None }
    }

    /// How far the issuer's clock may be from ours, in either direction. None, unless it is said.
    #[must_use]
    pub const fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// `iss` must be there and be exactly this ([ID-9](crate::Rule::Id9)).
    #[must_use]
    pub const fn issuer(mut self, issuer: &'a str) -> Self {
        self.issuer = Some(issuer);
        self
    }

    /// `aud` must be there and contain exactly this ([ID-10](crate::Rule::Id10)).
    #[must_use]
    pub const fn audience(mut self, audience: &'a str) -> Self {
        self.audience = Some(audience);
        self
    }

    /// `exp` must be there ([ID-12](crate::Rule::Id12)).
    #[must_use]
    pub const fn expires(mut self) -> Self {
        self.expires = true;
        self
    }

    /// `iat` must be there and be no older than this ([ID-13](crate::Rule::Id13)).
    #[must_use]
    pub const fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// Checks the claims.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] with the rule that failed first: [ID-9](crate::Rule::Id9), [ID-10](crate::Rule::Id10),
    /// [ID-12](crate::Rule::Id12), [ID-14](crate::Rule::Id14), [ID-13](crate::Rule::Id13).
    pub fn check(&self, claims: &Claims) -> Result<(), Error> {
        if self.issuer.is_some_and(|issuer| claims.issuer() != Some(issuer)) {
            return Err(malformed(Rule::Id9, "the iss of the JWT is not the expected issuer"));
        }
        if self.audience.is_some_and(|own| !claims.audience.iter().any(|audience| audience == own)) {
            return Err(malformed(Rule::Id10, "the aud of the JWT does not name this client"));
        }
        let (early, late) = (self.now.before(self.leeway), self.now.after(self.leeway));
        match claims.expires_at {
            None if self.expires => return Err(malformed(Rule::Id12, "the JWT has no exp")),
            Some(end) if early >= end => {
                return Err(malformed(
                    Rule::Id12,
                    "the JWT has expired: if it is new, look at the clocks of both sides",
                ));
            }
            _ => {}
        }
        if claims.not_before.is_some_and(|start| late < start) {
            return Err(malformed(Rule::Id14, "the JWT is not good yet: look at the clocks of both sides"));
        }
        match (claims.issued_at, self.max_age) {
            (None, Some(_)) => Err(malformed(Rule::Id13, "the JWT has no iat")),
            (Some(issued), _) if late < issued => Err(malformed(
                Rule::Id13,
                "the JWT was issued in the future: look at the clocks of both sides",
            )),
            (Some(issued), Some(age)) if early > issued.after(age) => {
                Err(malformed(Rule::Id13, "the JWT was issued too long ago"))
            }
            _ => Ok(()),
        }
    }
}

/// Takes a claim that is a `NumericDate` ([ID-25](crate::Rule::Id25)).
pub(crate) fn date(object: &mut Object<'_>, name: &str) -> Result<Option<UnixTime>, Error> {
    match object.take(name) {
        None => Ok(None),
        Some(Value::Whole(secs)) if secs <= LAST_SECOND => Ok(Some(UnixTime::from_secs(secs))),
        // Rounded to milliseconds: the nearest number to 1700000000.001 is a little below it.
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the bound keeps it positive and far below 2^53"
        )]
        Some(Value::Fraction(secs)) if (0.0..=LAST_SECOND as f64).contains(&secs) => {
            Ok(Some(UnixTime::from_millis((secs * 1000.0).round() as u64)))
        }
        Some(_) => Err(malformed(
            Rule::Id25,
            format!("{name} of the JWT is not a number of seconds since 1970 (is it in milliseconds?)"),
        )),
    }
}
