//! A profile's authorization server: as the profile describes it, or as it describes itself, which is remembered.
//!
//! What a server says of itself is asked for when something is to be sent to it. Until then what it said last is good
//! enough, however long ago: a token that is stored and still good is found without a request.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use valetkey_blocking::dialect::hub::Hub;
use valetkey_blocking::dialect::space::Space;
use valetkey_blocking::http::header::CONTENT_TYPE;
use valetkey_blocking::http::{self, StatusCode};
use valetkey_blocking::jose::AwsLc;
use valetkey_blocking::server::{Metadata, Profile as Known, ServerKeys};
use valetkey_blocking::store::{Store as _, StoreKey, StoredBytes};
use valetkey_blocking::valetkey_core::Error as CoreError;
use valetkey_blocking::{
    AuthorizationServer, Client, Discovery, Flow, HttpClient, Quirk, Quirks, Response, Step, UnixTime, now,
    run,
};
use valetkey_stores::FileStore;

use super::dialect;
use super::failure::Failure;
use super::folders;
use super::openid;
use super::profile::Profile;
use super::terminal::{Waiting, tell};
use super::values::Documents;

/// The server, if nothing need be asked of it.
pub(crate) fn known(profile: &Profile) -> Result<Option<AuthorizationServer>, Failure> {
    let quirks = profile.admitted().map_err(Failure::usage)?;
    let server = match described(profile, quirks)? {
        Some(server) => Some(server),
        None => remembered(profile, quirks).map(|(metadata, _)| metadata.into_server()),
    };
    let spoken = |server| dialect::of_tenants(profile, dialect::spoken(profile, server)?);
    Ok(server.map(spoken).transpose()?)
}

/// The server, asked about itself if it has to be.
pub(crate) fn found(profile: &Profile, agent: &HttpClient) -> Result<AuthorizationServer, Failure> {
    Ok(dialect::of_tenants(profile, dialect::spoken(profile, said(profile, agent)?)?)?)
}

/// The server as it describes itself, or as the profile names its endpoints.
fn said(profile: &Profile, agent: &HttpClient) -> Result<AuthorizationServer, Failure> {
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
    let mut discovery = Overheard { flow: discovery(profile, quirks)?, answers: Vec::new() };
    let metadata = {
        let _waiting = Waiting::for_what("asking the server about itself");
        run(agent, &mut discovery)?
    };
    for endpoint in metadata.foreign_endpoints() {
        tell(&format!("valetkey: the {} is on another host than {issuer}", endpoint.name()));
    }
    remember(profile, &Remembered { answers: discovery.answers, fresh_until: metadata.fresh_until() });
    Ok(metadata.into_server())
}

/// How its metadata is looked for.
fn discovery(profile: &Profile, quirks: Quirks) -> Result<Discovery, CoreError> {
    let issuer = profile.issuer().unwrap_or_default();
    let discovery = match profile.known() {
        Some(known) => known.discovery(issuer)?,
        None => Discovery::new(issuer)?,
    };
    let discovery = match profile.discovery {
        Some(Documents::OpenidFirst) => discovery.openid_first(),
        Some(Documents::Joined) => discovery.joining_documents(),
        None => discovery,
    };
    Ok(discovery.admit_all(quirks))
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
    let fixed = profile.known().and_then(Known::server);
    if profile.is_discovered() {
        return Ok(None);
    }
    let mut server = admit(fixed.unwrap_or_default());
    if let Some(issuer) = profile.issuer() {
        server = server.issuer(issuer)?;
    }
    for (endpoint, url) in profile.endpoints() {
        if let Some(url) = url {
            server = server.endpoint(endpoint, url)?;
        }
    }
    if profile.jwks_uri.is_some() {
        let keys = ServerKeys::published(&server, Arc::new(AwsLc), &openid::signed_by(profile))?;
        server = server.keys(keys);
    }
    Ok(Some(server))
}

/// What came from the places where metadata are looked for, in turn, and until when they need not be asked again. A place
/// that had nothing is `None`.
#[derive(Serialize, Deserialize)]
struct Remembered {
    answers: Vec<Option<String>>,
    fresh_until: UnixTime,
}

/// In files that others can neither read nor write: this document decides where credentials go.
fn memory(profile: &Profile, quirks: Quirks) -> Option<(FileStore, StoreKey)> {
    let server = Quirk::ALL
        .iter()
        .filter(|quirk| quirks.contains(**quirk))
        .fold(AuthorizationServer::new(), |server, quirk| server.admit(*quirk))
        .issuer(profile.issuer()?)
        .ok()?;
    // Of the documents of one issuer, each profile means those that it looks for.
    let name = match profile.discovery {
        None => "metadata",
        Some(Documents::OpenidFirst) => "metadata, OpenID's first",
        Some(Documents::Joined) => "metadata, joined",
    };
    let store = FileStore::open(folders::folder("servers").ok()?).ok()?;
    Some((store, StoreKey::of_only_user(&Client::new(server, "")).named(name)))
}

/// What the server said last, checked as if it came now. What cannot be read is as good as forgotten.
fn remembered(profile: &Profile, quirks: Quirks) -> Option<(Metadata, UnixTime)> {
    let (store, key) = memory(profile, quirks)?;
    let stored = store.load(&key).ok()??;
    let Remembered { answers, fresh_until } = serde_json::from_slice(stored.bytes.expose()).ok()?;
    let mut discovery = discovery(profile, quirks).ok()?;
    let Step::Send(_) = discovery.step(None, now()).ok()? else { return None };
    for answer in answers {
        let status = if answer.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
        let response = http::Response::builder().status(status).header(CONTENT_TYPE, "application/json");
        let response = response.body(answer.unwrap_or_default().into_bytes()).ok()?;
        if let Step::Done(metadata) = discovery.step(Some(response), now()).ok()? {
            return Some((metadata, fresh_until));
        }
    }
    None
}

/// What cannot be written is asked for again the next time.
fn remember(profile: &Profile, answers: &Remembered) {
    let write = || {
        let (store, key) = memory(profile, Quirks::STRICT.with(Quirk::LoopbackHttp))?;
        let bytes = StoredBytes::new(serde_json::to_vec(answers).ok()?);
        let version = store.load(&key).ok()?.map(|stored| stored.version);
        store.replace(&key, version.as_ref(), Some(&bytes.into())).ok()
    };
    let _ = write();
}

/// A discovery that keeps what it read.
struct Overheard {
    flow: Discovery,
    answers: Vec<Option<String>>,
}

impl Flow for Overheard {
    type Output = Metadata;

    fn step(&mut self, response: Option<Response>, now: UnixTime) -> Result<Step<Metadata>, CoreError> {
        if let Some(response) = &response {
            let body = std::str::from_utf8(response.body()).ok();
            self.answers.push(body.filter(|_| response.status() == StatusCode::OK).map(str::to_owned));
        }
        self.flow.step(response, now)
    }

    fn unanswered(&mut self, now: UnixTime) -> bool {
        self.flow.unanswered(now)
    }
}
