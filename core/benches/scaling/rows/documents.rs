//! Documents, keys, JWTs, and what a browser brings.

use std::hint::black_box;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use valetkey_core::jose::{Algorithm, Claims, JwkSet, Jws, RustCrypto, VerificationKeys};
use valetkey_core::terms::AuthorizationDetails;
use valetkey_core::{AuthorizationResponse, Discovery, Flow, Step};

use crate::rows::{NOW, REDIRECT_URI, answer, many, mixed};
use crate::{Round, Row};

pub(crate) const ROWS: &[Row] = &[
    Row {
        name: "metadata: members",
        round: |n| metadata(&many(n, ",", |one| format!(r#""member_{}":"v""#, mixed(one)))),
    },
    Row { name: "metadata: one list", round: |n| metadata(&list("scopes_supported", n)) },
    Row {
        name: "metadata: twenty lists",
        round: |n| metadata(&many(20, ",", |one| list(&format!("list_{one}_supported"), n))),
    },
    Row { name: "JWK set: read", round: |n| keys_read(n, true) },
    Row { name: "JWK set: more keys than are taken", round: |n| keys_read(n, false) },
    Row { name: "JWK set: keys made", round: keys_made },
    Row { name: "JWT: its key among others", round: key_found },
    Row { name: "JWT: a long payload", round: jwt },
    Row {
        name: "claims: members",
        round: |n| claims(format!("{{{}}}", many(n, ",", |one| format!(r#""claim_{}":1"#, mixed(one))))),
    },
    Row {
        name: "claims: audience",
        round: |n| {
            claims(format!(r#"{{"aud":[{}]}}"#, many(n, ",", |one| format!(r#""https://{one}.example""#))))
        },
    },
    Row { name: "redirect: parameters", round: |n| redirect(&many(n, "&", |one| format!("p{one}=v")), true) },
    Row {
        name: "redirect: more parameters than are taken",
        round: |n| redirect(&many(n, "&", |one| format!("p{one}=v")), false),
    },
    Row {
        name: "redirect: a long parameter of escapes",
        round: |n| redirect(&format!("p={}", "%41".repeat(n / 3)), true),
    },
    Row {
        name: "authorization_details: objects",
        round: |n| {
            details(format!(
                "[{}]",
                many(n, ",", |one| format!(r#"{{"type":"type_{one}","actions":["read"]}}"#))
            ))
        },
    },
    Row {
        name: "authorization_details: one long object",
        round: |n| {
            details(format!(r#"[{{"type":"t","values":[{}]}}]"#, many(n / 2, ",", |_| "1".to_owned())))
        },
    },
];

fn list(name: &str, count: usize) -> String {
    format!(r#""{name}":[{}]"#, many(count, ",", |one| format!(r#""value_{}""#, mixed(one))))
}

fn metadata(rest: &str) -> Round {
    let mut flow = Discovery::new("https://as.example").expect("a flow");
    let Ok(Step::Send(_)) = flow.step(None, NOW) else { unreachable!("a request") };
    let answer = answer(
        200,
        format!(
            r#"{{"issuer":"https://as.example","authorization_endpoint":"https://as.example/authorize","token_endpoint":"https://as.example/token","response_types_supported":["code"],{rest}}}"#
        ),
    );
    Box::new(move || {
        let _ = black_box(flow.step(Some(answer), NOW).expect("metadata"));
    })
}

/// So many keys, which differ by their identifiers.
fn keys(count: usize) -> String {
    // The key of RFC 7515's A.3.
    let key = r#""kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0""#;
    format!(r#"{{"keys":[{}]}}"#, many(count, ",", |one| format!(r#"{{{key},"kid":"key-{}"}}"#, mixed(one))))
}

fn keys_read(count: usize, fits: bool) -> Round {
    let text = keys(count);
    Box::new(move || assert_eq!(black_box(JwkSet::parse(text.as_bytes())).is_ok(), fits, "a set"))
}

fn made(count: usize) -> VerificationKeys {
    let set = JwkSet::parse(keys(count).as_bytes()).expect("a set");
    VerificationKeys::new(&RustCrypto, &[Algorithm::Es256], &set).expect("keys")
}

fn keys_made(count: usize) -> Round {
    let set = JwkSet::parse(keys(count).as_bytes()).expect("a set");
    Box::new(move || {
        black_box(VerificationKeys::new(&RustCrypto, &[Algorithm::Es256], &set).expect("keys"));
    })
}

fn key_found(count: usize) -> Round {
    let keys = made(count);
    let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"ES256","kid":"key-{}"}}"#, mixed(count - 1)));
    let jwt = format!("{header}.e30.{}", "A".repeat(86));
    Box::new(move || {
        let jws = Jws::parse(&jwt).expect("a JWT");
        assert!(keys.knows(&jws).expect("an answer"), "its key is there");
    })
}

fn jwt(length: usize) -> Round {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256"}"#);
    let payload = URL_SAFE_NO_PAD.encode(format!(r#"{{"claim":"{}"}}"#, "x".repeat(length)));
    let jwt = format!("{header}.{payload}.{}", "A".repeat(86));
    Box::new(move || {
        black_box(Jws::parse(&jwt).expect("a JWT"));
    })
}

fn claims(text: String) -> Round {
    Box::new(move || {
        black_box(Claims::read(text).expect("claims"));
    })
}

fn redirect(query: &str, fits: bool) -> Round {
    let url = format!("{REDIRECT_URI}?code=SplxlOBeZQQYbYS6WxSbIA&state=af0ifjsldkj&{query}");
    let response = move || AuthorizationResponse::from_url(&url).map(|response| response.state().is_some());
    Box::new(move || assert_eq!(response().unwrap_or_default(), fits, "a response"))
}

fn details(text: String) -> Round {
    Box::new(move || {
        black_box(AuthorizationDetails::parse(&text).expect("details"));
    })
}
