//! valetkey's own client, stepped by hand against every misbehaviour: it gets its tokens or says why not, and ends.

use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, ClientSecret, Error, Flow,
    Step, TokenResponse,
};
use valetkey_sandbox::{Misbehaviour, Sandbox};
use valetkey_tests::entropy;

use crate::metadata::{ISSUER, modern};
use crate::support::*;

/// More rounds than any conversation here takes.
const ROUNDS: usize = 10;

fn web(sandbox: &Sandbox) -> Client {
    let server = AuthorizationServer::new()
        .issuer(ISSUER)
        .unwrap()
        .advertises_iss()
        .authorization_endpoint("https://as.example/oauth/auth")
        .unwrap()
        .token_endpoint("https://as.example/oauth/token")
        .unwrap();
    let secret = ClientSecret::new(sandbox.client_secret("web").unwrap()).unwrap();
    Client::new(server, "web").secret(secret).unwrap()
}

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
    let client = web(sandbox);
    let request = AuthorizationRequest::new(&client, WEB)?.scope(ISSUES).unwrap();
    let (url, mut pending) = request.begin_unbound(entropy(1), NOW)?;
    let arrival = sandbox.visit(url.as_str(), &person("alice"), NOW).unwrap();
    let response = AuthorizationResponse::from_url(arrival.url().unwrap())?;
    run(sandbox, pending.finish(&client, &response, NOW)?)
}

#[test]
fn a_server_that_behaves_gives_tokens() {
    let mut sandbox = modern();
    let tokens = tokens_of(&mut sandbox).unwrap();
    assert_eq!(tokens.scope().map(ToString::to_string).as_deref(), Some(ISSUES));
}

/// What is odd, and no reason to refuse: a header as long as that is for whoever reads from the socket to stop at.
const HARMLESS: [&str; 17] = [
    "unknown-parameters",
    "no-cache-control",
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
