//! How a client names itself, and by what it is allowed to ask.

use valetkey_core::error::Challenge;
use valetkey_core::jose::{Algorithm, AwsLc};
use valetkey_core::status::{Introspection, Revocation};
use valetkey_core::{
    Client, DeviceAuthorizationRequest, DevicePoll, Dpop, Error, Grant, Quirk, TokenRequest,
};
use valetkey_sandbox::{Application, BasicEncoding, FlowKind, PersonError, Rights};
use valetkey_tests::jose::key_pair;

use super::*;

/// AQ-6: TikTok's name for `client_id`, at every endpoint. Without it the server says what it misses.
#[test]
fn a_server_that_wants_client_key_is_met_by_that_name_at_every_endpoint() {
    let mut sandbox = sandbox();
    sandbox.settings_mut().client_id_name = "client_key".to_owned();
    let strict = Client::new(server(&mut sandbox, &[]), "native");
    let request = AuthorizationRequest::new(&strict, NATIVE).unwrap();
    let (url, _) = request.begin_unbound(entropy(1), NOW).unwrap();
    let alice = alice(&sandbox);
    assert_eq!(sandbox.visit(url.as_str(), &alice, NOW).unwrap_err(), PersonError::Stays);
    let refused = run(&mut sandbox, DeviceAuthorizationRequest::new(&strict).unwrap()).unwrap_err();
    assert!(refused.to_string().contains("client_key is missing"), "{refused}");

    let known = server(&mut sandbox, &[]).client_id_as("client_key").unwrap();
    let native = Client::new(known.clone(), "native");
    let tokens = tokens(&mut sandbox, &native, NATIVE).unwrap();
    let grant = Grant::refresh_token(tokens.refresh_token().unwrap());
    run(&mut sandbox, TokenRequest::new(&native, grant).unwrap()).unwrap();
    let pushed = AuthorizationRequest::new(&native, NATIVE).unwrap();
    let (url, _) = run(&mut sandbox, pushed.push_unbound(entropy(2), NOW).unwrap()).unwrap();
    sandbox.visit(url.as_str(), &alice, NOW).unwrap();
    let device = run(&mut sandbox, DeviceAuthorizationRequest::new(&native).unwrap()).unwrap();
    assert!(sandbox.approve_device(device.user_code(), "alice"));
    run(&mut sandbox, DevicePoll::new(&native, device).unwrap()).unwrap();
    run(&mut sandbox, Revocation::access_token(&native, tokens.access_token()).unwrap()).unwrap();

    let secret = sandbox.client_secret("web").unwrap().to_owned();
    let web = Client::new(known, "web").secret_in_body(secret).unwrap();
    let found = run(&mut sandbox, Introspection::new(&web, tokens.access_token()).unwrap()).unwrap();
    assert!(found.active().is_none(), "it was revoked");
}

/// CA-2: a public client by Basic with an empty secret; its name in the body alone is refused, in words that say so.
#[test]
fn a_server_that_wants_an_empty_secret_in_basic_gets_one() {
    let mut sandbox = sandbox();
    sandbox.settings_mut().public_clients_by_basic = true;
    let plain = Client::new(server(&mut sandbox, &[]), "native");
    let refused = tokens(&mut sandbox, &plain, NATIVE).unwrap_err();
    assert!(refused.to_string().contains("by Basic, with an empty secret"), "{refused}");
    let by_mistake = Client::new(server(&mut sandbox, &[]), "native").secret("").unwrap_err();
    assert!(by_mistake.to_string().contains("`Client::basic_without_secret`"), "{by_mistake}");

    let native = Client::new(server(&mut sandbox, &[]), "native").basic_without_secret().unwrap();
    let tokens = tokens(&mut sandbox, &native, NATIVE).unwrap();
    let grant = Grant::refresh_token(tokens.refresh_token().unwrap());
    run(&mut sandbox, TokenRequest::new(&native, grant).unwrap()).unwrap();
}

/// CA-2: one spelling of a space is read by a decoder of forms and by one that undoes percent-encoding alone. A server that
/// decodes nothing is met by its quirk, which the refusal names.
#[test]
fn a_space_in_basic_is_read_by_either_decoder_or_met_by_the_quirk() {
    let mut sandbox = sandbox();
    let robot =
        Application::confidential("the robot", "a b+c%").authorized(Rights::of(["global:Profile.View"]));
    sandbox.add_application(robot);
    let mut asked = |encoding, quirks: &[Quirk]| {
        sandbox.settings_mut().basic_encoding = encoding;
        let client = Client::new(server(&mut sandbox, quirks), "the robot").secret("a b+c%").unwrap();
        run(&mut sandbox, TokenRequest::new(&client, Grant::client_credentials()).unwrap())
    };
    for encoding in [BasicEncoding::FormUrlencoded, BasicEncoding::Percent] {
        asked(encoding, &[]).unwrap();
    }
    assert_eq!(asked(BasicEncoding::Raw, &[]).unwrap_err().admitted_by(), Some(Quirk::RawBasic));
    asked(BasicEncoding::Raw, &[Quirk::RawBasic]).unwrap();
}

/// RFC 9449 §10.1: a server that takes no proof with a pushed request binds the code by the thumbprint alone.
#[test]
fn a_server_that_takes_no_proof_with_a_pushed_request_is_given_the_thumbprint_alone() {
    let mut sandbox = sandbox();
    sandbox.settings_mut().pushed_proofs = false;
    let key = Dpop::of(key_pair(&AwsLc, Algorithm::Es256), entropy(4)).unwrap();
    let client = web(server(&mut sandbox, &[]), &sandbox).dpop(key).unwrap();
    let request = || AuthorizationRequest::new(&client, WEB).unwrap().scope(SCOPE).unwrap();
    let refused = run(&mut sandbox, request().push_unbound(entropy(1), NOW).unwrap()).unwrap_err();
    assert_eq!(refused.refused().unwrap().code().unwrap().as_str(), "invalid_dpop_proof");
    assert!(refused.to_string().contains("dpop_jkt alone"), "{refused}");

    let alone = request().key_by_thumbprint().push_unbound(entropy(1), NOW).unwrap();
    let (url, mut pending) = run(&mut sandbox, alone).unwrap();
    let alice = alice(&sandbox);
    let arrival = sandbox.visit(url.as_str(), &alice, NOW).unwrap();
    let response = AuthorizationResponse::from_url(arrival.url().unwrap()).unwrap();
    let tokens = run(&mut sandbox, pending.finish(&client, &response, NOW).unwrap()).unwrap();
    assert!(tokens.thumbprint().is_some());
}

/// RFC 7662 §2.1: a server that wants an access token for the question, with a scope of its own, asks for one by its challenge.
#[test]
fn a_server_that_wants_a_bearer_token_for_introspection_is_asked_with_one() {
    let mut sandbox = sandbox();
    let robot = Application::confidential("robot", "s")
        .authorized(Rights::of(["global:Tokens.View", "global:Profile.View"]));
    sandbox.add_application(robot.flow(FlowKind::ClientCredentials));
    sandbox.settings_mut().introspection_right = Some("global:Tokens.View".to_owned());
    let robot = Client::new(server(&mut sandbox, &[]), "robot").secret("s").unwrap();
    let token = |sandbox: &mut Sandbox, scope: &str| {
        let grant = Grant::client_credentials().scope(scope).unwrap();
        run(sandbox, TokenRequest::new(&robot, grant).unwrap()).unwrap().access_token().clone()
    };
    let (may, may_not) =
        (token(&mut sandbox, "global:Tokens.View"), token(&mut sandbox, "global:Profile.View"));
    let subject = tokens_of_alice(&mut sandbox);
    let question = || Introspection::new(&robot, subject.access_token()).unwrap();

    let refused: Error = run(&mut sandbox, question()).unwrap_err();
    let challenges = refused.refused().unwrap().challenges();
    assert!(challenges.iter().any(|challenge: &Challenge| challenge.is("Bearer")), "{refused}");
    let narrow = run(&mut sandbox, question().authorized_by(&may_not).unwrap()).unwrap_err();
    assert_eq!(narrow.refused().unwrap().status().unwrap(), 403);
    let found = run(&mut sandbox, question().authorized_by(&may).unwrap()).unwrap();
    assert!(found.active().is_some());
}

fn tokens_of_alice(sandbox: &mut Sandbox) -> TokenResponse {
    let client = web(server(sandbox, &[]), sandbox);
    tokens(sandbox, &client, WEB).unwrap()
}
