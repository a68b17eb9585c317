//! Scopes: read, written, compared.

use std::hint::black_box;

use valetkey_core::{
    AuthorizationServer, Flow, Grant, RefreshToken, Scope, Step, TokenRequest, TokenResponse,
};

use crate::rows::{NOW, answer, client, many, mixed};
use crate::{Round, Row};

pub(crate) const ROWS: &[Row] = &[
    Row { name: "token response: scope tokens of 6 bytes", round: |n| response(&scope(n, 6)) },
    Row { name: "token response: scope tokens of 1,000 bytes", round: |n| response(&scope(n, 1000)) },
    Row { name: "token response: more scope tokens than are taken", round: |n| too_many(&scope(n, 6)) },
    Row {
        name: "scope read",
        round: |n| {
            let text = scope(n, 6);
            Box::new(move || {
                black_box(text.parse::<Scope>().expect("a scope"));
            })
        },
    },
    Row {
        name: "scope read, each token twice",
        round: |n| {
            let half = scope(n / 2, 6);
            let text = format!("{half} {half}");
            Box::new(move || {
                black_box(text.parse::<Scope>().expect("a scope"));
            })
        },
    },
    Row {
        name: "scope made of its tokens",
        round: |n| {
            let text = scope(n, 6);
            let tokens: Vec<String> = text.split(' ').map(str::to_owned).collect();
            Box::new(move || {
                black_box(Scope::new(&tokens).expect("a scope"));
            })
        },
    },
    Row { name: "two scopes compared", round: |n| compared(n, |one, other| one == other) },
    Row { name: "a scope within another", round: |n| compared(n, Scope::is_within) },
    Row {
        name: "a scope beyond another",
        round: |n| compared(n, |one, other| one.beyond(other).next().is_none()),
    },
    Row { name: "scope granted within what was", round: granted },
    Row { name: "refresh within what was granted", round: refreshed },
];

/// So many scope tokens of this length.
fn scope(count: usize, length: usize) -> String {
    many(count, " ", |one| format!("{:x>length$}", mixed(one)))
}

/// The same in the opposite order.
fn backwards(scope: &str) -> String {
    scope.split(' ').rev().collect::<Vec<_>>().join(" ")
}

fn tokens(scope: &str) -> String {
    format!(r#"{{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer","scope":"{scope}"}}"#)
}

fn response(scope: &str) -> Round {
    let answer = answer(200, tokens(scope));
    Box::new(move || {
        black_box(TokenResponse::parse(answer, NOW, &AuthorizationServer::new()).expect("tokens"));
    })
}

fn too_many(scope: &str) -> Round {
    let answer = answer(200, tokens(scope));
    Box::new(move || {
        black_box(TokenResponse::parse(answer, NOW, &AuthorizationServer::new()).expect_err("a refusal"));
    })
}

fn compared(count: usize, are: fn(&Scope, &Scope) -> bool) -> Round {
    let text = scope(count, 6);
    let one: Scope = text.parse().expect("a scope");
    let other: Scope = backwards(&text).parse().expect("a scope");
    Box::new(move || assert!(are(&one, &other), "the same scope"))
}

fn granted(count: usize) -> Round {
    let text = scope(count, 6);
    let token = RefreshToken::new("8xLOxBtZp8").expect("a token");
    let grant = Grant::refresh_token(&token).at_most(text.as_str()).expect("a grant");
    let mut flow = TokenRequest::new(&client(), grant).expect("a request");
    let Ok(Step::Send(_)) = flow.step(None, NOW) else { unreachable!("a request") };
    let answer = answer(200, tokens(&backwards(&text)));
    Box::new(move || {
        let _ = black_box(flow.step(Some(answer), NOW).expect("tokens"));
    })
}

fn refreshed(count: usize) -> Round {
    let text = scope(count, 6);
    let token = RefreshToken::new("8xLOxBtZp8").expect("a token");
    let was: Scope = backwards(&text).parse().expect("a scope");
    let grant = Grant::refresh_token(&token).granted(was).scope(text.as_str()).expect("a grant");
    let client = client();
    Box::new(move || {
        black_box(TokenRequest::new(&client, grant).expect("a request"));
    })
}
