//! What a server's UserInfo says about a person: [`UserInfo`], and [`UnverifiedUserInfo`] where nobody knows who was meant.

use std::fmt;

use serde::Deserialize;

use crate::ground::error::{Error, malformed, misuse_of};
use crate::ground::quirk::Quirks;
use crate::ground::rule::{Checks, Rule};
use crate::identity::login::Identity;
use crate::identity::standard_claims::StandardClaims;
use crate::openid::answer::Told;
use crate::openid::elsewhere::{self, ClaimSource};
use crate::wire::json;
use crate::wire::json::{Object, Value};

/// The longest subject, in characters ([ID-18](crate::Rule::Id18)).
const MAX_SUBJECT: usize = 255;

/// What UserInfo says about the person of a login, whose subject it has named ([UI-5](crate::Rule::Ui5)). It is apart from what
/// the ID token says of them ([UI-9](crate::Rule::Ui9)).
///
/// It was told to one access token. Keep it with the session of that token, and in no cache that others share
/// ([UI-13](crate::Rule::Ui13)). Its `Debug` shows nothing about the person.
#[derive(Clone)]
pub struct UserInfo {
    identity: Identity,
    read: Read,
}

/// What UserInfo says about somebody. No ID token says who was meant, so that nothing could be compared: an access token that
/// was put in the place of another brings another person's claims (OpenID Connect Core §16.11). Log nobody in by it.
///
/// Its `Debug` shows nothing about the person.
#[derive(Clone)]
pub struct UnverifiedUserInfo {
    subject: String,
    read: Read,
}

/// What an answer says, but for its subject.
#[derive(Clone)]
struct Read {
    payload: Vec<u8>,
    standard: StandardClaims,
    elsewhere: Vec<ClaimSource>,
    is_signed: bool,
    quirks: Quirks,
    checks: Checks,
}

impl UserInfo {
    /// What was told, if it is about this person.
    pub(super) fn about(identity: &Identity, told: Told, admitted: Quirks) -> Result<Self, Error> {
        let no = |what| Err(malformed(Rule::Ui5, what));
        let mut object = Object::read(&told.payload)?;
        match object.take("sub") {
            Some(Value::Text(subject)) if subject == identity.subject() => {}
            Some(_) => {
                return no(
                    "the sub of UserInfo is not that of the ID token: the answer is about another person, perhaps \
                     because the access token is another's",
                );
            }
            None => return no("UserInfo has no sub, so that nobody knows whom it is about"),
        }
        let told_here = Here::of(&mut object, admitted)?;
        drop(object);
        let mut read = Read::of(told, told_here);
        read.checks.pass(Rule::Ui1);
        read.checks.pass(Rule::Ui5);
        Ok(Self { identity: identity.clone(), read })
    }

    /// Who it is about: the person of the login.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }
}

impl UnverifiedUserInfo {
    /// What was told, about somebody.
    pub(super) fn of(told: Told, admitted: Quirks) -> Result<Self, Error> {
        let mut object = Object::read(&told.payload)?;
        let subject = match object.take("sub") {
            Some(Value::Text(subject))
                if (1..=MAX_SUBJECT).contains(&subject.len()) && subject.is_ascii() =>
            {
                subject.into_owned()
            }
            _ => {
                let what = "UserInfo has no sub that is a string of 1 to 255 ASCII characters";
                return Err(malformed(Rule::Ui1, what));
            }
        };
        let told_here = Here::of(&mut object, admitted)?;
        drop(object);
        let mut read = Read::of(told, told_here);
        read.checks.pass(Rule::Ui1);
        Ok(Self { subject, read })
    }

    /// Whom the server says that it is about, `sub`. Nothing was compared with it.
    #[must_use]
    pub fn unverified_subject(&self) -> &str {
        &self.subject
    }
}

/// The standard claims that are here, and where others are: read once, with the subject.
struct Here(StandardClaims, Vec<ClaimSource>);

impl Here {
    fn of(claims: &mut Object<'_>, admitted: Quirks) -> Result<Self, Error> {
        let elsewhere = elsewhere::take(claims)?;
        let names = elsewhere.iter().flat_map(ClaimSource::claims).map(String::as_str);
        Ok(Self(StandardClaims::of(claims, admitted).leaving(names), elsewhere))
    }
}

impl Read {
    fn of(told: Told, Here(standard, elsewhere): Here) -> Self {
        let Told { payload, is_signed, quirks, mut checks } = told;
        if !elsewhere.is_empty() {
            checks.pass(Rule::Ui10);
        }
        let quirks = quirks.and(standard.quirks());
        Self { payload, standard, elsewhere, is_signed, quirks, checks }
    }

    fn claim<'de, T: Deserialize<'de>>(&'de self, name: &str) -> Result<Option<T>, Error> {
        if self.elsewhere.iter().any(|source| source.claims().iter().any(|claim| claim == name)) {
            let what = "the claim is neither here nor absent: another source has it, which `elsewhere` names";
            return Err(misuse_of(Rule::Ui10, what));
        }
        json::member(&self.payload, name)
    }
}

macro_rules! reads_claims {
    ($type:ident) => {
        impl $type {
            /// What it says about the person, in the types of OpenID Connect Core §5.1. A claim that another source has is not
            /// among them: [`StandardClaims::is_elsewhere`] tells it from one that is absent.
            #[must_use]
            pub const fn standard_claims(&self) -> &StandardClaims {
                &self.read.standard
            }

            /// Any claim, as a type of the caller's; `None` if it is absent.
            ///
            /// # Errors
            ///
            /// [`Error::Malformed`] ([TR-2](crate::Rule::Tr2)) if it is of another type; [`Error::Misuse`]
            /// ([UI-10](crate::Rule::Ui10)) if another source has it: see [`elsewhere`](Self::elsewhere).
            pub fn claim<'de, T: Deserialize<'de>>(&'de self, name: &str) -> Result<Option<T>, Error> {
                self.read.claim(name)
            }

            /// All claims, as the JSON object that came or was signed.
            #[must_use]
            pub fn claims(&self) -> &[u8] {
                &self.read.payload
            }

            /// The claims that other sources have (OpenID Connect Core §5.6.2), by source. Nothing of them is read or fetched
            /// ([UI-2](crate::Rule::Ui2)) unless the program makes a
            /// [`ClaimSourceRequest`](crate::openid::ClaimSourceRequest) of one.
            #[must_use]
            pub fn elsewhere(&self) -> &[ClaimSource] {
                &self.read.elsewhere
            }

            /// Whether it was signed, and the signature verified ([UI-4](crate::Rule::Ui4)).
            #[must_use]
            pub const fn is_signed(&self) -> bool {
                self.read.is_signed
            }

            /// What departed from the rules and was let through, by name.
            #[must_use]
            pub const fn quirks(&self) -> Quirks {
                self.read.quirks
            }

            /// The checks that it passed.
            #[must_use]
            pub const fn checks(&self) -> Checks {
                self.read.checks
            }
        }
    };
}

reads_claims!(UserInfo);
reads_claims!(UnverifiedUserInfo);

impl fmt::Debug for UserInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserInfo")
            .field("identity", &self.identity)
            .field("quirks", &self.read.quirks)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for UnverifiedUserInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedUserInfo").field("quirks", &self.read.quirks).finish_non_exhaustive()
    }
}
