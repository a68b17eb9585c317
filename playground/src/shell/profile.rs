//! What a profile may say: [`Profile`], one table of the configuration file.

use std::collections::BTreeMap;

use serde::Deserialize;
use valetkey_blocking::client::SecurityProfile;
use valetkey_blocking::server::{Endpoint, Profile as Known};
use valetkey_blocking::terms::Access;
use valetkey_blocking::{Quirk, Quirks, Resource, Scope, Subject};
use zeroize::Zeroizing;

use super::failure::Failure;
use super::named;
use super::nearest::nearest;
use super::source::Source;
use super::values::{
    ClientAuthentication, Documents, Method, Names, OneOrMany, Port, Ports, Prompts, RedirectHost, Refusal,
    Seconds, SignedBy,
};

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
    /// Where the keys are that its ID tokens are signed with.
    pub(crate) jwks_uri: Option<String>,
    pub(crate) pushed_authorization_request_endpoint: Option<String>,
    pub(crate) revocation_endpoint: Option<String>,
    pub(crate) userinfo_endpoint: Option<String>,
    /// The names of the departures from the RFCs that this server is allowed.
    pub(crate) quirks: OneOrMany,
    /// How far its clock may be from ours.
    pub(crate) clock_skew: Option<Seconds>,
    /// Whose people may log in, at a server of many tenants: the tenants' identifiers, or `any`.
    pub(crate) tenants: OneOrMany,
    /// Which of the documents about itself it is known by.
    pub(crate) discovery: Option<Documents>,
    /// Where in an answer the members of a token response are, as a JSON pointer.
    pub(crate) tokens_at: Option<String>,
    /// What its refusals mean that are not in OAuth's words.
    pub(crate) refusals: Vec<Refusal>,
    /// What it calls the parameters that it has renamed.
    pub(crate) names: Names,
    /// Further parameters of every token request, and of those that use a refresh token.
    pub(crate) token_parameters: BTreeMap<String, String>,
    pub(crate) refresh_parameters: BTreeMap<String, String>,

    pub(crate) client_id: Option<String>,
    /// Where the client secret comes from. A client without one is public.
    pub(crate) secret: Option<Source>,
    /// As the server's own list says by default.
    pub(crate) client_authentication: Option<ClientAuthentication>,
    /// What its key signs by: ES256 or HS256 by default; and the identifier of the key, if it has none of its own.
    pub(crate) algorithm: Option<String>,
    pub(crate) key_id: Option<String>,
    /// By what its ID tokens and UserInfo are signed, as it is registered.
    pub(crate) id_token_algorithm: Option<SignedBy>,
    pub(crate) user_info_algorithm: Option<SignedBy>,
    /// Whom its ID tokens may be for, beside itself.
    pub(crate) trusted_audience: OneOrMany,
    /// Whether its tokens are bound to a key of this program's (RFC 9449).
    pub(crate) dpop: bool,
    /// The profile of FAPI that it is held to.
    pub(crate) security_profile: Option<SecurityProfile>,
    /// Whether a pushed request names that key by its thumbprint alone.
    pub(crate) key_by_thumbprint: bool,

    pub(crate) method: Method,
    pub(crate) scope: Option<Scope>,
    /// The APIs that the token is to be for (RFC 8707).
    pub(crate) resource: OneOrMany,
    /// Further parameters of the request that begins the method.
    pub(crate) parameters: BTreeMap<String, String>,
    /// Who is to log in at the browser, how, and how long ago at most; and what is to be told of them (OpenID Connect).
    pub(crate) login_hint: Option<String>,
    pub(crate) prompt: Prompts,
    pub(crate) max_age: Option<Seconds>,
    pub(crate) acr_values: OneOrMany,
    pub(crate) claims: Option<toml::Table>,
    /// Whether the authorization request is pushed (RFC 9126), also to a server that takes others.
    pub(crate) pushed: bool,
    /// Whether Space or Hub is asked for a refresh token.
    pub(crate) offline: bool,
    /// The ports of the redirect URI, if it is registered with its port.
    pub(crate) redirect_ports: Ports,
    /// The path of the redirect URI; `/callback` by default.
    pub(crate) redirect_path: Option<String>,
    /// What the redirect URI calls this computer.
    pub(crate) redirect_host: RedirectHost,
    /// The port at which the browser's computer has the one that is listened at, if another forwards it.
    pub(crate) forwarded_port: Option<Port>,
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

impl Profile {
    /// What `token` says: the token or assertion that the method begins with. `owner` is whose it is in the keyring.
    pub(crate) fn given_token(&self, owner: &str) -> Result<Zeroizing<String>, Failure> {
        let source = self.token.as_ref().ok_or_else(|| Failure::usage("`token` is missing"))?;
        source.read(self.method.token_name(), owner)
    }

    /// What `secret` is the source of.
    pub(crate) fn secret_name(&self) -> &'static str {
        self.client_authentication.map_or("client secret", ClientAuthentication::secret_name)
    }

    /// The departures from the RFCs that this server is allowed, beside the harmless.
    pub(crate) fn admitted(&self) -> Result<Quirks, String> {
        let known = self.known().map_or(Quirks::STRICT, |known| known.quirks());
        self.quirks.iter().try_fold(known, |quirks, name| {
            let known = Quirk::ALL.iter().find(|quirk| quirk.name() == name);
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

    /// The endpoints that may be named one by one, each by its name in metadata: those that a subcommand asks.
    pub(crate) const fn endpoints(&self) -> [(Endpoint, &Option<String>); 8] {
        [
            (Endpoint::Authorization, &self.authorization_endpoint),
            (Endpoint::Token, &self.token_endpoint),
            (Endpoint::DeviceAuthorization, &self.device_authorization_endpoint),
            (Endpoint::Introspection, &self.introspection_endpoint),
            (Endpoint::Jwks, &self.jwks_uri),
            (Endpoint::PushedAuthorization, &self.pushed_authorization_request_endpoint),
            (Endpoint::Revocation, &self.revocation_endpoint),
            (Endpoint::Userinfo, &self.userinfo_endpoint),
        ]
    }

    /// Whether any endpoint is named.
    pub(crate) fn has_endpoints(&self) -> bool {
        self.endpoints().iter().any(|(_, url)| url.is_some())
    }

    /// Whether the server is asked about itself: it has an issuer, and no endpoint is named.
    pub(crate) fn is_discovered(&self) -> bool {
        self.issuer().is_some() && !self.has_endpoints()
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
