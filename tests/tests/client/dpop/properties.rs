//! DP-3, DP-5: whatever servers say, a nonce goes to nobody but who gave it, and every conversation ends.

use std::collections::BTreeMap;

use proptest::prelude::*;
use valetkey_core::session::Credential;
use valetkey_core::{Flow, Grant, Request, Response, Session, Step, TokenRequest};
use valetkey_tests::{NOW, get, json};

use super::world::{ME, Proof, World, dpop};

/// Of a client with these APIs.
fn bound_session<'a>(urls: impl IntoIterator<Item = &'a str>) -> Session {
    let mut world = World::new();
    let client = urls.into_iter().fold(world.web(&dpop(1)), |client, url| client.api(url).unwrap());
    world.session(&client)
}

fn nonce_for(credential: &Credential, url: &str) -> Option<String> {
    let mut request: Request = get(url);
    credential.sign(&mut request, NOW).unwrap();
    Proof::of(&request).unwrap().nonce().map(str::to_owned)
}

fn giving(nonces: &[String]) -> Response {
    let mut answer = json(200, "");
    for nonce in nonces {
        answer.headers_mut().append("dpop-nonce", http::HeaderValue::from_bytes(nonce.as_bytes()).unwrap());
    }
    answer
}

/// The same origin, written in different ways, and others that differ in host or port.
const URLS: [(&str, usize); 7] = [
    ("https://api.example/a", 0),
    ("https://API.example:443/b?c=d", 0),
    ("https://api.example:444/a", 1),
    ("https://api.example:80/a", 2),
    ("https://[2001:db8::1]/a", 3),
    ("https://other.example/a", 4),
    ("https://api.example.other/a", 5),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// DP-3, DP-4: the newest good nonce of each origin, and never another's.
    #[test]
    fn a_nonce_goes_back_to_its_origin(
        answers in prop::collection::vec((0..URLS.len(), prop::collection::vec("[a-z\"\\\\ ]{0,3}", 0..3)), 0..40),
    ) {
        let credential = bound_session(URLS.map(|(url, _)| url)).credential().unwrap();
        let mut newest = BTreeMap::new();
        for (place, nonces) in answers {
            let (url, origin) = URLS[place];
            prop_assert!(!credential.learn(&url.parse().unwrap(), &giving(&nonces)), "no demand");
            if let [nonce] = &nonces[..]
                && !nonce.is_empty()
                && nonce.bytes().all(|byte| byte.is_ascii_lowercase())
            {
                newest.insert(origin, nonce.clone());
            }
            for (url, origin) in URLS {
                let nonce = nonce_for(&credential, url);
                prop_assert_eq!(nonce.as_ref(), newest.get(&origin));
            }
        }
    }

    /// An API that answers anything, and a server that renews: four requests at most reach the API, two the server.
    #[test]
    fn a_call_ends_whatever_is_answered(
        answers in prop::collection::vec(
            (
                prop::sample::select(vec![200_u16, 400, 401, 403]),
                prop::sample::select(vec!["", "n1", "n2", "n3", "a b"]),
                prop::sample::select(vec![
                    "", "DPoP error=\"use_dpop_nonce\"", "DPoP error=\"invalid_token\"", "Bearer", "DPoP \"",
                ]),
            ),
            12,
        ),
    ) {
        let mut world = World::new();
        let client = world.web(&dpop(1));
        let mut session = world.session(&client);
        let mut call = session.call(get(ME)).unwrap();
        let (mut answers, mut response, mut calls, mut renewals) = (answers.into_iter(), None, 0, 0);
        while let Ok(Step::Send(request)) = call.step(response.take(), NOW) {
            if request.uri().path().starts_with("/api/") {
                calls += 1;
                let (status, nonce, challenge) = answers.next().unwrap();
                let mut answer = json(status, "");
                for (name, value) in [("dpop-nonce", nonce), ("www-authenticate", challenge)] {
                    if !value.is_empty() {
                        answer.headers_mut().insert(name, value.parse().unwrap());
                    }
                }
                response = Some(answer);
            } else {
                renewals += 1;
                response = Some(world.answer(request));
            }
            prop_assert!(calls <= 4 && renewals <= 2, "{calls} {renewals}");
        }
    }

    /// Likewise a token request.
    #[test]
    fn a_token_request_ends_whatever_is_answered(
        answers in prop::collection::vec(
            (prop::sample::select(vec![200_u16, 400, 401, 500]), prop::sample::select(vec!["", "n1", "n2", "\\"])),
            4,
        ),
    ) {
        let client = World::native(&dpop(1));
        let mut flow = TokenRequest::new(&client, Grant::client_credentials()).unwrap();
        let (mut answers, mut response, mut sent) = (answers.into_iter(), None, 0);
        while let Ok(Step::Send(_)) = flow.step(response.take(), NOW) {
            sent += 1;
            prop_assert!(sent <= 2);
            let (status, nonce) = answers.next().unwrap();
            let mut answer = json(status, r#"{"error":"use_dpop_nonce"}"#);
            if !nonce.is_empty() {
                answer.headers_mut().insert("dpop-nonce", nonce.parse().unwrap());
            }
            response = Some(answer);
        }
    }
}

/// DP-3: however many servers there are, the nonces of the last 64 are remembered: bounded, and the others ask again.
#[test]
fn nonces_are_bounded() {
    let url = |number: usize| format!("https://api{number}.example/");
    let urls: Vec<String> = (0..65).map(url).collect();
    let credential = bound_session(urls.iter().map(String::as_str)).credential().unwrap();
    for number in 0..65 {
        let _ = credential.learn(&url(number).parse().unwrap(), &giving(&[format!("n{number}")]));
        // The first is heard of again and again, and stays.
        let _ = credential.learn(&url(0).parse().unwrap(), &giving(&["n0".to_owned()]));
    }
    assert_eq!(nonce_for(&credential, &url(0)).as_deref(), Some("n0"));
    assert_eq!(nonce_for(&credential, &url(1)), None);
    assert_eq!(nonce_for(&credential, &url(64)).as_deref(), Some("n64"));
}
