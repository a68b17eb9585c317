//! Wrong on purpose: every row of the catalogue changes the answer that it is about, and nothing else.

use std::collections::BTreeSet;

use valetkey_core::Response;
use valetkey_sandbox::{
    Application, Arrival, ContentEncryption, Endpoint, FlowKind, KeyEncryption, Misbehaviour, Rights,
    Sandbox, SigningAlgorithm,
};

use crate::support::*;

/// What a misbehaviour can spoil of a login, of its renewal, and of UserInfo in its two forms. What leads there behaves.
fn openid_answers(sandbox: &mut Sandbox) -> Vec<(Endpoint, Response)> {
    let misbehaviours: Vec<Misbehaviour> = sandbox.misbehaviours().collect();
    sandbox.behave();
    let claims = r#"{"id_token":{"acr":null,"amr":null}}"#;
    let asked = [("scope", "openid profile email"), ("nonce", "n"), ("claims", claims)];
    let earlier = tokens(sandbox, "alice", &asked);
    let [code, another] = [(); 2].map(|()| code(sandbox, "alice", &asked));
    misbehaviours.into_iter().for_each(|misbehaviour| sandbox.misbehave(misbehaviour));
    let login = token(sandbox, By::Basic("web"), &redeeming(&code), NOW).response;
    let renewed = refresh(sandbox, earlier.text("refresh_token"), NOW).response;
    let bearer = format!("Bearer {}", earlier.text("access_token"));
    let about = with_header(get("/oauth/userinfo"), "authorization", &bearer);
    let plain = sandbox.answer(&about, NOW);
    let secret = sandbox.client_secret("web").unwrap().to_owned();
    sandbox.add_application(
        Application::confidential("web", &secret).userinfo_algorithm(SigningAlgorithm::EdDsa),
    );
    let signed = sandbox.answer(&about, NOW);
    sandbox.add_application(encrypting(&secret));
    let sealed = token(sandbox, By::Basic("web"), &redeeming(&another), NOW).response;
    let sealed_userinfo = sandbox.answer(&about, NOW);
    let question = post("/oauth/introspect", &[("token", earlier.text("access_token"))]);
    let question = with_header(question, "accept", "application/token-introspection+jwt");
    let sealed_introspection = as_web(sandbox, question).response;
    let sealed_response = ask(sandbox, &with(REQUEST, &[("response_mode", "jwt")]));
    vec![
        (Endpoint::Token, sealed),
        (Endpoint::Userinfo, sealed_userinfo),
        (Endpoint::Introspection, sealed_introspection),
        (Endpoint::Authorization, sealed_response),
        (Endpoint::Token, login),
        (Endpoint::Token, renewed),
        (Endpoint::Userinfo, plain),
        (Endpoint::Userinfo, signed),
    ]
}

/// The application `web`, to which everything is encrypted, by the key of RFC 7515 Appendix A.3.1.
fn encrypting(secret: &str) -> Application {
    let jwks = serde_json::json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "use": "enc", "kid": "1",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }] });
    let (key, content) = (KeyEncryption::EcdhEs, ContentEncryption::A256Gcm);
    Application::confidential("web", secret)
        .flow(FlowKind::AuthorizationCode)
        .redirect_uri(WEB)
        .may_request(Rights::All)
        .userinfo_algorithm(SigningAlgorithm::EdDsa)
        .keys(&jwks)
        .id_token_encryption(key, content)
        .userinfo_encryption(key, content)
        .response_encryption(key, content)
        .introspection_encryption(key, content)
}

/// What a misbehaviour can spoil, of every endpoint.
fn answers(sandbox: &mut Sandbox) -> Vec<(Endpoint, Response)> {
    sandbox.settings_mut().dialect = valetkey_sandbox::Dialect::Standard;
    sandbox.settings_mut().issuer = Some("https://as.example".to_owned());
    sandbox.sign_in("alice");
    let code = ask(sandbox, REQUEST);
    let legacy = [
        ("client_id", "legacy"),
        ("redirect_uri", "https://legacy.example/callback"),
        ("response_type", "token"),
        ("code_challenge", ""),
        ("code_challenge_method", ""),
    ];
    let implicit = ask(sandbox, &with(REQUEST, &legacy));
    let issued = {
        let scope = format!("{ISSUES} global:Profile.View");
        let pairs = [("grant_type", "password"), ("username", "alice"), ("scope", scope.as_str())];
        let pairs =
            with(&pairs, &[("password", valetkey_sandbox::DEMO_USERS[0].1), ("access_type", "offline")]);
        token(sandbox, By::Basic("web"), &pairs, NOW).response
    };
    let alice = sandbox.permanent_token_of_user("alice");
    let api = profile(sandbox, &alice, NOW).response;
    let refused = profile(sandbox, "unknown", NOW).response;
    let metadata = sandbox.answer(&get("/.well-known/oauth-authorization-server"), NOW);
    let openid = sandbox.answer(&get("/.well-known/openid-configuration"), NOW);
    let resource = sandbox.answer(&get("/.well-known/oauth-protected-resource/api/http"), NOW);
    let keys = sandbox.answer(&get("/oauth/jwks.json"), NOW);
    let mut introspect = |accept: &str| {
        let request = post("/oauth/introspect", &[("token", &alice)]);
        as_web(sandbox, with_header(request, "accept", accept)).response
    };
    let [plain, signed] = ["application/json", "application/token-introspection+jwt"].map(&mut introspect);
    let revoked = as_web(sandbox, post("/oauth/revoke", &[("token", "unknown")])).response;
    let device = sandbox.answer(&post("/oauth/device_authorization", &[("client_id", "native")]), NOW);
    let pushed = as_web(sandbox, post("/oauth/par", REQUEST)).response;
    let bound = crate::dpop::bound(sandbox, &crate::key::Key::es256(), "1").response;
    let exchanged = crate::exchange::exchanged(sandbox, &alice).response;
    let jarm = ask(sandbox, &with(REQUEST, &[("response_mode", "jwt")]));
    let hybrid = [("response_type", "code id_token"), ("scope", "openid"), ("nonce", "n")];
    let hybrid = ask(sandbox, &with(REQUEST, &hybrid));
    let logins = openid_answers(sandbox);
    let others = vec![
        (Endpoint::Authorization, hybrid),
        (Endpoint::Authorization, jarm),
        (Endpoint::Token, exchanged),
        (Endpoint::Token, bound),
        (Endpoint::PushedAuthorization, pushed),
        (Endpoint::DeviceAuthorization, device),
        (Endpoint::Introspection, plain),
        (Endpoint::Introspection, signed),
        (Endpoint::Revocation, revoked),
        (Endpoint::Authorization, code),
        (Endpoint::Authorization, implicit),
        (Endpoint::Token, issued),
        (Endpoint::Api, api),
        (Endpoint::Api, refused),
        (Endpoint::Metadata, metadata),
        (Endpoint::Metadata, openid),
        (Endpoint::ResourceMetadata, resource),
        (Endpoint::Jwks, keys),
    ];
    others.into_iter().chain(logins).collect()
}

fn differs(one: &Response, other: &Response) -> bool {
    one.status() != other.status() || one.headers() != other.headers() || one.body() != other.body()
}

#[test]
fn every_misbehaviour_changes_an_answer_of_its_endpoint_and_no_other() {
    let right = answers(&mut demo());
    let mut spoilt = BTreeSet::new();
    for misbehaviour in Misbehaviour::ALL {
        let mut sandbox = demo();
        sandbox.misbehave(*misbehaviour);
        let mut changed = false;
        for ((endpoint, right), (_, wrong)) in right.iter().zip(answers(&mut sandbox)) {
            let different = differs(right, &wrong);
            assert!(!different || *endpoint == misbehaviour.endpoint(), "{misbehaviour} at {endpoint:?}");
            changed |= different;
            if different {
                let headers = format!("{:?}", wrong.headers());
                spoilt.insert((wrong.status().as_u16(), headers, wrong.into_body()));
            }
        }
        assert!(changed, "{misbehaviour} changes nothing");
    }
    assert!(spoilt.len() >= Misbehaviour::ALL.len(), "two misbehaviours answer the same");
}

#[test]
fn names_round_trip_and_are_unique_and_described() {
    let names: BTreeSet<&str> = Misbehaviour::ALL.iter().map(|it| it.name()).collect();
    assert_eq!(names.len(), Misbehaviour::ALL.len());
    for misbehaviour in Misbehaviour::ALL {
        assert_eq!(misbehaviour.name().parse::<Misbehaviour>(), Ok(*misbehaviour));
        assert_eq!(misbehaviour.to_string(), misbehaviour.name());
        assert!(
            misbehaviour.name().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        );
        assert!(misbehaviour.description().ends_with('.'), "{misbehaviour}");
    }
    let unknown = "no-such-name".parse::<Misbehaviour>().unwrap_err();
    assert_eq!(unknown.to_string(), "no misbehaviour has this name");
}

#[test]
fn once_waits_for_an_answer_that_it_fits() {
    let mut sandbox = demo();
    sandbox.misbehave_once(Misbehaviour::AccessTokenEmpty);
    assert_eq!(sandbox.misbehaviours().collect::<Vec<_>>(), [Misbehaviour::AccessTokenEmpty]);
    let refused = refresh(&mut sandbox, "unknown", NOW);
    assert_eq!(refused.error(), (400, "invalid_grant"), "an error has no access token to spoil");
    let pairs = [("grant_type", "client_credentials")];
    assert_eq!(token(&mut sandbox, By::Basic("chatbot"), &pairs, NOW).body["access_token"], "");
    assert_eq!(sandbox.misbehaviours().count(), 0);
    assert_ne!(token(&mut sandbox, By::Basic("chatbot"), &pairs, NOW).body["access_token"], "");
}

#[test]
fn behaving_again_forgets_misbehaviours_and_failures() {
    let mut sandbox = demo();
    sandbox.misbehave(Misbehaviour::StateMissing);
    sandbox.misbehave(Misbehaviour::StateMissing);
    assert_eq!(sandbox.misbehaviours().count(), 1);
    sandbox.fail_next(Endpoint::Authorization, valetkey_sandbox::Failure::internal());
    sandbox.behave();
    assert_eq!(arrive(&mut sandbox, "alice", REQUEST).parameter("state").as_deref(), Some("xyz"));
}

/// A spoilt answer hides work that was done: the code is spent although the client never learns of it.
#[test]
fn the_work_is_done_before_the_answer_is_spoilt() {
    let mut sandbox = demo();
    let code = code(&mut sandbox, "alice", &[]);
    sandbox.misbehave_once(Misbehaviour::Unavailable);
    assert_eq!(token(&mut sandbox, By::Basic("web"), &redeeming(&code), NOW).status, 503);
    let again = token(&mut sandbox, By::Basic("web"), &redeeming(&code), NOW);
    assert_eq!(again.error(), (400, "invalid_grant"));
}

/// The redirects that lie: each as its description says.
#[test]
fn redirects_lie_as_described() {
    let arrive = |misbehaviour| {
        let mut sandbox = demo();
        sandbox.settings_mut().issuer = Some("https://as.example".to_owned());
        sandbox.misbehave(misbehaviour);
        sandbox.sign_in("alice");
        Arrival::after(&ask(&mut sandbox, REQUEST)).unwrap()
    };
    let count = |arrival: &Arrival, name: &str| arrival.url().unwrap().matches(&format!("{name}=")).count();
    assert_eq!(arrive(Misbehaviour::StateMissing).parameter("state"), None);
    assert_ne!(arrive(Misbehaviour::StateWrong).parameter("state").as_deref(), Some("xyz"));
    assert_eq!(count(&arrive(Misbehaviour::StateTwice), "state"), 2);
    assert_eq!(count(&arrive(Misbehaviour::CodeTwice), "code"), 2);
    assert_eq!(
        arrive(Misbehaviour::IssTrailingSlash).parameter("iss").as_deref(),
        Some("https://as.example/")
    );
    let both = arrive(Misbehaviour::CodeAndError);
    assert!(both.parameter("code").is_some() && both.parameter("error").is_some());
    assert!(arrive(Misbehaviour::OtherHost).url().unwrap().starts_with("https://attacker.example/"));
    assert!(arrive(Misbehaviour::ResponseInFragment).url().unwrap().contains("#code="));
}

/// The giants are sent whole, and the log keeps their beginning.
#[test]
fn the_log_keeps_the_beginning_of_what_is_huge() {
    use valetkey_sandbox::MAX_KEPT_BODY;
    let mut sandbox = demo();
    sandbox.misbehave(Misbehaviour::HugeHeader);
    sandbox.misbehave(Misbehaviour::HugeBody);
    let pairs = [("grant_type", "client_credentials")];
    let answer = token(&mut sandbox, By::Basic("chatbot"), &pairs, NOW);
    assert_eq!(answer.header("x-padding").len(), 1 << 20);
    assert!(answer.response.body().len() > 2 << 20);
    let kept = sandbox.log().last().unwrap().response();
    assert_eq!((kept.headers()["x-padding"].len(), kept.body().len()), (MAX_KEPT_BODY, MAX_KEPT_BODY));
}
