//! What a program builds, and what it does with it.

use std::hint::black_box;
use std::time::Duration;

use valetkey_core::authorize::receiver::{Incoming, Next, Receiver};
use valetkey_core::terms::Access;
use valetkey_core::{
    AuthorizationRequest, Client, Entropy, Flow, Grant, RefreshToken, Resource, Session, Step, Subject,
    TokenRequest, TokenResponse,
};

use crate::rows::{NOW, REDIRECT_URI, answer, client, many, mixed};
use crate::{Round, Row};

pub(crate) const ROWS: &[Row] = &[
    Row { name: "authorization URL, anew: scope", round: url },
    Row { name: "authorization URL, prepared: scope", round: prepared_url },
    Row { name: "authorization request: parameters", round: parameters_of_request },
    Row { name: "authorization request: resources", round: resources_of_request },
    Row { name: "authorization request: a long prompt", round: prompt },
    Row { name: "access: parameters", round: parameters_of_access },
    Row { name: "access: resources", round: resources_of_access },
    Row { name: "grant: parameters of an extension", round: extension },
    Row { name: "grant: parameters, one by one", round: parameters_of_grant },
    Row { name: "grant: resources", round: resources_of_grant },
    Row { name: "refresh for resources of those granted", round: refreshed },
    Row { name: "token request: a long form", round: form },
    Row { name: "client: APIs", round: apis },
    Row { name: "an API call of a client with so many APIs", round: call },
    Row { name: "loopback receiver: a head that comes byte by byte", round: head },
];

fn request() -> AuthorizationRequest {
    AuthorizationRequest::new(&client(), REDIRECT_URI).expect("a request")
}

fn with_scope(count: usize) -> AuthorizationRequest {
    request().scope(many(count, " ", |one| format!("{:x>6}", mixed(one)))).expect("a scope")
}

fn url(count: usize) -> Round {
    let scope = many(count, " ", |one| format!("{:x>6}", mixed(one)));
    let client = client();
    Box::new(move || {
        let request = AuthorizationRequest::new(&client, REDIRECT_URI).expect("a request");
        let request = request.scope(scope).expect("a scope");
        black_box(request.begin_unbound(Entropy::from_seed([7; 32]), NOW).expect("a URL"));
    })
}

fn prepared_url(count: usize) -> Round {
    let request = with_scope(count);
    let begin = move || request.begin_unbound(Entropy::from_seed([7; 32]), NOW).expect("a URL");
    black_box(begin());
    Box::new(move || {
        black_box(begin());
    })
}

fn names(count: usize) -> Vec<(String, String)> {
    (0..count).map(|one| (format!("parameter_{}", mixed(one)), "value".to_owned())).collect()
}

fn resources(count: usize) -> Vec<Resource> {
    (0..count)
        .map(|one| Resource::new(format!("https://{}.example", mixed(one))).expect("a resource"))
        .collect()
}

fn parameters_of_request(count: usize) -> Round {
    let (request, names) = (request(), names(count));
    Box::new(move || {
        let all = names.iter().try_fold(request, |request, (name, value)| request.parameter(name, value));
        black_box(all.expect("a request"));
    })
}

fn resources_of_request(count: usize) -> Round {
    let (request, resources) = (request(), resources(count));
    Box::new(move || {
        let all = resources.iter().try_fold(request, |request, one| request.resource(one));
        black_box(all.expect("a request"));
    })
}

fn prompt(count: usize) -> Round {
    let (request, prompt) = (request(), many(count, " ", |one| format!("prompt_{}", mixed(one))));
    Box::new(move || {
        black_box(request.parameter("prompt", &prompt).expect("a request"));
    })
}

fn parameters_of_access(count: usize) -> Round {
    let names = names(count);
    Box::new(move || {
        let all = names.iter().try_fold(Access::new(), |access, (name, value)| access.parameter(name, value));
        black_box(all.expect("an access"));
    })
}

fn resources_of_access(count: usize) -> Round {
    let resources = resources(count);
    Box::new(move || {
        let all = resources.iter().try_fold(Access::new(), |access, one| access.resource(one));
        black_box(all.expect("an access"));
    })
}

fn extension(count: usize) -> Round {
    let parameters = names(count);
    Box::new(move || {
        black_box(Grant::extension("urn:example:grant", Subject::User, parameters).expect("a grant"));
    })
}

fn parameters_of_grant(count: usize) -> Round {
    let names = names(count);
    Box::new(move || {
        let first = Grant::client_credentials();
        let all = names.iter().try_fold(first, |grant, (name, value)| grant.parameter(name, value));
        black_box(all.expect("a grant"));
    })
}

fn with_resources(grant: Grant, resources: &[Resource]) -> Grant {
    resources.iter().try_fold(grant, |grant, one| grant.resource(one)).expect("a grant")
}

fn resources_of_grant(count: usize) -> Round {
    let resources = resources(count);
    Box::new(move || {
        black_box(with_resources(Grant::client_credentials(), &resources));
    })
}

fn refreshed(count: usize) -> Round {
    let mut resources = resources(count);
    let granted =
        resources.iter().try_fold(Access::new(), |access, one| access.resource(one)).expect("access");
    resources.reverse();
    let token = RefreshToken::new("8xLOxBtZp8").expect("a token");
    let grant = with_resources(Grant::refresh_token(&token).granted(granted), &resources);
    let client = client();
    Box::new(move || {
        black_box(TokenRequest::new(&client, grant).expect("a request"));
    })
}

fn form(count: usize) -> Round {
    let grant = Grant::extension("urn:example:grant", Subject::User, names(count)).expect("a grant");
    let mut flow = TokenRequest::new(&client(), grant).expect("a request");
    let answer = answer(200, r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer"}"#.to_owned());
    Box::new(move || {
        let Ok(Step::Send(request)) = flow.step(None, NOW) else { unreachable!("a request") };
        black_box(request);
        let _ = black_box(flow.step(Some(answer), NOW).expect("tokens"));
    })
}

fn api(number: usize) -> String {
    format!("https://api-{}.example", mixed(number))
}

fn with_apis(client: Client, apis: &[String]) -> Client {
    apis.iter().try_fold(client, |client, api| client.api(api)).expect("a client")
}

fn apis(count: usize) -> Round {
    let apis: Vec<String> = (0..count).map(api).collect();
    Box::new(move || {
        black_box(with_apis(client(), &apis));
    })
}

fn call(count: usize) -> Round {
    let apis: Vec<String> = (0..count).map(api).collect();
    let client = with_apis(client(), &apis);
    let body = r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer"}"#.to_owned();
    let tokens = TokenResponse::parse(answer(200, body), NOW, client.server()).expect("tokens");
    let mut session = Session::from_tokens(&client, &tokens);
    let last = format!("{}/today", api(count - 1));
    Box::new(move || {
        let request = http::Request::get(&last).body(Vec::new()).expect("a request");
        let mut call = session.call(request).expect("a call");
        let _ = black_box(call.step(None, NOW).expect("a request"));
    })
}

fn head(length: usize) -> Round {
    let request = AuthorizationRequest::new(&client(), "http://127.0.0.1:4711/callback").expect("a request");
    let (_, pending) = request.begin_unbound(Entropy::from_seed([7; 32]), NOW).expect("a URL");
    let until = NOW.after(Duration::from_secs(60));
    let mut receiver = Receiver::new(&pending, until).expect("a receiver");
    let head = format!("GET /other?{} HTTP/1.1\r\nHost: 127.0.0.1:4711\r\n\r\n", "x".repeat(length));
    Box::new(move || {
        let mut incoming = Incoming::new();
        let mut answered = false;
        for byte in head.as_bytes().chunks(1) {
            answered = matches!(incoming.hear(Ok(byte), &mut receiver, NOW), Next::Answer(_));
        }
        assert!(answered, "an answer to the whole of it");
    })
}
