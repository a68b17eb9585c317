//! A profile's authorization server: as the profile describes it, or as it describes itself, which is remembered.
//!
//! What a server says of itself is asked for when something is to be sent to it. Until then what it said last is good
//! enough, however long ago: a token that is stored and still good is found without a request.

use serde::{Deserialize, Serialize};
use valetkey_blocking::dialect::hub::Hub;
use valetkey_blocking::dialect::space::Space;
use valetkey_blocking::http::header::CONTENT_TYPE;
use valetkey_blocking::server::{Endpoint, Metadata, Profile as Known};
use valetkey_blocking::store::{Store as _, StoreKey, StoredBytes};
use valetkey_blocking::valetkey_core::Error as CoreError;
use valetkey_blocking::{
    AuthorizationServer, Client, Discovery, Flow, HttpClient, Quirk, Quirks, Response, Step, UnixTime, now,
    run,
};
use valetkey_stores::FileStore;

use super::failure::Failure;
use super::folders;
use super::profile::Profile;
use super::terminal::{Waiting, tell};

/// The server, if nothing need be asked of it.
pub(crate) fn known(profile: &Profile) -> Result<Option<AuthorizationServer>, Failure> {
    let quirks = profile.admitted().map_err(Failure::usage)?;
    match described(profile, quirks)? {
        Some(server) => Ok(Some(server)),
        None => Ok(remembered(profile, quirks).map(|(metadata, _)| metadata.into_server())),
    }
}

/// The server, asked about itself if it has to be.
pub(crate) fn found(profile: &Profile, agent: &HttpClient) -> Result<AuthorizationServer, Failure> {
    let quirks = profile.admitted().map_err(Failure::usage)?;
    if let Some(server) = described(profile, quirks)? {
        return Ok(server);
    }
    let issuer = profile.issuer().unwrap_or_default();
    if let Some((metadata, fresh_until)) = remembered(profile, quirks)
        && now() < fresh_until
    {
        return Ok(metadata.into_server());
    }
    let mut discovery = Overheard { flow: discovery(profile, quirks)?, document: None };
    let metadata = {
        let _waiting = Waiting::for_what("asking the server about itself");
        run(agent, &mut discovery)?
    };
    for endpoint in metadata.foreign_endpoints() {
        tell(&format!("valetkey: the {} is on another host than {issuer}", endpoint.name()));
    }
    if let Some(document) = discovery.document {
        remember(issuer, &Remembered { document, fresh_until: metadata.fresh_until() });
    }
    Ok(metadata.into_server())
}

/// How its metadata is looked for.
fn discovery(profile: &Profile, quirks: Quirks) -> Result<Discovery, CoreError> {
    let issuer = profile.issuer().unwrap_or_default();
    Ok(match profile.known() {
        Some(known) => known.discovery(issuer)?,
        None => Discovery::new(issuer)?,
    }
    .admit_all(quirks))
}

/// What the profile says by itself; `None` if the server is to be asked.
fn described(profile: &Profile, quirks: Quirks) -> Result<Option<AuthorizationServer>, Failure> {
    let on_loopback = quirks.contains(Quirk::LoopbackHttp);
    let any_client = match (&profile.space, &profile.hub) {
        (Some(url), _) => match on_loopback {
            true => Some(Space::on_loopback(url)?.application("")),
            false => Some(Space::new(url)?.application("")),
        },
        (None, Some(url)) => match on_loopback {
            true => Some(Hub::on_loopback(url)?.application("")),
            false => Some(Hub::new(url)?.application("")),
        },
        (None, None) => None,
    };
    let admit = |server: AuthorizationServer| {
        Quirk::ALL
            .iter()
            .filter(|quirk| quirks.contains(**quirk))
            .fold(server, |server, quirk| server.admit(*quirk))
    };
    if let Some(application) = any_client {
        return Ok(Some(admit(application.server().clone())));
    }
    let endpoints = [
        (Endpoint::Authorization, &profile.authorization_endpoint),
        (Endpoint::Token, &profile.token_endpoint),
        (Endpoint::DeviceAuthorization, &profile.device_authorization_endpoint),
        (Endpoint::Introspection, &profile.introspection_endpoint),
        (Endpoint::Revocation, &profile.revocation_endpoint),
    ];
    let fixed = profile.known().and_then(Known::server);
    let issuer = if fixed.is_some() { None } else { profile.issuer() };
    if issuer.is_some() && endpoints.iter().all(|(_, url)| url.is_none()) {
        return Ok(None);
    }
    let mut server = admit(fixed.unwrap_or_default());
    if let Some(issuer) = issuer {
        server = server.issuer(issuer)?;
    }
    for (endpoint, url) in endpoints {
        if let Some(url) = url {
            server = server.endpoint(endpoint, url)?;
        }
    }
    Ok(Some(server))
}

/// A metadata document, and until when it need not be fetched again.
#[derive(Serialize, Deserialize)]
struct Remembered {
    document: String,
    fresh_until: UnixTime,
}

/// In files that others can neither read nor write: this document decides where credentials go.
fn memory(issuer: &str, quirks: Quirks) -> Option<(FileStore, StoreKey)> {
    let server = Quirk::ALL
        .iter()
        .filter(|quirk| quirks.contains(**quirk))
        .fold(AuthorizationServer::new(), |server, quirk| server.admit(*quirk))
        .issuer(issuer)
        .ok()?;
    let store = FileStore::open(folders::folder("servers").ok()?).ok()?;
    Some((store, StoreKey::of_only_user(&Client::new(server, "")).named("metadata")))
}

/// What the server said last, checked as if it came now. What cannot be read is as good as forgotten.
fn remembered(profile: &Profile, quirks: Quirks) -> Option<(Metadata, UnixTime)> {
    let (store, key) = memory(profile.issuer()?, quirks)?;
    let stored = store.load(&key).ok()??;
    let Remembered { document, fresh_until } = serde_json::from_slice(stored.bytes.expose()).ok()?;
    let response = valetkey_blocking::http::Response::builder().header(CONTENT_TYPE, "application/json");
    let response = response.body(document.into_bytes()).ok()?;
    let discovery = discovery(profile, quirks).ok()?;
    Some((discovery.parse(response, now()).ok()?, fresh_until))
}

/// What cannot be written is asked for again the next time.
fn remember(issuer: &str, document: &Remembered) {
    let write = || {
        let (store, key) = memory(issuer, Quirks::STRICT.with(Quirk::LoopbackHttp))?;
        let bytes = StoredBytes::new(serde_json::to_vec(document).ok()?);
        let version = store.load(&key).ok()?.map(|stored| stored.version);
        store.replace(&key, version.as_ref(), Some(&bytes.into())).ok()
    };
    let _ = write();
}

/// A discovery that keeps the document it read.
struct Overheard {
    flow: Discovery,
    document: Option<String>,
}

impl Flow for Overheard {
    type Output = Metadata;

    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<Metadata>, CoreError> {
        if let Some(response) = &response {
            self.document = std::str::from_utf8(response.body()).ok().map(str::to_owned);
        }
        self.flow.step(response, now)
    }

    fn unanswered(&mut self, now: UnixTime) -> bool {
        self.flow.unanswered(now)
    }
}
