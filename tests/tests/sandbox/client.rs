//! valetkey's own client, stepped by hand against every misbehaviour: it gets its tokens or says why not, and ends.

use valetkey_core::authorize::ResponseMode;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, ClientSecret, Discovery, Error,
    Flow, Step, TokenResponse,
};
use valetkey_sandbox::{Misbehaviour, Sandbox};
use valetkey_tests::entropy;

use crate::metadata::{ISSUER, modern};
use crate::support::*;

/// More rounds than any conversation here takes.
const ROUNDS: usize = 10;

fn web(sandbox: &Sandbox, as_it_is: Known) -> Client {
    let server = AuthorizationServer::new()
        .issuer(ISSUER)
        .unwrap()
        .advertises_iss()
        .authorization_endpoint("https://as.example/oauth/auth")
        .unwrap()
        .token_endpoint("https://as.example/oauth/token")
        .unwrap();
    let server = as_it_is(server);
    let secret = ClientSecret::new(sandbox.client_secret("web").unwrap()).unwrap();
    Client::new(server, "web").secret(secret).unwrap()
}

/// What a program knows of a server, beside where it is.
type Known = fn(AuthorizationServer) -> AuthorizationServer;

fn run<F: Flow>(sandbox: &mut Sandbox, mut flow: F) -> Result<F::Output, Error> {
    let mut response = None;
    for _ in 0..ROUNDS {
        match flow.step(response.take(), NOW)? {
            Step::Send(request) => response = Some(sandbox.answer(&request, NOW)),
            Step::Wait(_) => {}
            Step::Done(output) => return Ok(output),
        }
    }
    panic!("the conversation does not end");
}

/// The Authorization Code flow, as a program would have it.
fn tokens_of(sandbox: &mut Sandbox) -> Result<TokenResponse, Error> {
    tokens_of_known(sandbox, |server| server)
}

fn tokens_of_known(sandbox: &mut Sandbox, as_it_is: Known) -> Result<TokenResponse, Error> {
    let client = web(sandbox, as_it_is);
    let request = AuthorizationRequest::new(&client, WEB)?.scope(ISSUES).unwrap();
    let (url, mut pending) = request.begin_unbound(entropy(1), NOW)?;
    let arrival = sandbox.visit(url.as_str(), &person("alice"), NOW).unwrap();
    let response = AuthorizationResponse::from_url(arrival.url().unwrap())?;
    run(sandbox, pending.finish(&client, &response, NOW)?)
}

/// A response mode that the metadata do not list is refused before anybody is asked; the others are not.
#[test]
fn a_response_mode_that_is_not_listed_is_refused() {
    let mut sandbox = modern();
    sandbox.misbehave(Misbehaviour::ResponseModesWithoutFormPost);
    let server = run(&mut sandbox, Discovery::new(ISSUER).unwrap()).unwrap().into_server();
    let client = Client::new(server, "web");
    let asked = |mode| {
        let request = AuthorizationRequest::new(&client, WEB).unwrap().response_mode(mode);
        request.begin_unbound(entropy(1), NOW).map(drop)
    };
    asked(ResponseMode::Query).unwrap();
    let refused = asked(ResponseMode::FormPost).unwrap_err();
    assert!(refused.to_string().contains("response_modes_supported"), "{refused}");
}

#[test]
fn a_server_that_behaves_gives_tokens() {
    let mut sandbox = modern();
    let tokens = tokens_of(&mut sandbox).unwrap();
    assert_eq!(tokens.scope().map(ToString::to_string).as_deref(), Some(ISSUES));
}

/// What is odd, and no reason to refuse: a header as long as that is for whoever reads from the socket to stop at.
const HARMLESS: [&str; 18] = [
    "unknown-parameters",
    "no-cache-control",
    "gzipped",
    "token-type-lower-case",
    "expires-in-missing",
    "expires-in-zero",
    "expires-in-text",
    "expires-in-fraction",
    "expires-in-u64-max",
    "expires-in-i64-max",
    "refresh-token-missing",
    "scope-missing",
    "scope-wider",
    "date-before-1970",
    "date-day-zero",
    "huge-header",
    "token-type-odd-case",
    // Whoever asked for no details compares them with none; see `wrong`.
    "authorization-details-unknown",
];

#[test]
fn what_is_wrong_is_refused_and_what_is_odd_is_not() {
    let mut accepted = Vec::new();
    for misbehaviour in Misbehaviour::ALL {
        let mut sandbox = modern();
        sandbox.misbehave_once(*misbehaviour);
        let got_tokens = tokens_of(&mut sandbox).is_ok();
        // What is still due was never met: it is about something that this program did not do.
        if got_tokens && sandbox.misbehaviours().count() == 0 {
            accepted.push(misbehaviour.name());
        }
    }
    assert_eq!(accepted, HARMLESS);
}

/// What a refusal in other words means is what it decides.
#[test]
fn a_refusal_in_other_words_is_understood_where_that_is_said() {
    let answered = |misbehaviour, as_it_is: Known| {
        let mut sandbox = modern();
        sandbox.misbehave_once(misbehaviour);
        tokens_of_known(&mut sandbox, as_it_is).unwrap_err()
    };
    let dead: Known = |it| {
        let it = it.refusal_means("status", "BAD_REFRESH_TOKEN", "invalid_grant").unwrap();
        it.refusal_means("status", "401", "invalid_grant").unwrap()
    };
    for misbehaviour in [Misbehaviour::RefusedInOtherWords, Misbehaviour::RefusedWithStatusOk] {
        assert!(!answered(misbehaviour, |it| it).is_invalid_grant());
        assert!(answered(misbehaviour, dead).is_invalid_grant(), "{misbehaviour}");
    }
    let denied: Known = |it| it.refusal_means("error", "user_denied", "access_denied").unwrap();
    assert!(!answered(Misbehaviour::DeniedInOtherWords, |it| it).is_access_denied());
    assert!(answered(Misbehaviour::DeniedInOtherWords, denied).is_access_denied());
    // The status speaks, and the words are told.
    let told = answered(Misbehaviour::ErrorObject, |it| it);
    assert_eq!(told.refused().unwrap().description(), Some("This authorization code has been used."));
    assert!(answered(Misbehaviour::UnavailableErrorObject, |it| it).is_transient());
    assert!(answered(Misbehaviour::ErrorNull, |it| it).to_string().contains("It is the code."));
    // And what is compressed is bounded, or refused by its name.
    for (misbehaviour, says) in [(Misbehaviour::GzippedHuge, "unpacked"), (Misbehaviour::EncodedBrotli, "br")]
    {
        assert!(answered(misbehaviour, |it| it).to_string().contains(says), "{misbehaviour}");
    }
}
