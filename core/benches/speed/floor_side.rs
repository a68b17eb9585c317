//! The jobs, written by hand: `String`s, `http`, `form_urlencoded`, `serde_json` into owned fields, and no more checks
//! than a careful program makes.

use std::collections::BTreeMap;
use std::hint::black_box;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use form_urlencoded::{Serializer, byte_serialize};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use valetkey_core::{Request, Response};

use crate::Round;
use crate::inputs::{
    AUTHORIZATION_ENDPOINT, CLIENT_ID, CLIENT_SECRET, CODE, ISSUER, REDIRECT_URI, SCOPE, TOKEN_ENDPOINT,
    answer, arrival,
};

/// What is kept until the browser comes back.
struct Pending {
    state: String,
    verifier: String,
}

/// State and verifier from two random values, which core derives from one.
fn pending() -> Pending {
    Pending { state: URL_SAFE_NO_PAD.encode([7; 32]), verifier: URL_SAFE_NO_PAD.encode([8; 32]) }
}

fn begin() -> (String, Pending) {
    let pending = pending();
    let mut challenge = [0; 43];
    let digest = Sha256::digest(pending.verifier.as_bytes());
    URL_SAFE_NO_PAD.encode_slice(digest, &mut challenge).expect("43 characters");
    let mut url = String::with_capacity(512);
    url.push_str(AUTHORIZATION_ENDPOINT);
    url.push('?');
    let start = url.len();
    let mut query = Serializer::for_suffix(url, start);
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", CLIENT_ID)
        .append_pair("redirect_uri", REDIRECT_URI)
        .append_pair("scope", SCOPE)
        .append_pair("state", &pending.state)
        .append_pair("code_challenge", std::str::from_utf8(&challenge).expect("base64"))
        .append_pair("code_challenge_method", "S256");
    (query.finish(), pending)
}

/// The code, if each parameter is there once and the state and the issuer are right.
fn checked<'q>(
    parameters: form_urlencoded::Parse<'q>,
    pending: &Pending,
) -> Option<std::borrow::Cow<'q, str>> {
    let (mut code, mut state, mut iss) = (None, None, None);
    for (name, value) in parameters {
        let place = match &*name {
            "code" => &mut code,
            "state" => &mut state,
            "iss" => &mut iss,
            "error" => return None,
            _ => continue,
        };
        if place.replace(value).is_some() {
            return None;
        }
    }
    let same: bool = state?.as_bytes().ct_eq(pending.state.as_bytes()).into();
    if same && iss? == ISSUER { code } else { None }
}

fn code_request(code: &str, pending: &Pending) -> Request {
    let mut form = Serializer::new(String::with_capacity(256));
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", REDIRECT_URI)
        .append_pair("code_verifier", &pending.verifier);
    let mut pair: String = byte_serialize(CLIENT_ID.as_bytes()).collect();
    pair.push(':');
    pair.extend(byte_serialize(CLIENT_SECRET.as_bytes()));
    let mut basic = String::from("Basic ");
    STANDARD.encode_string(pair, &mut basic);
    let mut basic = HeaderValue::try_from(basic).expect("a header");
    basic.set_sensitive(true);

    let mut request = Request::new(form.finish().into_bytes());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = TOKEN_ENDPOINT.parse().expect("a URI");
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(AUTHORIZATION, basic);
    request
}

#[derive(Deserialize)]
struct Tokens<'a> {
    access_token: String,
    token_type: &'a str,
    expires_in: Option<u64>,
    refresh_token: Option<String>,
    scope: Option<String>,
    id_token: Option<String>,
}

fn read(response: &Response) {
    assert!(response.status() == 200, "a success");
    let tokens: Tokens<'_> = serde_json::from_slice(response.body()).expect("tokens");
    assert!(tokens.token_type.eq_ignore_ascii_case("bearer"), "a bearer token");
    black_box((
        &tokens.access_token,
        tokens.expires_in,
        &tokens.refresh_token,
        &tokens.scope,
        &tokens.id_token,
    ));
}

/// The same for a program that keeps what else the server says, as core does.
#[derive(Deserialize)]
struct AllTokens<'a> {
    access_token: String,
    token_type: &'a str,
    expires_in: Option<u64>,
    refresh_token: Option<String>,
    scope: Option<String>,
    id_token: Option<String>,
    #[serde(flatten)]
    others: BTreeMap<String, serde_json::Value>,
}

fn read_all(response: &Response) {
    assert!(response.status() == 200, "a success");
    let tokens: AllTokens<'_> = serde_json::from_slice(response.body()).expect("tokens");
    assert!(tokens.token_type.eq_ignore_ascii_case("bearer"), "a bearer token");
    black_box((
        &tokens.access_token,
        tokens.expires_in,
        &tokens.refresh_token,
        &tokens.scope,
        &tokens.id_token,
        &tokens.others,
    ));
}

pub(crate) fn authorization_url() -> Round {
    Box::new(|| {
        black_box(begin());
    })
}

pub(crate) fn redirect_by_url() -> Round {
    let pending = pending();
    let arrival = arrival(&pending.state);
    Box::new(move || {
        let url = url::Url::parse(&arrival).expect("a URL");
        black_box(checked(url.query_pairs(), &pending).expect("a code").into_owned());
    })
}

pub(crate) fn redirect() -> Round {
    let pending = pending();
    let arrival = arrival(&pending.state);
    Box::new(move || {
        let query = arrival.split_once('?').expect("a query").1;
        black_box(checked(form_urlencoded::parse(query.as_bytes()), &pending).expect("a code").into_owned());
    })
}

pub(crate) fn exchange_request() -> Round {
    let pending = pending();
    Box::new(move || {
        black_box(code_request(CODE, &pending));
    })
}

pub(crate) fn code_exchange() -> Round {
    let pending = pending();
    let arrival = arrival(&pending.state);
    Box::new(move || {
        let query = arrival.split_once('?').expect("a query").1;
        let code = checked(form_urlencoded::parse(query.as_bytes()), &pending).expect("a code");
        black_box(code_request(&code, &pending));
    })
}

pub(crate) fn code_exchange_by_url() -> Round {
    let pending = pending();
    let arrival = arrival(&pending.state);
    Box::new(move || {
        let url = url::Url::parse(&arrival).expect("a URL");
        let code = checked(url.query_pairs(), &pending).expect("a code");
        black_box(code_request(&code, &pending));
    })
}

pub(crate) fn token_response() -> Round {
    let answer = answer();
    Box::new(move || {
        read(&answer);
    })
}

pub(crate) fn token_response_with_all_members() -> Round {
    let answer = answer();
    Box::new(move || {
        read_all(&answer);
    })
}

pub(crate) fn whole_flow() -> Round {
    let pending = pending();
    let (arrival, answer) = (arrival(&pending.state), answer());
    Box::new(move || {
        let query = arrival.split_once('?').expect("a query").1;
        let code = checked(form_urlencoded::parse(query.as_bytes()), &pending).expect("a code");
        black_box(code_request(&code, &pending));
        read(&answer);
    })
}
