//! What a server says about a person, in the types of OpenID Connect Core §5.1: [`StandardClaims`], [`Address`].
//!
//! Longer than most files: every claim has a method that says what it is.

use std::fmt;

use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::time::UnixTime;
use crate::jose::claims::date;
use crate::wire::json::{Object, Value};

/// The standard claims that are texts.
const TEXTS: [&str; 15] = [
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "email",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
];

/// The standard claims about a person, typed. A claim that is `null` or `""` is absent; one of a wrong type is left out, and
/// reported by [`Quirk::ClaimOfOtherType`](crate::Quirk::ClaimOfOtherType) ([UI-7](crate::Rule::Ui7)).
///
/// A claim may be there in several languages, `name#ja-Kana-JP`; [`in_language`](Self::in_language) reads these
/// ([UI-8](crate::Rule::Ui8), OpenID Connect Core §5.2).
///
/// Its `Debug` shows nothing about the person.
#[derive(Clone, Default)]
pub struct StandardClaims {
    /// By their names, with the language tag in lower case.
    texts: Vec<(String, String)>,
    email_verified: Option<bool>,
    phone_number_verified: Option<bool>,
    updated_at: Option<UnixTime>,
    address: Option<Address>,
    /// The names of those that another source has.
    elsewhere: Vec<String>,
    quirks: Quirks,
}

macro_rules! text_claims {
    ($($(#[$doc:meta])+ $name:ident;)+) => {
        impl StandardClaims {$(
            $(#[$doc])+
            #[must_use]
            pub fn $name(&self) -> Option<&str> {
                self.text(stringify!($name))
            }
        )+}
    };
}

text_claims! {
    /// The whole name, as it is shown.
    name;
    /// The given names.
    given_name;
    /// The family names.
    family_name;
    /// The middle names.
    middle_name;
    /// What the person is called.
    nickname;
    /// How the person wants to be referred to at the program, `jane.doe`. It may change, and another person may have it later.
    preferred_username;
    /// The URL of their profile page.
    profile;
    /// The URL of their picture.
    picture;
    /// The URL of their web page.
    website;
    /// Their email address, which may be anyone's unless it is [verified](Self::verified_email).
    email;
    /// Their gender.
    gender;
    /// Their date of birth, `YYYY-MM-DD`, `0000-MM-DD` or `YYYY`.
    birthdate;
    /// Their time zone, `Europe/Paris`.
    zoneinfo;
    /// Their language and country, `en-US`.
    locale;
    /// Their telephone number.
    phone_number;
}

impl StandardClaims {
    /// Reads them out of claims that were checked.
    pub(crate) fn read(claims: &[u8], admitted: Quirks) -> Self {
        Object::read(claims).map(|mut object| Self::of(&mut object, admitted)).unwrap_or_default()
    }

    /// Takes them out of an object that was read already.
    pub(crate) fn of(object: &mut Object<'_>, admitted: Quirks) -> Self {
        let mut read = Self::default();
        for (name, value) in object.members() {
            let (base, tag) = parts(name);
            if !TEXTS.contains(&base) {
                continue;
            }
            match value {
                Value::Text(text) if text.is_empty() => {}
                Value::Null => {}
                Value::Text(text) => read.texts.push((key(base, tag), text.clone().into_owned())),
                _ => read.report(Quirk::ClaimOfOtherType),
            }
        }
        read.email_verified = read.flag(object, "email_verified", admitted);
        read.phone_number_verified = read.flag(object, "phone_number_verified", admitted);
        read.updated_at = match object.get("updated_at") {
            None | Some(Value::Null) => None,
            Some(_) => date(object, "updated_at").unwrap_or_else(|_| {
                read.report(Quirk::ClaimOfOtherType);
                None
            }),
        };
        read.address = match object.take("address") {
            Some(Value::Object(address)) => Some(Address::read(&address, &mut read.quirks)),
            None | Some(Value::Null) => None,
            Some(_) => {
                read.report(Quirk::ClaimOfOtherType);
                None
            }
        };
        read
    }

    /// The same without the claims of these names, which another source has.
    pub(crate) fn leaving<'n>(mut self, names: impl IntoIterator<Item = &'n str>) -> Self {
        for name in names {
            let (base, tag) = parts(name);
            let key = key(base, tag);
            self.texts.retain(|(known, _)| *known != key);
            match name {
                "email_verified" => self.email_verified = None,
                "phone_number_verified" => self.phone_number_verified = None,
                "updated_at" => self.updated_at = None,
                "address" => self.address = None,
                _ => {}
            }
            self.elsewhere.push(key);
        }
        self
    }

    /// Whether another source has the claim of this name ([UI-10](crate::Rule::Ui10)): it is neither absent nor read here.
    #[must_use]
    pub fn is_elsewhere(&self, name: &str) -> bool {
        let (base, tag) = parts(name);
        self.elsewhere.contains(&key(base, tag))
    }

    fn report(&mut self, quirk: Quirk) {
        self.quirks = self.quirks.with(quirk);
    }

    fn flag(&mut self, claims: &mut Object<'_>, name: &str, admitted: Quirks) -> Option<bool> {
        match claims.take(name)? {
            Value::Bool(flag) => return Some(flag),
            Value::Null => {}
            Value::Text(text) if text.is_empty() => {}
            Value::Text(text) if admitted.contains(Quirk::BooleanAsText) => {
                if let Ok(flag) = text.parse() {
                    self.report(Quirk::BooleanAsText);
                    return Some(flag);
                }
                self.report(Quirk::ClaimOfOtherType);
            }
            _ => self.report(Quirk::ClaimOfOtherType),
        }
        None
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.texts.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str())
    }

    /// One of the claims that are texts in this language, by its BCP 47 tag: `in_language("name", "ja-Kana-JP")`.
    #[must_use]
    pub fn in_language(&self, name: &str, tag: &str) -> Option<&str> {
        self.text(&key(name, tag))
    }

    /// Whether the server has made sure that the email address was the person's, at a time that it does not say.
    #[must_use]
    pub const fn email_verified(&self) -> Option<bool> {
        self.email_verified
    }

    /// The email address, if the server says that it has made sure of it. It is a way to reach the person, and says something
    /// about who they are at this issuer alone: an account of another issuer with the same address is another's until the person
    /// has logged in there too ([ID-37](crate::Rule::Id37), [ID-59](crate::Rule::Id59)).
    #[must_use]
    pub fn verified_email(&self) -> Option<&str> {
        self.email().filter(|_| self.email_verified == Some(true))
    }

    /// Whether the server has made sure that the telephone number was the person's.
    #[must_use]
    pub const fn phone_number_verified(&self) -> Option<bool> {
        self.phone_number_verified
    }

    /// When what is said about the person changed last.
    #[must_use]
    pub const fn updated_at(&self) -> Option<UnixTime> {
        self.updated_at
    }

    /// Their postal address (OpenID Connect Core §5.1.1).
    #[must_use]
    pub const fn address(&self) -> Option<&Address> {
        self.address.as_ref()
    }

    /// What departed from the types of the standard, by name.
    #[must_use]
    pub const fn quirks(&self) -> Quirks {
        self.quirks
    }
}

/// The name of a claim and its language. One with nothing after the `#` is a claim of another name: a server may let people
/// choose such a one, and it must not pass for theirs that it has verified.
fn parts(name: &str) -> (&str, &str) {
    name.split_once('#').filter(|(_, tag)| !tag.is_empty()).unwrap_or((name, ""))
}

fn key(name: &str, tag: &str) -> String {
    match tag {
        "" => name.to_owned(),
        tag => format!("{name}#{}", tag.to_ascii_lowercase()),
    }
}

impl fmt::Debug for StandardClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StandardClaims").field("quirks", &self.quirks).finish_non_exhaustive()
    }
}

/// A postal address (OpenID Connect Core §5.1.1). Its `Debug` shows nothing of it.
#[derive(Clone, Default)]
pub struct Address {
    parts: Vec<(&'static str, String)>,
}

macro_rules! address_parts {
    ($($(#[$doc:meta])+ $name:ident;)+) => {
        impl Address {
            const PARTS: &'static [&'static str] = &[$(stringify!($name)),+];

            $(
                $(#[$doc])+
                #[must_use]
                pub fn $name(&self) -> Option<&str> {
                    self.parts.iter().find(|(name, _)| *name == stringify!($name)).map(|(_, part)| part.as_str())
                }
            )+
        }
    };
}

address_parts! {
    /// The whole address, as it stands on an envelope, its lines apart.
    formatted;
    /// Street, house and the like.
    street_address;
    /// The city.
    locality;
    /// The state, province or region.
    region;
    /// The postal code.
    postal_code;
    /// The country.
    country;
}

impl Address {
    fn read(address: &Object<'_>, quirks: &mut Quirks) -> Self {
        let mut parts = Vec::new();
        for &name in Self::PARTS {
            match address.get(name) {
                None | Some(Value::Null) => {}
                Some(Value::Text(part)) if part.is_empty() => {}
                Some(Value::Text(part)) => parts.push((name, part.clone().into_owned())),
                Some(_) => *quirks = quirks.with(Quirk::ClaimOfOtherType),
            }
        }
        Self { parts }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(..)")
    }
}
