//! Messages: what goes to the browser and the token endpoint, and what comes back.

use std::hint::black_box;
use std::sync::LazyLock;

use bench_inputs::inputs::{
    self, AUTHORIZATION_ENDPOINT, CLIENT_ID, CLIENT_SECRET, HEADERS, ISSUER, REDIRECT_URI, SCOPE,
    TOKEN_ENDPOINT, arrival, token_response,
};
use bench_inputs::{Round, check};
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, ClientSecret, Entropy,
    Flow as _, PendingAuthorization, Request, Response, Scope, Step, TokenRequest, TokenResponse, UnixTime,
};

pub(crate) const NOW: UnixTime = UnixTime::from_secs(inputs::NOW);

pub(crate) static CLIENT: LazyLock<Client> = LazyLock::new(|| {
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

fn seed() -> Entropy {
    Entropy::from_seed([7; 32])
}

fn random_seed() -> Entropy {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).expect("randomness");
    Entropy::from_seed(seed)
}

pub(crate) fn pending() -> PendingAuthorization {
    REQUEST.begin_unbound(seed(), NOW).expect("a pending authorization").1
}

pub(crate) fn url_anew() -> Round {
    let (entropy, scope) = (seed(), scope());
    Box::new(move || {
        black_box(request(scope).begin_unbound(entropy, NOW).expect("a URL"));
    })
}

pub(crate) fn url_prepared() -> Round {
    let entropy = seed();
    LazyLock::force(&REQUEST);
    Box::new(move || {
        black_box(REQUEST.begin_unbound(entropy, NOW).expect("a URL"));
    })
}

pub(crate) fn url_random() -> Round {
    LazyLock::force(&REQUEST);
    Box::new(|| {
        black_box(REQUEST.begin_unbound(random_seed(), NOW).expect("a URL"));
    })
}

pub(crate) fn check_url() {
    for (entropy, request) in [(seed(), &*REQUEST), (random_seed(), &*REQUEST), (seed(), &request(scope()))] {
        let (url, pending) = request.begin_unbound(entropy, NOW).expect("a URL");
        check::authorization_url(url.as_str(), Some(pending.state()));
    }
}

fn redeem(pending: &mut PendingAuthorization, arrival: &str) -> (TokenRequest, Request) {
    let response = AuthorizationResponse::from_url(arrival).expect("a response");
    let mut flow = pending.finish(&CLIENT, &response, NOW).expect("a token request");
    match flow.step(None, NOW).expect("a request") {
        Step::Send(request) => (flow, request),
        _ => unreachable!("a token request is sent"),
    }
}

pub(crate) fn exchange() -> Round {
    let mut pending = pending();
    let arrival = arrival(pending.state());
    Box::new(move || {
        black_box(redeem(&mut pending, &arrival));
    })
}

pub(crate) fn check_exchange() {
    let mut pending = pending();
    let arrival = arrival(pending.state());
    let (_, request) = redeem(&mut pending, &arrival);
    let basic = request.headers().get("authorization").and_then(|basic| basic.to_str().ok());
    check::exchange(&request.uri().to_string(), basic, request.body());
}

pub(crate) fn response(status: u16, content_type: &str, body: String) -> Response {
    let mut response = http::Response::builder().status(status);
    for (name, value) in HEADERS {
        response = response.header(name, if name == "content-type" { content_type } else { value });
    }
    response.body(body.into_bytes()).expect("a response")
}

pub(crate) fn answer() -> Response {
    response(200, HEADERS[0].1, token_response())
}

pub(crate) fn tokens() -> Round {
    let (answer, server) = (answer(), AuthorizationServer::new());
    Box::new(move || {
        black_box(TokenResponse::parse(answer, NOW, &server).expect("tokens"));
    })
}

fn assert_right(tokens: &TokenResponse) {
    check::tokens(
        tokens.access_token().expose(),
        tokens.refresh_token().map(|token| token.expose()),
        tokens.expires_in().map(|time| time.as_secs()),
    );
}

pub(crate) fn check_tokens() {
    assert_right(&TokenResponse::parse(answer(), NOW, &AuthorizationServer::new()).expect("tokens"));
}

fn flow(pending: &mut PendingAuthorization, arrival: &str, answer: Response) -> TokenResponse {
    let (mut flow, request) = redeem(pending, arrival);
    black_box(request);
    match flow.step(Some(answer), NOW).expect("tokens") {
        Step::Done(tokens) => tokens,
        _ => unreachable!("one answer is enough"),
    }
}

pub(crate) fn whole_flow() -> Round {
    let mut pending = pending();
    let (arrival, answer) = (arrival(pending.state()), answer());
    Box::new(move || {
        black_box(flow(&mut pending, &arrival, answer));
    })
}

pub(crate) fn check_whole() {
    let mut pending = pending();
    let arrival = arrival(pending.state());
    assert_right(&flow(&mut pending, &arrival, answer()));
}
