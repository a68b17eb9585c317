//! What servers say of themselves, of tokens and to devices. Whatever comes, it is read or refused, strictness only ever
//! refuses more, and a conversation ends.

use std::time::Duration;

use valetkey_core::api::ProtectedResourceDiscovery;
use valetkey_core::server::Endpoint;
use valetkey_core::status::{Expectations, Introspected};
use valetkey_core::{
    AuthorizationServer, DeviceAuthorization, DeviceAuthorizationRequest, DevicePoll, Discovery, Flow, Quirk,
    Quirks, Resource, Response, Step,
};

use crate::{NOW, client_of, json, server};

/// The issuer and the resource that a seed must name to be read to its end.
const ISSUER: &str = "https://as.example";

fn answer(status: u16, body: &[u8]) -> Response {
    let mut response = json(status, "");
    *response.body_mut() = body.to_vec();
    response
}

fn lax() -> Quirks {
    Quirk::ALL.iter().fold(Quirks::STRICT, |quirks, &quirk| quirks.with(quirk))
}

/// The body of a metadata document, of a server or of a resource: what is read has checked endpoints only, which lead to the
/// same place by the URL standard, and a search ends after three answers at most.
pub fn metadata(data: &[u8]) {
    let read = |quirks| Discovery::new(ISSUER).unwrap().admit_all(quirks).parse(answer(200, data), NOW);
    if let Ok(metadata) = read(Quirks::STRICT) {
        let server = metadata.server();
        assert_eq!(server.issuer_identifier(), Some(ISSUER));
        for &endpoint in Endpoint::ALL {
            for url in [server.url_of(endpoint), server.mtls_url_of(endpoint)].into_iter().flatten() {
                is_endpoint(&url);
            }
        }
        assert!(metadata.fresh_until() > NOW);
        assert!(metadata.member::<serde_json::Value>("issuer").is_ok());
        assert!(read(lax()).is_ok(), "a relaxation refuses what the rules admit");
    }
    let read = |quirks| {
        ProtectedResourceDiscovery::new(&Resource::new(ISSUER).unwrap())
            .unwrap()
            .admit_all(quirks)
            .parse(answer(200, data), NOW)
    };
    if let Ok(resource) = read(Quirks::STRICT) {
        assert_eq!(resource.resource(), ISSUER);
        resource
            .authorization_servers()
            .iter()
            .map(String::as_str)
            .chain(resource.jwks_uri())
            .for_each(is_endpoint);
        assert!(read(lax()).is_ok(), "a relaxation refuses what the rules admit");
    }
    let Ok(mut flow) = Discovery::new("https://as.example/tenant") else { unreachable!("it is an issuer") };
    let mut ended = false;
    for _ in 0..3 {
        if flow.step(None, NOW).is_err() {
            break;
        }
        ended = !matches!(flow.step(Some(answer(200, data)), NOW), Ok(Step::Send(_) | Step::Wait(_)));
    }
    assert!(ended, "the search goes on");
}

/// It is an https URL in small letters without a fragment, to the URL standard too, and leads to the same place.
fn is_endpoint(url: &str) {
    assert!(url.starts_with("https://") && !url.contains('#'), "{url}");
    let (Ok(read), Ok(sent)) = (url::Url::parse(url), url.parse::<http::Uri>()) else { panic!("{url}") };
    assert_eq!(read.host_str(), sent.host().map(str::to_ascii_lowercase).as_deref(), "{url}");
    assert_eq!(read.port_or_known_default(), sent.port_u16().or(Some(443)), "{url}");
    assert!(read.username().is_empty() && read.password().is_none(), "{url}");
}

/// The body of an introspection's answer: only `true` makes a token active, and only in its time.
pub fn introspection(data: &[u8]) {
    let read = |expected: &Expectations, quirks| {
        Introspected::parse(answer(200, data), expected, &AuthorizationServer::new().admit_all(quirks), NOW)
    };
    let anything = Expectations::new();
    let Ok(read_strictly) = read(&anything, Quirks::STRICT) else { return };
    assert!(read(&anything, lax()).is_ok(), "a relaxation refuses what the rules admit");
    let narrow = Expectations::new().audience("https://api.example").token_type("Bearer");
    let narrow = read(&narrow, Quirks::STRICT).ok().and_then(Introspected::active);
    let Some(token) = read_strictly.active() else {
        assert!(narrow.is_none(), "an expectation makes a token active");
        return;
    };
    assert!(token.expires_at().is_none_or(|at| at > NOW));
    assert!(token.not_before().is_none_or(|at| at <= NOW));
    assert!(matches!(token.member::<bool>("active"), Ok(Some(true))));
    assert!(narrow.is_none_or(|token| token.audience().iter().any(|one| one == "https://api.example")));
}

/// The answer to a device in the first line, and in each further line a poll's: three digits of a status and a body, or
/// anything else for an answer that never comes. Polling waits before each request and ends in time.
pub fn device(data: &[u8]) {
    let client =
        client_of(match server().endpoint(Endpoint::DeviceAuthorization, "https://as.example/device") {
            Ok(server) => server,
            Err(error) => unreachable!("it is an endpoint: {error}"),
        });
    let mut lines = data.split(|byte| *byte == b'\n');
    let Ok(mut flow) = DeviceAuthorizationRequest::new(&client) else { unreachable!("it has endpoints") };
    assert!(matches!(flow.step(None, NOW), Ok(Step::Send(_))));
    let Ok(Step::Done(authorization)) = flow.step(Some(answer(200, lines.next().unwrap_or_default())), NOW)
    else {
        return;
    };
    assert!(authorization.interval() >= Duration::from_secs(1));
    assert!(authorization.interval() <= Duration::from_secs(3600));
    assert!(authorization.expires_at() > NOW);
    assert!(authorization.user_code().bytes().all(|byte| (0x20..0x7f).contains(&byte)));
    // A scheme is the same in capitals (RFC 3986 §3.1), where it is shown and not compared.
    assert!(authorization.verification_uri().to_ascii_lowercase().starts_with("http"));
    let Ok(stored) = serde_json::to_string(&authorization) else { unreachable!("it serializes") };
    let Ok(restored) = serde_json::from_str::<DeviceAuthorization>(&stored) else {
        unreachable!("what is written is read")
    };
    let expires_at = restored.expires_at();
    let Ok(mut poll) = DevicePoll::new(&client, restored) else { unreachable!("it belongs to the client") };
    let mut now = NOW;
    let mut response = None;
    let mut waited = true;
    // A day of polling once a second, at most.
    for _ in 0..200_000 {
        match poll.step(response.take(), now) {
            Ok(Step::Send(_)) => {
                assert!(waited && now > NOW && now < expires_at, "a poll comes early or late");
                waited = false;
                let Some(line) = lines.next() else { return };
                let status = line.get(..3).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
                match status.filter(|status| (200..600).contains(status)) {
                    Some(status) => {
                        response = Some(answer(status, line.get(3..).unwrap_or_default().trim_ascii()));
                    }
                    None => assert!(poll.unanswered(now), "a lost answer ends the polling"),
                }
            }
            Ok(Step::Wait(time)) => {
                assert!(time > Duration::ZERO, "a busy loop");
                now = now.after(time);
                waited = true;
            }
            Ok(Step::Done(_)) | Err(_) => {
                assert!(poll.step(None, now).is_err(), "it goes on after its end");
                return;
            }
        }
    }
    unreachable!("polling does not end");
}
