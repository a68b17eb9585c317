//! Whatever a server answers, and in whatever order a host steps: a flow ends, asking twice changes nothing, and
//! anything else is a typed error.

#![expect(deprecated, reason = "the deprecated grants are flows too")]

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use valetkey_core::jose::{Algorithm, AwsLc};
use valetkey_core::server::Endpoint;
use valetkey_core::status::{Introspection, Revocation};
use valetkey_core::terms::Password;
use valetkey_core::{
    AccessToken, AuthorizationRequest, AuthorizationResponse, Client, DeviceAuthorizationRequest, Dpop,
    Error, Flow, Grant, RefreshToken, Response, Rule, Session, Step, Subject, TokenRequest, UnixTime,
};
use valetkey_tests::arbitrary::{answers, moments};
use valetkey_tests::jose::key_pair;
use valetkey_tests::renewing::assertion;
use valetkey_tests::world::same;
use valetkey_tests::{NOW, client, client_of, entropy, get, json, server};

const CALLBACK: &str = "https://app.example/callback";

/// Asks twice, hands the answers over, and counts the requests until the end; then steps on, past it.
fn play<T>(flow: &mut dyn Flow<Output = T>, answers: &[(Response, UnixTime)]) -> usize {
    let mut now = NOW;
    for round in 0..8 {
        match (flow.step(None, now), flow.step(None, now)) {
            (Ok(Step::Send(one)), Ok(Step::Send(two))) => assert!(same(&one, &two), "asking twice"),
            (Ok(Step::Wait(one)), Ok(Step::Wait(two))) => assert_eq!(one, two, "asking twice"),
            (Err(_), Err(_)) => return round,
            (one, two) => panic!(
                "asking twice: {:?} {:?}",
                one.map(|step| step.map(drop)),
                two.map(|step| step.map(drop))
            ),
        }
        let (answer, time) = answers.get(round).cloned().unwrap_or_else(|| (json(500, ""), now));
        now = time;
        if !matches!(flow.step(Some(answer), now), Ok(Step::Send(_) | Step::Wait(_))) {
            for late in [None, Some(json(200, "{}"))] {
                assert!(matches!(flow.step(late, now), Err(Error::Misuse(_))), "past the end");
            }
            return round + 1;
        }
    }
    panic!("a flow does not end");
}

fn token_requests() -> Vec<TokenRequest> {
    let client = client();
    let request = |grant| TokenRequest::new(&client, grant).unwrap();
    let (_, mut pending) =
        AuthorizationRequest::new(&client, CALLBACK).unwrap().begin_unbound(entropy(1), NOW).unwrap();
    let back = format!("{CALLBACK}?code=c&state={}", pending.state());
    vec![
        pending.finish(&client, &AuthorizationResponse::from_url(&back).unwrap(), NOW).unwrap(),
        request(Grant::client_credentials().scope("a").unwrap()),
        request(Grant::refresh_token(&RefreshToken::new("r").unwrap()).at_most("a").unwrap()),
        request(Grant::password("me", &Password::new("pw"))),
        request(Grant::extension("urn:x:y", Subject::User, [("ticket", "t")]).unwrap()),
    ]
}

/// A client that signs an assertion and a proof for each request.
fn signing_client() -> Client {
    let key = key_pair(&AwsLc, Algorithm::EdDsa);
    let endpoints = [
        (Endpoint::DeviceAuthorization, "https://as.example/device"),
        (Endpoint::Introspection, "https://as.example/introspect"),
        (Endpoint::PushedAuthorization, "https://as.example/par"),
        (Endpoint::Revocation, "https://as.example/revoke"),
    ];
    let server = endpoints
        .into_iter()
        .fold(server(), |server, (endpoint, url)| server.endpoint(endpoint, url).unwrap());
    let client = Client::new(server, "signer").assertion(key.clone(), entropy(2)).unwrap();
    client.dpop(Dpop::of(key, entropy(3)).unwrap()).unwrap()
}

/// An answer that wants a nonce in the proof, or anything.
fn demands_or_answers() -> impl Strategy<Value = Response> {
    let demand = (select(vec![400, 401]), select(vec!["a", "b", "", "a b"])).prop_map(|(status, nonce)| {
        let mut demand = json(status, r#"{"error":"use_dpop_nonce"}"#);
        demand.headers_mut().insert("dpop-nonce", nonce.parse().unwrap());
        demand
    });
    prop_oneof![demand, answers()]
}

fn sessions() -> Vec<Session> {
    let refresh = || {
        Session::from_refresh_token(&client(), RefreshToken::new("r0").unwrap()).with_scope("a b").unwrap()
    };
    let permanent = AccessToken::new("p").unwrap();
    vec![
        Session::from_grant(&client(), Grant::client_credentials()),
        refresh(),
        refresh().with_grant(assertion()).unwrap(),
        Session::from_permanent_token("https://api.example", permanent, Subject::User).unwrap(),
    ]
}

/// The rules in one place: what a response must have, and nothing that it must not.
fn is_good(parameters: &[(&str, &str)], advertised: bool) -> bool {
    let values = |name: &str| -> Vec<&str> {
        parameters.iter().filter(|(known, _)| *known == name).map(|(_, value)| *value).collect()
    };
    let once = parameters.iter().all(|(name, _)| values(name).len() == 1);
    let iss = values("iss") == ["https://as.example"] || (!advertised && values("iss").is_empty());
    let code = matches!(values("code")[..], [code] if !code.is_empty() && code != "a%0a");
    let clean = ["error", "response", "access_token"].iter().all(|name| values(name).is_empty());
    once && iss && code && values("state") == ["STATE"] && clean
}

proptest! {
    /// A token request has one round, whatever the answer.
    #[test]
    fn a_token_request_ends_with_its_first_answer(answer in answers(), time in moments()) {
        for mut flow in token_requests() {
            prop_assert_eq!(play(&mut flow, &[(answer.clone(), time)]), 1);
        }
    }

    /// CA-4, DP-5: whoever signs has two rounds at most, at any endpoint: the second with what the first was refused for.
    #[test]
    fn a_signed_request_ends_with_its_second_answer(answers in vec((demands_or_answers(), moments()), 0..4)) {
        let client = signing_client();
        let (access, grant) = (AccessToken::new("t").unwrap(), Grant::client_credentials());
        prop_assert!(play(&mut TokenRequest::new(&client, grant).unwrap(), &answers) <= 2);
        prop_assert!(play(&mut DeviceAuthorizationRequest::new(&client).unwrap(), &answers) <= 2);
        prop_assert!(play(&mut Introspection::new(&client, &access).unwrap(), &answers) <= 2);
        prop_assert!(play(&mut Revocation::access_token(&client, &access).unwrap(), &answers) <= 2);
        let request = AuthorizationRequest::new(&client, CALLBACK).unwrap();
        prop_assert!(play(&mut request.push_unbound(entropy(1), NOW).unwrap(), &answers) <= 2);
    }

    /// A call of an API has at most two rounds of its own and two renewals, whatever is answered and wherever the clock
    /// goes; and the session is fit for the next call.
    #[test]
    fn a_call_ends(answers in vec((answers(), moments()), 0..6)) {
        for mut session in sessions() {
            for _ in 0..3 {
                prop_assert!(play(&mut session.call(get("https://api.example/me")).unwrap(), &answers) <= 4);
            }
            if let Some(record) = session.record() {
                prop_assert!(Session::from_record(&client(), record).is_ok());
            }
        }
    }

    /// A host that steps as it likes, and loses answers, gets a step or a typed error.
    #[test]
    fn any_order_of_steps_is_legal_or_a_typed_error(
        operations in vec((select(vec!['?', '!', '-']), answers(), moments()), 0..12)
    ) {
        for mut session in sessions() {
            let mut call = session.call(get("https://api.example/me")).unwrap();
            for (operation, answer, now) in &operations {
                let stepped = match operation {
                    '?' => call.step(None, *now),
                    '!' => call.step(Some(answer.clone()), *now),
                    _ => {
                        let _ = call.unanswered(*now);
                        continue;
                    }
                };
                if let Ok(Step::Send(request)) = stepped {
                    let host = request.uri().host();
                    prop_assert!(host == Some("as.example") || request.headers().contains_key("authorization"));
                }
            }
        }
        for mut flow in token_requests() {
            for (operation, answer, now) in &operations {
                match operation {
                    '?' => drop(flow.step(None, *now)),
                    '!' => drop(flow.step(Some(answer.clone()), *now)),
                    _ => prop_assert!(!flow.unanswered(*now)),
                }
            }
        }
    }

    /// AR-1 to AR-9: a response is accepted if and only if it has one code, our state, the right issuer if any, and
    /// nothing that must not be there. Whatever was refused as not the server's word leaves the right one its chance.
    #[test]
    fn a_response_is_accepted_only_as_it_must_be(
        parameters in vec((
            select(vec!["code", "code", "state", "state", "iss", "error", "response", "access_token", "x"]),
            select(vec!["STATE", "STATE", "https://as.example", "a", "", "a%0a"]),
        ), 0..5),
        advertised in any::<bool>(),
    ) {
        let server = if advertised { server().advertises_iss() } else { server() };
        let client = client_of(server);
        let request = AuthorizationRequest::new(&client, CALLBACK).unwrap();
        let (_, mut pending) = request.begin_unbound(entropy(1), NOW).unwrap();
        let state = pending.state().to_owned();
        let query: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let url = format!("{CALLBACK}?{}", query.join("&").replace("STATE", &state));
        let outcome = pending.finish(&client, &AuthorizationResponse::from_url(&url).unwrap(), NOW);
        prop_assert_eq!(outcome.is_ok(), is_good(&parameters, advertised), "{}", url);
        let back = format!("{CALLBACK}?code=c&state={state}&iss=https%3A%2F%2Fas.example");
        let was_spent = pending.is_spent();
        let again = pending.finish(&client, &AuthorizationResponse::from_url(&back).unwrap(), NOW);
        prop_assert_eq!(again.is_ok(), !was_spent);
        if let Err(error) = again {
            prop_assert_eq!(error.rule(), Some(Rule::Ar12));
        }
    }
}
