//! The jobs, done by core.

use std::hint::black_box;
use std::sync::LazyLock;

use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, ClientSecret, Entropy, Flow,
    PendingAuthorization, Scope, Step, TokenResponse,
};

use crate::Round;
use crate::inputs::{
    AUTHORIZATION_ENDPOINT, CLIENT_ID, CLIENT_SECRET, ISSUER, NOW, REDIRECT_URI, SCOPE, TOKEN_ENDPOINT,
    answer, arrival,
};

static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let server = AuthorizationServer::new()
        .issuer(ISSUER)
        .and_then(|server| server.authorization_endpoint(AUTHORIZATION_ENDPOINT))
        .and_then(|server| server.token_endpoint(TOKEN_ENDPOINT))
        .expect("a server")
        .advertises_iss();
    Client::new(server, CLIENT_ID)
        .secret(ClientSecret::new(CLIENT_SECRET).expect("a secret"))
        .expect("a confidential client")
});

static REQUEST: LazyLock<AuthorizationRequest> = LazyLock::new(|| request(scope()));

fn scope() -> Scope {
    SCOPE.parse().expect("a scope")
}

fn request(scope: Scope) -> AuthorizationRequest {
    AuthorizationRequest::new(&CLIENT, REDIRECT_URI).expect("a request").scope(scope).expect("a scope")
}

fn pending() -> PendingAuthorization {
    REQUEST.begin_unbound(Entropy::from_seed([7; 32]), NOW).expect("a pending authorization").1
}

pub(crate) fn authorization_url() -> Round {
    let (entropy, scope) = (Entropy::from_seed([7; 32]), scope());
    Box::new(move || {
        black_box(request(scope).begin_unbound(entropy, NOW).expect("a URL"));
    })
}

pub(crate) fn authorization_url_prepared() -> Round {
    let entropy = Entropy::from_seed([7; 32]);
    pending();
    Box::new(move || {
        black_box(REQUEST.begin_unbound(entropy, NOW).expect("a URL"));
    })
}

pub(crate) fn redirect() -> Round {
    let mut pending = pending();
    let url = arrival(pending.state());
    Box::new(move || {
        let response = AuthorizationResponse::from_url(&url).expect("a response");
        black_box(pending.finish(&CLIENT, &response, NOW).expect("a token request"));
    })
}

/// The request alone: the grant's form was made with the redirect's checks, by which alone it can be.
pub(crate) fn exchange_request() -> Round {
    let mut pending = pending();
    let response = AuthorizationResponse::from_url(&arrival(pending.state())).expect("a response");
    let mut flow = pending.finish(&CLIENT, &response, NOW).expect("a token request");
    Box::new(move || {
        let _ = black_box(flow.step(None, NOW).expect("a request"));
    })
}

pub(crate) fn code_exchange() -> Round {
    let mut pending = pending();
    let url = arrival(pending.state());
    Box::new(move || {
        let response = AuthorizationResponse::from_url(&url).expect("a response");
        let mut flow = pending.finish(&CLIENT, &response, NOW).expect("a token request");
        let _ = black_box(flow.step(None, NOW).expect("a request"));
    })
}

pub(crate) fn token_response() -> Round {
    let answer = answer();
    Box::new(move || {
        black_box(TokenResponse::parse(answer, NOW, &AuthorizationServer::new()).expect("tokens"));
    })
}

pub(crate) fn whole_flow() -> Round {
    let mut pending = pending();
    let (url, answer) = (arrival(pending.state()), answer());
    Box::new(move || {
        let response = AuthorizationResponse::from_url(&url).expect("a response");
        let mut flow = pending.finish(&CLIENT, &response, NOW).expect("a token request");
        let Step::Send(request) = flow.step(None, NOW).expect("a request") else { return };
        black_box(request);
        let _ = black_box(flow.step(Some(answer), NOW).expect("tokens"));
    })
}
