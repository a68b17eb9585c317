//! Secrets: newtypes that print `<secret>`, compare in constant time and are wiped when dropped.
//!
//! Longer than most files: each kind of secret is short, and what they have in common is beside them.

use std::fmt;

use bytes::Bytes;
use http::HeaderValue;
use subtle::{Choice, ConstantTimeEq};

use crate::ground::error::{Error, malformed, misuse, response_refused};
use crate::ground::rule::Rule;
use crate::ground::text;
use crate::ground::wiped::Wiped;
use crate::terms::token_text::TokenText;

macro_rules! secrets {
    ($($(#[$doc:meta])+ $visible:vis $name:ident($text:ty);)+) => {$(
        $(#[$doc])+
        ///
        /// Prints `<secret>`, compares in constant time, and is wiped from memory when dropped.
        #[derive(Clone)]
        $visible struct $name($text);

        impl $name {
            /// The secret itself, for the moment of its use. Do not log it.
            #[must_use]
            $visible fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("<secret>")
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                same(&self.0, &other.0)
            }
        }

        impl Eq for $name {}
    )+};
}

/// The secrets that a record holds, checked again when it is read.
macro_rules! stored {
    ($($name:ident)+) => {$(
        impl exposed::Stored for $name {
            fn expose(&self) -> &str {
                &self.0
            }

            fn restore(text: String) -> Result<Self, Error> {
                Self::admit(text)
            }
        }
    )+};
}

stored! { AccessToken DeviceCode Nonce RefreshToken State }

secrets! {
    /// What authorizes a request to an API (RFC 6749 §1.4); a permanent token too. Clones may share its text, which is wiped with the
    /// last of them.
    pub AccessToken(TokenText);
    /// What gets the next access token (RFC 6749 §1.5).
    pub RefreshToken(Wiped);
    /// What the client proves its identity with (RFC 6749 §2.3.1).
    pub ClientSecret(Wiped);
    /// A person's password, for the deprecated password grant (RFC 6749 §4.3).
    pub Password(Wiped);
    /// An ID token as it came, unverified (OpenID Connect Core §3.1.3.3).
    pub IdToken(Wiped);
    /// An authorization code (RFC 6749 §1.3.1); only a checked response makes one.
    pub(crate) AuthorizationCode(Wiped);
    /// What a device asks for its tokens with (RFC 8628 §3.2); no person ever sees it.
    pub(crate) DeviceCode(Wiped);
    /// What ties a response to its request (RFC 6749 §10.12).
    pub(crate) State(Wiped);
    /// What ties an ID token to its request (OpenID Connect Core §15.5.2).
    pub(crate) Nonce(Wiped);
}

impl AccessToken {
    /// Takes an access token from elsewhere, such as a permanent token that a person made.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([TR-5](crate::Rule::Tr5)) if it is empty or holds anything but printable ASCII, a trailing newline
    /// for one.
    pub fn new(token: impl Into<String>) -> Result<Self, Error> {
        Self::admit(token.into()).map_err(|_| {
            crate::ground::error::misuse_of(Rule::Tr5, "the access token is empty or not printable ASCII")
        })
    }

    pub(crate) fn admit(token: String) -> Result<Self, Error> {
        printable(token, Rule::Tr5, "access_token is empty or not printable ASCII")
            .map(|token| Self(token.into()))
    }

    /// The same as a part of the header's value that it goes out by, and that value: see [`TokenText`].
    pub(crate) fn in_header(&self, scheme: &str) -> Option<(Self, HeaderValue)> {
        self.0.in_header(scheme).map(|(token, header)| (Self(token), header))
    }
}

impl RefreshToken {
    /// Takes a refresh token from elsewhere.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([TR-10](crate::Rule::Tr10)) if it is empty or holds anything but printable ASCII.
    pub fn new(token: impl Into<String>) -> Result<Self, Error> {
        Self::admit(token.into()).map_err(|_| {
            crate::ground::error::misuse_of(Rule::Tr10, "the refresh token is empty or not printable ASCII")
        })
    }

    pub(crate) fn admit(token: String) -> Result<Self, Error> {
        printable(token, Rule::Tr10, "refresh_token is empty or not printable ASCII").map(Self)
    }
}

impl ClientSecret {
    /// Takes the client secret.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if it is empty: an empty secret is no secret, and a client without one is public;
    /// [`Client::basic_without_secret`](crate::Client::basic_without_secret) is for servers that want one all the same.
    pub fn new(secret: impl Into<String>) -> Result<Self, Error> {
        let secret = Wiped::new(secret.into());
        if secret.is_empty() {
            return Err(misuse(
                "the client secret is empty: leave it out for a public client, which has none; where the server wants \
                 Basic with an empty secret, use `Client::basic_without_secret`",
            ));
        }
        Ok(Self(secret))
    }

    /// What a client without a secret sends where a server wants one.
    pub(crate) fn empty() -> Self {
        Self(Wiped::default())
    }
}

impl Password {
    /// Takes a person's password as it was typed.
    #[must_use]
    pub fn new(password: impl Into<String>) -> Self {
        Self(Wiped::new(password.into()))
    }
}

impl IdToken {
    /// Takes an ID token from elsewhere: one that was kept for `id_token_hint`, or that is to be
    /// [verified](crate::identity::IdTokenVerification).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([TR-12](crate::Rule::Tr12)) if it is empty or holds anything but printable ASCII.
    pub fn new(token: impl Into<String>) -> Result<Self, Error> {
        Self::admit(token.into()).map_err(|_| {
            crate::ground::error::misuse_of(Rule::Tr12, "the ID token is empty or not printable ASCII")
        })
    }

    pub(crate) fn admit(token: String) -> Result<Self, Error> {
        printable(token, Rule::Tr12, "id_token is empty or not printable ASCII").map(Self)
    }
}

impl AuthorizationCode {
    pub(crate) fn admit(code: &str) -> Result<Self, Error> {
        CheckedCode::check(code).map(CheckedCode::kept)
    }
}

/// A code whose characters were checked, where it stands in its response: most are sent and not kept, and need no copy.
#[derive(Clone, Copy)]
pub(crate) struct CheckedCode<'a>(&'a str);

impl<'a> CheckedCode<'a> {
    pub(crate) fn check(code: &'a str) -> Result<Self, Error> {
        let refused = || response_refused(Rule::Ar8, "code is empty or not printable ASCII");
        text::is_vschar(code).then_some(Self(code)).ok_or_else(refused)
    }

    pub(crate) const fn expose(self) -> &'a str {
        self.0
    }

    pub(crate) fn kept(self) -> AuthorizationCode {
        AuthorizationCode(Wiped::new(self.0.to_owned()))
    }
}

impl DeviceCode {
    pub(crate) fn admit(code: String) -> Result<Self, Error> {
        printable(code, Rule::Dv1, "device_code is empty or not printable ASCII").map(Self)
    }
}

impl Nonce {
    pub(crate) fn admit(nonce: String) -> Result<Self, Error> {
        printable(nonce, Rule::Id15, "nonce is empty or not printable ASCII").map(Self)
    }
}

impl State {
    pub(crate) fn admit(state: String) -> Result<Self, Error> {
        printable(state, Rule::Ar8, "state is empty or not printable ASCII").map(Self)
    }

    pub(crate) fn matches(&self, received: &str) -> bool {
        same(&self.0, received)
    }
}

/// A header's value of these texts together: marked as sensitive, and wiped from memory when its last clone is dropped.
/// `None` if they do not fit a header.
pub(crate) fn sensitive_header(parts: &[&str]) -> Option<HeaderValue> {
    // All the room beforehand: text that grows leaves copies of itself behind.
    let mut value = Wiped::new(Vec::with_capacity(parts.iter().map(|part| part.len()).sum()));
    for part in parts {
        value.extend_from_slice(part.as_bytes());
    }
    let mut header = HeaderValue::from_maybe_shared(Bytes::from_owner(value)).ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// Whether two texts are equal, in a time that tells nothing about where they differ. As with slices in `subtle`, their lengths
/// are no secret; what is compared is its own, but eight bytes at once: byte by byte it costs a sixth of a whole redirect.
pub(crate) fn same(one: &str, other: &str) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let (one, one_rest) = one.as_bytes().as_chunks::<8>();
    let (other, other_rest) = other.as_bytes().as_chunks::<8>();
    let number = |bytes: &[u8; 8]| u64::from_ne_bytes(*bytes);
    let eights = one.iter().zip(other);
    let same = eights.fold(Choice::from(1), |same, (one, other)| same & number(one).ct_eq(&number(other)));
    (same & one_rest.ct_eq(other_rest)).into()
}

fn printable(text: String, rule: Rule, what: &'static str) -> Result<Wiped, Error> {
    let text = Wiped::new(text);
    if text::is_vschar(&text) { Ok(text) } else { Err(malformed(rule, what)) }
}

/// Serializing a secret is always said at the field, for the few records that must outlive a process.
pub(crate) mod exposed {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::ground::error::Error;

    pub(crate) trait Stored: Sized {
        fn expose(&self) -> &str;
        fn restore(text: String) -> Result<Self, Error>;
    }

    impl<T: Stored> Stored for Option<T> {
        // An absent secret is skipped by its field's `skip_serializing_if`, so this is never written.
        fn expose(&self) -> &str {
            self.as_ref().map_or("", Stored::expose)
        }

        fn restore(text: String) -> Result<Self, Error> {
            T::restore(text).map(Some)
        }
    }

    pub(crate) fn serialize<S: Serializer, T: Stored>(secret: &T, serializer: S) -> Result<S::Ok, S::Error> {
        secret.expose().serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, T: Stored>(deserializer: D) -> Result<T, D::Error> {
        T::restore(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }

    /// A secret whose absence is written, as `null`: a record that lacks the member altogether is not read.
    pub(crate) mod or_null {
        use serde::de::Error as _;
        use serde::{Deserialize, Deserializer, Serialize, Serializer};

        use super::Stored;

        pub(crate) fn serialize<S: Serializer, T: Stored>(
            secret: &Option<T>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            secret.as_ref().map(Stored::expose).serialize(serializer)
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>, T: Stored>(
            deserializer: D,
        ) -> Result<Option<T>, D::Error> {
            let text = Option::<String>::deserialize(deserializer)?;
            text.map(T::restore).transpose().map_err(D::Error::custom)
        }
    }
}
