//! Values that are made of their text: each takes one wherever a method takes `impl TryInto` of it.

use crate::ground::error::Error;
use crate::terms::authorization_details::AuthorizationDetails;
use crate::terms::resource::Resource;
use crate::terms::scope::Scope;
use crate::terms::secret::ClientSecret;

macro_rules! texts {
    ($($name:ident, $read:ident;)+) => {$(
        impl TryFrom<&str> for $name {
            type Error = Error;

            fn try_from(text: &str) -> Result<Self, Error> {
                $read(text)
            }
        }

        impl TryFrom<&String> for $name {
            type Error = Error;

            fn try_from(text: &String) -> Result<Self, Error> {
                $read(text)
            }
        }

        impl From<&Self> for $name {
            fn from(value: &Self) -> Self {
                value.clone()
            }
        }
    )+};
}

texts! {
    AuthorizationDetails, details;
    ClientSecret, secret;
    Resource, resource;
    Scope, scope;
}

fn details(json: &str) -> Result<AuthorizationDetails, Error> {
    AuthorizationDetails::parse(json)
}

fn secret(text: &str) -> Result<ClientSecret, Error> {
    ClientSecret::new(text)
}

fn resource(uri: &str) -> Result<Resource, Error> {
    Resource::new(uri)
}

fn scope(tokens: &str) -> Result<Scope, Error> {
    tokens.parse()
}

impl TryFrom<String> for AuthorizationDetails {
    type Error = Error;

    fn try_from(json: String) -> Result<Self, Error> {
        Self::parse(&json)
    }
}

/// Taken over, not copied: what is left of it is wiped when the secret is dropped.
impl TryFrom<String> for ClientSecret {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::new(text)
    }
}

impl TryFrom<String> for Resource {
    type Error = Error;

    fn try_from(uri: String) -> Result<Self, Error> {
        Self::new(uri)
    }
}

impl TryFrom<String> for Scope {
    type Error = Error;

    fn try_from(tokens: String) -> Result<Self, Error> {
        tokens.parse()
    }
}
