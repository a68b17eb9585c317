//! What a profile may say: [`Profile`], one table of the configuration file.

use std::collections::BTreeMap;

use serde::Deserialize;
use valetkey_blocking::server::Profile as Known;
use valetkey_blocking::terms::Access;
use valetkey_blocking::{Quirk, Quirks, Resource, Scope, Subject};
use zeroize::Zeroizing;

use super::failure::Failure;
use super::named;
use super::nearest::nearest;
use super::source::Source;
use super::wrong::Wrong;

/// One table `[profile.NAME]`. Every key is a field here; an unknown one is an error that names the known.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Profile {
    /// The issuer of a server that publishes its metadata, or the name of one that is known.
    pub(crate) server: Option<String>,
    /// The issuer of one server of a family that `server` names.
    pub(crate) issuer: Option<String>,
    /// The URL of a JetBrains Space service.
    pub(crate) space: Option<String>,
    /// The URL of a JetBrains Hub service.
    pub(crate) hub: Option<String>,
    /// Any other server, endpoint by endpoint.
    pub(crate) authorization_endpoint: Option<String>,
    pub(crate) token_endpoint: Option<String>,
    pub(crate) device_authorization_endpoint: Option<String>,
    pub(crate) introspection_endpoint: Option<String>,
    pub(crate) revocation_endpoint: Option<String>,
    /// The names of the departures from the RFCs that this server is allowed.
    pub(crate) quirks: Vec<String>,

    pub(crate) client_id: Option<String>,
    /// Where the client secret comes from. A client without one is public.
    pub(crate) secret: Option<Source>,
    pub(crate) client_authentication: ClientAuthentication,
    /// What its key signs by: ES256 or HS256 by default; and the identifier of the key, if it has none of its own.
    pub(crate) algorithm: Option<String>,
    pub(crate) key_id: Option<String>,
    /// Whether its tokens are bound to a key of this program's (RFC 9449).
    pub(crate) dpop: bool,

    pub(crate) method: Method,
    pub(crate) scope: Option<Scope>,
    /// The APIs that the token is to be for (RFC 8707).
    pub(crate) resource: OneOrMany,
    /// Further parameters of the request that begins the method.
    pub(crate) parameters: BTreeMap<String, String>,
    /// Whether the authorization request is pushed (RFC 9126), also to a server that takes others.
    pub(crate) pushed: bool,
    /// Whether Space or Hub is asked for a refresh token.
    pub(crate) offline: bool,
    /// The ports of the redirect URI, if it is registered with its port.
    pub(crate) redirect_ports: Vec<u16>,
    /// The path of the redirect URI; `/callback` by default.
    pub(crate) redirect_path: Option<String>,
    /// What the redirect URI calls this computer.
    pub(crate) redirect_host: RedirectHost,
    /// The port at which the browser's computer has the one that is listened at, if another forwards it.
    pub(crate) forwarded_port: Option<u16>,
    /// Which login of several this is.
    pub(crate) account: Option<String>,
    /// Whose token a permanent token is.
    pub(crate) subject: Option<Subject>,
    pub(crate) username: Option<String>,
    /// Where the person's password comes from.
    pub(crate) password: Option<Source>,
    /// Where the refresh token, the permanent token, the assertion or the token to exchange comes from.
    pub(crate) token: Option<Source>,

    /// The APIs that tokens may be sent to.
    pub(crate) api: OneOrMany,
    /// A PEM file of authorities that TLS trusts beside the system's; its path starts at the configuration file's folder.
    pub(crate) ca: Option<String>,
    /// Where tokens are kept: `keyring`, `file` or `file:PATH`.
    pub(crate) store: Option<String>,
}

/// An authorization method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Method {
    #[default]
    AuthorizationCode,
    ClientCredentials,
    Device,
    JwtBearer,
    /// Deprecated.
    Password,
    PermanentToken,
    RefreshToken,
    TokenExchange,
}

impl Method {
    /// As it is written in a profile.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization-code",
            Self::ClientCredentials => "client-credentials",
            Self::Device => "device",
            Self::JwtBearer => "jwt-bearer",
            Self::Password => "password",
            Self::PermanentToken => "permanent-token",
            Self::RefreshToken => "refresh-token",
            Self::TokenExchange => "token-exchange",
        }
    }

    /// What `token` is the source of.
    pub(crate) const fn token_name(self) -> &'static str {
        match self {
            Self::RefreshToken => "refresh token",
            Self::JwtBearer => "assertion",
            Self::TokenExchange => "token to exchange",
            _ => "permanent token",
        }
    }

    /// Whether nothing but a person's own act gets the tokens.
    pub(crate) const fn needs_person(self) -> bool {
        matches!(self, Self::AuthorizationCode | Self::Device)
    }

    const fn wants_token(self) -> bool {
        matches!(self, Self::RefreshToken | Self::JwtBearer | Self::TokenExchange | Self::PermanentToken)
    }
}

/// How the client secret is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ClientAuthentication {
    /// In a header, which every server takes.
    #[default]
    Basic,
    /// In the body.
    Post,
    /// Not at all: it signs (RFC 7523).
    ClientSecretJwt,
    /// A private key that signs takes its place (RFC 7523).
    PrivateKeyJwt,
}

impl ClientAuthentication {
    /// What `secret` is the source of.
    pub(crate) const fn secret_name(self) -> &'static str {
        match self {
            Self::PrivateKeyJwt => "private key",
            _ => "client secret",
        }
    }
}

/// What the redirect URI calls this computer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) enum RedirectHost {
    #[default]
    #[serde(rename = "127.0.0.1")]
    Ipv4,
    #[serde(rename = "::1", alias = "[::1]")]
    Ipv6,
    /// Listened at by both addresses.
    #[serde(rename = "localhost")]
    Localhost,
}

/// `"one"` or `["one", "another"]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Written")]
pub(crate) struct OneOrMany(Vec<String>);

#[derive(Deserialize)]
#[serde(untagged, expecting = "a string or a list of strings is expected")]
enum Written {
    One(String),
    Many(Vec<String>),
}

impl From<Written> for OneOrMany {
    fn from(written: Written) -> Self {
        match written {
            Written::One(one) => Self(vec![one]),
            Written::Many(many) => Self(many),
        }
    }
}

impl OneOrMany {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl Profile {
    /// What `token` says: the token or assertion that the method begins with. `owner` is whose it is in the keyring.
    pub(crate) fn given_token(&self, owner: &str) -> Result<Zeroizing<String>, Failure> {
        let source = self.token.as_ref().ok_or_else(|| Failure::usage("`token` is missing"))?;
        source.read(self.method.token_name(), owner)
    }

    /// Reads a table, and looks whether it makes sense.
    pub(crate) fn read(table: toml::Table) -> Result<Self, Wrong> {
        // Key by key, because the library's error does not say of which key it is.
        for (key, value) in &table {
            let alone = toml::Table::from_iter([(key.clone(), value.clone())]);
            let read: Result<Self, toml::de::Error> = alone.try_into();
            read.map_err(|error| Wrong::value(key, error.message()))?;
        }
        let together = |error: toml::de::Error| Wrong::together(error.message().to_owned());
        let profile: Self = table.try_into().map_err(together)?;
        profile.require_sense().map_err(Wrong::together)?;
        Ok(profile)
    }

    fn require_sense(&self) -> Result<(), String> {
        let endpoints = [
            &self.authorization_endpoint,
            &self.token_endpoint,
            &self.device_authorization_endpoint,
            &self.introspection_endpoint,
            &self.revocation_endpoint,
        ];
        let has_endpoints = endpoints.iter().any(|endpoint| endpoint.is_some());
        // With the issuer of a server the endpoints may be given too: then nothing is asked of it.
        let servers = [self.space.is_some(), self.hub.is_some(), self.server.is_some() || has_endpoints];
        let needs_server = self.method != Method::PermanentToken;
        match servers.iter().filter(|is_there| **is_there).count() {
            0 if needs_server => {
                return Err(
                    "the server is missing: name it by `server` (an issuer, or a name such as \"github\"), by `space`, by `hub`, by its endpoints".into()
                );
            }
            0 | 1 => {}
            _ => {
                return Err(
                    "more than one server is named: `server`, `space`, `hub` and the endpoints exclude one another"
                        .into(),
                );
            }
        }
        if needs_server && self.client_id.is_none() {
            return Err("`client_id` is missing".to_owned());
        }
        if self.method.wants_token() && self.token.is_none() {
            return Err(format!("`token`, where the {} comes from, is missing", self.method.token_name()));
        }
        if self.method == Method::Password && (self.username.is_none() || self.password.is_none()) {
            return Err(
                "`username` and `password`, which says where the password comes from, are both needed"
                    .to_owned(),
            );
        }
        if self.account.as_ref().is_some_and(|account| account.trim().is_empty()) {
            return Err("`account` is empty: leave it out, or give the login a name".to_owned());
        }
        named::require_sense(self.server.as_deref(), self.issuer.as_deref())?;
        self.admitted().map(|_| ())?;
        self.resources().map(|_| ()).map_err(|failure| failure.to_string())
    }

    /// The departures from the RFCs that this server is allowed, beside the harmless.
    pub(crate) fn admitted(&self) -> Result<Quirks, String> {
        let known = self.known().map_or(Quirks::STRICT, |known| known.quirks());
        self.quirks.iter().try_fold(known, |quirks, name| {
            let known = Quirk::ALL.iter().find(|quirk| quirk.name() == name.as_str());
            known.map(|quirk| quirks.with(*quirk)).ok_or_else(|| {
                let names: Vec<&str> = Quirk::ALL.iter().map(|quirk| quirk.name()).collect();
                let meant = nearest(name, names.iter().copied());
                let meant = meant.map(|name| format!(": did you mean {name:?}?")).unwrap_or_default();
                format!("no quirk is named {name:?}{meant} (known: {})", names.join(", "))
            })
        })
    }

    pub(crate) fn resources(&self) -> Result<Vec<Resource>, Failure> {
        Ok(self.resource.iter().map(Resource::new).collect::<Result<_, _>>()?)
    }

    /// What it asks for, in whichever way it logs in.
    pub(crate) fn access(&self) -> Result<Access, Failure> {
        let mut access = Access::from(self.scope.clone());
        for resource in self.resource.iter() {
            access = access.resource(resource)?;
        }
        for (name, value) in &self.parameters {
            access = access.parameter(name, value)?;
        }
        Ok(access)
    }

    /// The URL of the family's service, which is its API too.
    pub(crate) fn service(&self) -> Option<&str> {
        self.space.as_deref().or(self.hub.as_deref())
    }

    /// What `server` is the name of, if it is a name and no issuer.
    pub(crate) fn known(&self) -> Option<&'static Known> {
        self.server.as_deref().and_then(Known::named)
    }

    /// The issuer of the server, if it has one.
    pub(crate) fn issuer(&self) -> Option<&str> {
        named::issuer(self.server.as_deref()?, self.issuer.as_deref())
    }

    /// Where its tokens may be sent: the family's service first.
    pub(crate) fn apis(&self) -> impl Iterator<Item = &str> {
        self.service().into_iter().chain(self.api.iter())
    }

    /// The server, in one word.
    pub(crate) fn server_name(&self) -> &str {
        let server = self.issuer.as_deref().or(self.server.as_deref());
        let named = [self.service(), server, self.token_endpoint.as_deref()];
        named.into_iter().flatten().next().or_else(|| self.api.iter().next()).unwrap_or("-")
    }
}
