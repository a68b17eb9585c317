//! What a token endpoint answers: tokens, refusals, and the same of other endpoints.

use std::hint::black_box;

use valetkey_core::error::{Challenge, Refused};
use valetkey_core::status::{Expectations, Introspected};
use valetkey_core::terms::AuthorizationDetails;
use valetkey_core::{
    AuthorizationServer, Error, Flow, Grant, RefreshToken, Step, TokenRequest, TokenResponse,
};

use crate::rows::{NOW, answer, client, many, mixed, server};
use crate::{Round, Row};

pub(crate) const ROWS: &[Row] = &[
    Row { name: "token response: unknown members", round: |n| tokens(&members(n)) },
    Row { name: "token response: more members than are taken", round: |n| no_tokens(&members(n)) },
    Row {
        name: "token response: one long member",
        round: |n| tokens(&format!(r#""other":"{}""#, "x".repeat(n))),
    },
    Row {
        name: "token response: one long member of escapes",
        round: |n| tokens(&format!(r#""other":"{}""#, r"\n".repeat(n / 2))),
    },
    Row { name: "token response: a long access token", round: long_token },
    Row {
        name: "token response: a long ID token",
        round: |n| tokens(&format!(r#""id_token":"{}""#, "x".repeat(n))),
    },
    Row {
        name: "token response: an array of {}",
        round: |n| tokens(&format!(r#""other":[{}]"#, many(n, ",", |_| "{}".to_owned()))),
    },
    Row {
        name: "token response: an array of objects of 256 members",
        round: |n| {
            let object = format!("{{{}}}", many(256, ",", |one| format!(r#""{one:x}":1"#)));
            tokens(&format!(r#""other":[{}]"#, many(n, ",", |_| object.clone())))
        },
    },
    Row { name: "details granted of as many asked for", round: details },
    Row {
        name: "refusal: a long description",
        round: |n| refused(r#"{"error":"invalid_grant","error_description":""#, n, "\"}"),
    },
    Row { name: "refusal: a page", round: |n| refused("<html><body>", n, "</body></html>") },
    Row { name: "refusal that may echo a long refresh token", round: echo },
    Row {
        name: "challenge: parameters",
        round: |n| challenge(format!("Bearer {}", many(n, ", ", |one| format!("p{one}=v")))),
    },
    Row {
        name: "challenge: several",
        round: |n| challenge(many(n, ", ", |one| format!("Scheme{one} realm=\"r\", scope=\"s\""))),
    },
    Row {
        name: "challenge: a long text",
        round: |n| challenge(format!("Bearer realm=\"{}\"", "x".repeat(n))),
    },
    Row { name: "challenge: commas", round: |n| challenge(format!("Bearer realm=\"r\"{}", ",".repeat(n))) },
    Row { name: "challenge: spaces", round: |n| challenge(format!("Bearer {}realm=\"r\"", " ".repeat(n))) },
    Row { name: "introspection: members", round: |n| introspected(&members(n)) },
    Row {
        name: "introspection: audience",
        round: |n| {
            introspected(&format!(r#""aud":[{}]"#, many(n, ",", |one| format!(r#""https://{one}.example""#))))
        },
    },
];

fn members(count: usize) -> String {
    many(count, ",", |one| format!(r#""member_{}":"value""#, mixed(one)))
}

fn body(rest: &str) -> String {
    format!(r#"{{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer","expires_in":3600,{rest}}}"#)
}

fn tokens(rest: &str) -> Round {
    let answer = answer(200, body(rest));
    Box::new(move || {
        black_box(TokenResponse::parse(answer, NOW, &AuthorizationServer::new()).expect("tokens"));
    })
}

fn no_tokens(rest: &str) -> Round {
    let answer = answer(200, body(rest));
    Box::new(move || {
        black_box(TokenResponse::parse(answer, NOW, &AuthorizationServer::new()).expect_err("a refusal"));
    })
}

fn long_token(length: usize) -> Round {
    let answer = answer(200, format!(r#"{{"access_token":"{}","token_type":"Bearer"}}"#, "x".repeat(length)));
    Box::new(move || {
        black_box(TokenResponse::parse(answer, NOW, &AuthorizationServer::new()).expect("tokens"));
    })
}

fn details(count: usize) -> Round {
    let details = format!("[{}]", many(count, ",", |one| format!(r#"{{"type":"type_{}"}}"#, mixed(one))));
    let asked = AuthorizationDetails::parse(&details).expect("details");
    let grant = Grant::client_credentials().authorization_details(asked).expect("a grant");
    let mut flow = TokenRequest::new(&client(), grant).expect("a request");
    let Ok(Step::Send(_)) = flow.step(None, NOW) else { unreachable!("a request") };
    let answer = answer(200, body(&format!(r#""authorization_details":{details}"#)));
    Box::new(move || {
        let _ = black_box(flow.step(Some(answer), NOW).expect("tokens"));
    })
}

fn refused(before: &str, length: usize, after: &str) -> Round {
    let words = "the grant was refused, and this says why ".repeat(length / 41 + 1);
    let answer = answer(400, format!("{before}{words}{after}"));
    Box::new(move || {
        black_box(Refused::parse(&answer, NOW).expect("a refusal"));
    })
}

fn echo(length: usize) -> Round {
    let token = RefreshToken::new("8xLOxBtZp8".repeat(length / 10 + 1)).expect("a token");
    let mut flow = TokenRequest::new(&client(), Grant::refresh_token(&token)).expect("a request");
    let Ok(Step::Send(_)) = flow.step(None, NOW) else { unreachable!("a request") };
    let words = "the grant was refused, and this says why ".repeat(4 * length / 41 + 1);
    let answer = answer(400, format!(r#"{{"error":"invalid_grant","error_description":"{words}"}}"#));
    Box::new(move || {
        let refused = flow.step(Some(answer), NOW);
        assert!(matches!(refused, Err(Error::Refused(_))), "a refusal");
    })
}

fn challenge(value: String) -> Round {
    let mut headers = http::HeaderMap::new();
    headers.insert("www-authenticate", value.parse().expect("a header"));
    Box::new(move || {
        black_box(Challenge::parse(&headers).expect("challenges"));
    })
}

fn introspected(rest: &str) -> Round {
    let answer = answer(200, format!(r#"{{"active":true,{rest}}}"#));
    let expected = Expectations::new().audience("https://0.example");
    let server = server();
    Box::new(move || {
        let _ = black_box(Introspected::parse(answer, &expected, &server, NOW).expect("an answer"));
    })
}
