//! What servers say about people, and where identifiers lead.

use std::sync::LazyLock;

use serde_json::{Value, json as value};
use valetkey_core::identity::Identity;
use valetkey_core::jose::{Algorithm, RustCrypto, VerificationKeys};
use valetkey_core::openid::{ClaimSourceRequest, UserInfo, UserInfoRequest, WebFinger};
use valetkey_core::server::Endpoint;
use valetkey_core::token::TokenType;
use valetkey_core::{AccessToken, AuthorizationServer, Client, Flow, Quirk, Response, Step};

use super::{answer, json};
use crate::jose::{signed, verification_keys};
use crate::{NOW, client_of, server};

const ISSUER: &str = "https://as.example";
const SUBJECT: &str = "248289761001";

static KEYS: LazyLock<VerificationKeys> = LazyLock::new(|| verification_keys(&RustCrypto, Algorithm::Hs256));

/// An answer of UserInfo: a status with headers and a body, or a body alone, which is JSON. After a line `jwt` come claims
/// that are signed here.
///
/// What is taken is about the person who was meant; a claim that another source has is not read, and no flow of a source sends
/// anything anywhere but to a public https place. Strictness only refuses more.
pub fn user_info(data: &[u8]) {
    let (client, lax) = (
        client_at(described()),
        client_at(Quirk::ALL.iter().fold(described(), |server, quirk| server.admit(*quirk))),
    );
    let registered = |client: &Client| client.clone().user_info_algorithm(Algorithm::Es256);
    let (Ok(signed_client), Ok(signed_lax)) = (registered(&client), registered(&lax)) else {
        unreachable!("the server lists no algorithms")
    };
    if let Some(claims) = data.strip_prefix(b"jwt\n") {
        let Ok(claims) = serde_json::from_slice::<Value>(claims) else { return };
        let jwt = signed(&RustCrypto, Algorithm::Es256, &claims);
        let came = || labelled("application/jwt", jwt.as_bytes());
        assert!(outcome(&client, came()).is_none(), "UI-3");
        let Some(info) = outcome(&signed_client, came()) else { return };
        assert!(info.is_signed() && claims["iss"] == ISSUER, "UI-4");
        assert!(outcome(&signed_lax, came()).is_some(), "a relaxation refuses what the rules admit");
        is_in_order(&info);
        return;
    }
    let came = || answer(data, |body| json(200, body));
    assert!(outcome(&signed_client, came()).is_none(), "what nobody signed is taken for signed");
    let Some(info) = outcome(&client, came()) else { return };
    assert!(!info.is_signed());
    assert!(outcome(&lax, came()).is_some(), "a relaxation refuses what the rules admit");
    is_in_order(&info);
}

fn described() -> AuthorizationServer {
    match server().endpoint(Endpoint::Userinfo, "https://as.example/userinfo") {
        Ok(server) => server.keys(verification_keys(&RustCrypto, Algorithm::Es256)),
        Err(error) => unreachable!("it is an endpoint: {error}"),
    }
}

fn client_at(server: AuthorizationServer) -> Client {
    client_of(server)
}

fn labelled(content_type: &'static str, body: &[u8]) -> Response {
    let mut response = json(200, body);
    response.headers_mut().insert("content-type", http::HeaderValue::from_static(content_type));
    response
}

fn outcome(client: &Client, came: Response) -> Option<UserInfo> {
    let person = serde_json::from_value::<Identity>(value!({"iss": ISSUER, "sub": SUBJECT}));
    let (Ok(person), Ok(token)) = (person, AccessToken::new("t")) else { unreachable!("both are in order") };
    let Ok(mut flow) = UserInfoRequest::about(client, &person, &token, TokenType::Bearer) else {
        unreachable!("it is a person of this server")
    };
    assert!(matches!(flow.step(None, NOW), Ok(Step::Send(_))));
    let outcome = flow.step(Some(came), NOW);
    assert!(flow.step(None, NOW).is_err(), "it goes on after its end");
    match outcome {
        Ok(Step::Done(info)) => Some(info),
        Ok(_) => panic!("keys that are known are not fetched"),
        Err(_) => None,
    }
}

fn is_in_order(info: &UserInfo) {
    assert_eq!(info.claim::<String>("sub").ok().flatten().as_deref(), Some(SUBJECT), "UI-5");
    for source in info.elsewhere() {
        assert!(!source.claims().is_empty());
        for claim in source.claims() {
            assert!(
                info.claim::<Value>(claim).is_err() && info.standard_claims().is_elsewhere(claim),
                "UI-10"
            );
        }
        let Ok(mut flow) = ClaimSourceRequest::new(source, "https://bank.example", KEYS.clone()) else {
            continue;
        };
        match flow.step(None, NOW) {
            Ok(Step::Send(request)) => assert_eq!(request.uri().scheme_str(), Some("https"), "UI-12"),
            Ok(Step::Done(claims)) => {
                assert!(claims.names().iter().all(|name| source.claims().contains(name)), "UI-11");
            }
            Ok(Step::Wait(_)) | Err(_) => {}
        }
    }
}

/// An identifier in the first line, and the answer to what is asked about it after that: a status with headers and a body, or a
/// body alone.
///
/// What is asked is asked by https of a host with a name; what comes of it is an issuer that was admitted.
pub fn web_finger(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (identifier, rest) = data.split_at(end);
    let Ok(identifier) = std::str::from_utf8(identifier) else { return };
    let Ok(mut flow) = WebFinger::new(identifier, |issuer| issuer == ISSUER) else { return };
    let request = match flow.step(None, NOW) {
        Ok(Step::Send(request)) => request,
        Ok(_) => panic!("nothing is done before it is asked"),
        Err(_) => return,
    };
    let uri = request.uri();
    assert_eq!((uri.scheme_str(), uri.path()), (Some("https"), "/.well-known/webfinger"));
    assert!(uri.host().is_some_and(valetkey_core::host::is_public_host));
    let Ok(read) = url::Url::parse(&uri.to_string()) else { panic!("{uri}") };
    assert!(matches!(read.host(), Some(url::Host::Domain(_))), "{uri}");
    assert!(read.username().is_empty() && read.password().is_none(), "{uri}");
    let came = answer(rest.get(1..).unwrap_or_default(), |body| json(200, body));
    match flow.step(Some(came), NOW) {
        Ok(Step::Done(issuer)) => assert_eq!(issuer, ISSUER),
        Ok(_) => panic!("one answer is all there is"),
        Err(_) => {}
    }
    assert!(flow.step(None, NOW).is_err(), "it goes on after its end");
}
