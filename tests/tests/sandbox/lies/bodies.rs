//! The token response: its body, its members, and what is answered in its place.

use std::collections::BTreeMap;
use std::io::Read as _;

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use valetkey_core::Response;
use valetkey_sandbox::Sandbox;

use super::{Ask, body, granted, header, lie, told_with, truth};
use crate::key::Key;

fn unpacked(response: &Response) -> Vec<u8> {
    let mut all = Vec::new();
    GzDecoder::new(response.body().as_slice()).read_to_end(&mut all).unwrap();
    all
}

#[test]
fn a_body_is_spoilt_as_is_said_and_no_further() {
    let right = truth(granted).into_body();
    let open = &right[..right.len() - 1];
    let nested = ["[".repeat(100_000), "]".repeat(100_000)].concat();
    let padded = format!(",\"padding\":\"{}\"}}", "x".repeat(2 << 20));
    for (name, expected) in [
        ("byte-order-mark", ["\u{feff}".as_bytes(), &right].concat()),
        ("trailing-data", [&right[..], b"{}"].concat()),
        ("truncated-json", right[..right.len() / 2].to_vec()),
        ("empty-body", Vec::new()),
        ("not-utf-8", [open, b",\"note\":\"\xff\"}"].concat()),
        ("array-body", [b"[", &right[..], b"]"].concat()),
        ("deep-json", [open, b",\"nested\":", nested.as_bytes(), b"}"].concat()),
        ("huge-body", [open, padded.as_bytes()].concat()),
    ] {
        let wrong = lie(name, granted);
        assert_eq!((wrong.status().as_u16(), wrong.body() == &expected), (200, true), "{name}");
    }
}

#[test]
fn a_form_has_all_members_and_the_lifetime_by_its_old_name() {
    let form: BTreeMap<String, String> =
        form_urlencoded::parse(lie("form-encoded", granted).body()).into_owned().collect();
    let right = body(&truth(granted));
    let expected = right.as_object().unwrap().iter().map(|(name, value)| {
        let name = if name == "expires_in" { "expires" } else { name };
        (name.to_owned(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    });
    assert_eq!(form, expected.collect());
    assert!(form.contains_key("expires") && form.len() >= 5, "{form:?}");
}

#[test]
fn what_is_packed_is_the_same_once_it_is_unpacked() {
    let right = truth(granted);
    let gzip = lie("gzipped", granted);
    assert_eq!((header(&gzip, "content-encoding"), unpacked(&gzip)), (Some("gzip"), right.body().clone()));
    assert_ne!(gzip.body(), right.body());
    let brotli = lie("encoded-brotli", granted);
    assert_eq!((header(&brotli, "content-encoding"), unpacked(&brotli)), (Some("br"), right.body().clone()));
    let huge = lie("gzipped-huge", granted);
    assert_eq!(header(&huge, "content-encoding"), Some("gzip"));
    assert!(huge.body().len() < 16 << 10, "{}", huge.body().len());
    let mut all: Value = serde_json::from_slice(&unpacked(&huge)).unwrap();
    assert_eq!(all.as_object_mut().unwrap().remove("padding"), Some(json!("x".repeat(2 << 20))));
    assert_eq!(all, body(&right));
}

#[test]
fn a_status_or_a_header_is_another_and_the_body_is_the_same() {
    let right = truth(granted);
    for (name, status) in
        [("created", 201), ("non-authoritative", 203), ("success-as-400", 400), ("success-as-404", 404)]
    {
        let wrong = lie(name, granted);
        assert_eq!((wrong.status().as_u16(), wrong.body()), (status, right.body()), "{name}");
    }
    let padding = "x".repeat(1 << 20);
    for (name, field, value) in [
        ("text-html", "content-type", Some("text/html")),
        ("text-plain", "content-type", Some("text/plain")),
        ("no-content-type", "content-type", None),
        ("no-cache-control", "cache-control", None),
        ("date-before-1970", "date", Some("Wed, 31 Dec 1969 23:59:59 GMT")),
        ("date-day-zero", "date", Some("Mon, 00 Jan 2024 00:00:00 GMT")),
        ("huge-header", "x-padding", Some(&*padding)),
    ] {
        let wrong = lie(name, granted);
        assert_ne!(header(&right, field), value, "{name}");
        assert_eq!((header(&wrong, field), wrong.body()), (value, right.body()), "{name}");
    }
}

#[test]
fn a_member_is_another_or_is_not_there() {
    let set = |member: &'static str, value: Value| move |body: &mut Value| body[member] = value;
    let take =
        |member: &'static str| move |body: &mut Value| drop(body.as_object_mut().unwrap().remove(member));
    for (name, member) in [
        ("token-type-missing", "token_type"),
        ("access-token-missing", "access_token"),
        ("expires-in-missing", "expires_in"),
        ("refresh-token-missing", "refresh_token"),
        ("scope-missing", "scope"),
    ] {
        assert!(body(&truth(granted)).get(member).is_some(), "{member}");
        told_with(name, granted, take(member));
    }
    for (name, member, value) in [
        ("token-type-mac", "token_type", json!("mac")),
        ("token-type-number", "token_type", json!(5)),
        ("token-type-odd-case", "token_type", json!("bEARER")),
        ("access-token-empty", "access_token", json!("")),
        ("access-token-null", "access_token", Value::Null),
        ("access-token-line-break", "access_token", json!("a\r\nX-Injected: b")),
        ("expires-in-u64-max", "expires_in", json!(u64::MAX)),
        ("expires-in-text", "expires_in", json!("3600")),
        ("refresh-token-number", "refresh_token", json!(5)),
        ("error-beside-token", "error", json!("invalid_grant")),
        ("id-token-null", "id_token", Value::Null),
    ] {
        told_with(name, granted, set(member, value));
    }
    told_with("scope-commas", granted, |body| {
        let scope = body["scope"].as_str().unwrap().to_owned();
        assert_eq!(scope.split(' ').count(), 2);
        body["scope"] = scope.replace(' ', ",").into();
    });
    told_with("enveloped", granted, |body| *body = json!({ "status": 0, "body": body.clone() }));
    for (name, member) in [("two-access-tokens", "access_token"), ("two-expiries", "expires_in")] {
        let right = body(&truth(granted));
        let wrong = String::from_utf8(lie(name, granted).into_body()).unwrap();
        let twice = format!("\"{member}\":{},\"{member}\":\"second\"}}", right[member]);
        assert!(wrong.ends_with(&twice), "{wrong}");
        assert_eq!(wrong.matches(&format!("\"{member}\":")).count(), 2, "{wrong}");
    }
}

#[test]
fn a_bound_token_is_called_by_another_type() {
    let bound: Ask = |sandbox| crate::dpop::bound(sandbox, &Key::es256(), "1").response;
    assert_eq!(body(&truth(bound))["token_type"], "DPoP");
    told_with("token-type-downgraded", bound, |body| body["token_type"] = json!("Bearer"));
    told_with("token-type-odd-case", bound, |body| body["token_type"] = json!("dPOp"));
    // What is not bound has nothing to lose.
    told_with("token-type-downgraded", granted, |_| {});
}

#[test]
fn what_is_answered_in_its_place_is_that_alone() {
    let names = |response: &Response| -> Vec<String> {
        response.headers().keys().map(|name| name.as_str().to_owned()).collect()
    };
    for (name, status, field, value, text) in [
        ("redirect-302", 302, "location", "https://attacker.example/token", ""),
        ("redirect-307", 307, "location", "https://attacker.example/token", ""),
        ("error-with-200", 200, "content-type", "application/json", r#"{"error":"invalid_grant"}"#),
        ("unavailable-html", 503, "content-type", "text/html", "<!DOCTYPE html><h1>Back soon</h1>"),
        ("unavailable-retry-after", 503, "retry-after", "7", ""),
        ("too-many-requests", 429, "cache-control", "no-store", ""),
    ] {
        let wrong = lie(name, granted);
        assert_eq!((wrong.status().as_u16(), header(&wrong, field)), (status, Some(value)), "{name}");
        assert_eq!((std::str::from_utf8(wrong.body()), names(&wrong)), (Ok(text), vec![field.to_owned()]));
    }
    let object = lie("unavailable-error-object", granted);
    assert_eq!((object.status().as_u16(), header(&object, "retry-after")), (503, Some("7")));
    assert_eq!(body(&object)["error"], json!({ "code": 503, "message": "Back soon." }));
    let huge = lie("error-code-huge", granted);
    assert_eq!((huge.status().as_u16(), body(&huge)), (400, json!({ "error": "e".repeat(5 * 1024) })));
    assert_eq!(header(&huge, "content-type"), Some("application/json"));
}

/// What a client must not put into its log.
#[test]
fn an_echo_has_the_secrets_of_the_request() {
    let asked: fn(&mut Sandbox) -> Response = granted;
    let wrong = lie("error-description-echo", asked);
    assert_eq!((wrong.status().as_u16(), &body(&wrong)["error"]), (400, &json!("invalid_request")));
    let words = body(&wrong)["error_description"].as_str().unwrap().to_owned();
    let password = form_urlencoded::byte_serialize(valetkey_sandbox::DEMO_USERS[0].1.as_bytes());
    assert!(words.contains(" Basic ") && words.contains(&*password.collect::<String>()), "{words}");
}
