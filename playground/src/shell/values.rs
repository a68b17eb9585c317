//! What the keys of a profile may be set to: words, lists and tables.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, de};
use valetkey_blocking::authorize::Prompt;
use valetkey_blocking::jose::Algorithm;

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

    pub(super) const fn wants_token(self) -> bool {
        matches!(self, Self::RefreshToken | Self::JwtBearer | Self::TokenExchange | Self::PermanentToken)
    }
}

/// How a client authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ClientAuthentication {
    /// The secret is in a header.
    Basic,
    /// The header with an empty secret, by which a public client names itself.
    BasicWithoutSecret,
    /// The secret is in the body.
    Post,
    /// The secret signs, and is not sent (RFC 7523).
    ClientSecretJwt,
    /// A private key signs (RFC 7523).
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
#[serde(untagged, expecting = "invalid type: this, expected one or many")]
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

/// A port: `8080`, or its digits as the command line has them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Port(pub(crate) u16);

impl<'de> Deserialize<'de> for Port {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        port(&toml::Value::deserialize(deserializer)?).map(Self)
    }
}

/// `8080` or `[8080, 8081]`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ports(pub(crate) Vec<u16>);

impl<'de> Deserialize<'de> for Ports {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::Array(ports) => ports.iter().map(port).collect::<Result<_, _>>(),
            one => port(&one).map(|port| vec![port]),
        }
        .map(Self)
    }
}

fn port<E: de::Error>(value: &toml::Value) -> Result<u16, E> {
    let port = match value {
        toml::Value::Integer(number) => u16::try_from(*number).ok(),
        toml::Value::String(digits) => digits.parse().ok(),
        _ => None,
    };
    // Port 0 means any, which a redirect URI cannot say.
    let port = port.filter(|port| *port != 0);
    port.ok_or_else(|| E::invalid_type(de::Unexpected::Other("this"), &"u16"))
}

/// Which documents a server that is asked about itself is known by: RFC 8414's by default, or else OpenID's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Documents {
    /// OpenID's, or else RFC 8414's.
    OpenidFirst,
    /// Both, joined.
    Joined,
}

/// The parameters that a server has names of its own for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Names {
    pub(crate) client_id: Option<String>,
    pub(crate) code: Option<String>,
}

/// What a refusal means in which this member has this value: a code of OAuth's.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refusal {
    pub(crate) member: String,
    pub(crate) value: Plain,
    pub(crate) means: String,
}

/// A value of JSON that is neither a list nor an object.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "`value` is a text, a whole number, true or false")]
pub(crate) enum Plain {
    Text(String),
    Number(i64),
    Truth(bool),
}

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
            Self::Truth(truth) => truth.fmt(f),
        }
    }
}

/// A time in whole seconds: `300`, or its digits as the command line has them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seconds(pub(crate) Duration);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = match toml::Value::deserialize(deserializer)? {
            toml::Value::Integer(number) => u64::try_from(number).ok(),
            toml::Value::String(digits) => digits.parse().ok(),
            _ => None,
        };
        let seconds = seconds.map(|seconds| Self(Duration::from_secs(seconds)));
        seconds.ok_or_else(|| de::Error::invalid_type(de::Unexpected::Other("this"), &"seconds"))
    }
}

/// What the person is to be asked for: one of OpenID Connect's words, or several.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "OneOrMany")]
pub(crate) struct Prompts(pub(crate) Vec<Prompt>);

impl TryFrom<OneOrMany> for Prompts {
    type Error = String;

    fn try_from(words: OneOrMany) -> Result<Self, String> {
        const ALL: [Prompt; 5] =
            [Prompt::None, Prompt::Login, Prompt::Consent, Prompt::SelectAccount, Prompt::Create];
        let prompt = |word| ALL.into_iter().find(|prompt| prompt.name() == word);
        let prompts = words.iter().map(|word| {
            let known = ALL.map(Prompt::name).join(", ");
            prompt(word).ok_or_else(|| format!("one of the words is unknown (known: {known})"))
        });
        prompts.collect::<Result<_, _>>().map(Self)
    }
}

/// What a server signs by, by its registered name.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct SignedBy(pub(crate) Algorithm);

impl TryFrom<String> for SignedBy {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let known = || Algorithm::ALL.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>().join(", ");
        let algorithm = Algorithm::from_name(&name);
        algorithm.map(Self).ok_or_else(|| format!("the algorithm is unknown here (known: {})", known()))
    }
}
