//! What a profile says of a server's own way to speak, which no metadata tell: [`spoken`], [`refreshing`].

use valetkey_blocking::server::Profile as Known;
use valetkey_blocking::{AuthorizationServer, Client, Quirk, Session};

use super::profile::Profile;
use super::wrong::Wrong;

/// The server with what the profile says of its answers, its names, and its token requests.
pub(crate) fn spoken(
    profile: &Profile,
    mut server: AuthorizationServer,
) -> Result<AuthorizationServer, Wrong> {
    if let Some(pointer) = &profile.tokens_at {
        server = server.tokens_at(pointer).map_err(|error| Wrong::refused("tokens_at", &error))?;
    }
    for refusal in &profile.refusals {
        server = server
            .refusal_means(&refusal.member, &refusal.value.to_string(), &refusal.means)
            .map_err(|error| Wrong::refused("refusals", &error))?;
    }
    if let Some(name) = &profile.names.client_id {
        server = server.client_id_as(name).map_err(|error| Wrong::refused("names", &error))?;
    }
    if let Some(name) = &profile.names.code {
        server = server.code_as(name).map_err(|error| Wrong::refused("names", &error))?;
    }
    if let Some(skew) = profile.clock_skew {
        server = server.clock_skew(skew.0).map_err(|error| Wrong::refused("clock_skew", &error))?;
    }
    for (name, value) in &profile.token_parameters {
        server = server
            .token_parameter(name, value)
            .map_err(|error| Wrong::refused("token_parameters", &error))?;
    }
    Ok(server)
}

/// The server with what the profile says of whose people may log in, once its issuer is known.
pub(crate) fn of_tenants(
    profile: &Profile,
    server: AuthorizationServer,
) -> Result<AuthorizationServer, Wrong> {
    let tenants: Vec<&str> = profile.tenants.iter().collect();
    let admitted = match *tenants {
        [] => Ok(server),
        ["any"] => server.any_tenant(),
        _ => server.tenants(tenants),
    };
    admitted.map_err(|error| Wrong::refused("tenants", &error))
}

/// The session with the parameters that go along when its refresh token is used.
pub(crate) fn refreshing(profile: &Profile, session: Session) -> Result<Session, Wrong> {
    profile.refresh_parameters.iter().try_fold(session, |session, (name, value)| {
        session
            .with_refresh_parameter(name, value)
            .map_err(|error| Wrong::refused("refresh_parameters", &error))
    })
}

/// Refuses what core will refuse, before anything is asked of a server, and with the name of its key.
pub(super) fn require_sense(profile: &Profile) -> Result<(), Wrong> {
    let mut server = profile.known().and_then(Known::server).unwrap_or_default();
    if let Some(issuer) = profile.issuer() {
        let key = if profile.issuer.is_some() { "issuer" } else { "server" };
        server = server.issuer(issuer).map_err(|error| Wrong::refused(key, &error))?;
    }
    for (endpoint, url) in profile.endpoints() {
        let Some(url) = url else { continue };
        let named = server.endpoint(endpoint, url);
        server = named.map_err(|error| Wrong::refused(endpoint.name(), &error))?;
    }
    // What is on loopback is refused when it is used, by an error that says how it is admitted.
    let client = Client::new(server.clone().admit(Quirk::LoopbackHttp), "");
    profile.api.iter().try_fold(client, Client::api).map_err(|error| Wrong::refused("api", &error))?;
    // Whether the issuer stands for many is known once the server has been asked.
    let many = AuthorizationServer::new().issuer("https://many.invalid/{tenantid}");
    of_tenants(profile, many.map_err(|error| Wrong::refused("tenants", &error))?)?;
    let client = Client::new(spoken(profile, server)?, "");
    refreshing(profile, Session::from_store(&client)).map(|_| ())
}
