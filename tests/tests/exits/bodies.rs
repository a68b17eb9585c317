//! Bodies that come otherwise than as plain JSON: forms, byte order marks, gzip that nobody asked for.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use valetkey_core::error::Refused;
use valetkey_core::jose::{Algorithm, AwsLc, Signer as _};
use valetkey_core::server::JwksCache;
use valetkey_core::status::{Expectations, Introspected, Introspection, Revocation};
use valetkey_core::{
    AccessToken, DeviceAuthorizationRequest, Discovery, Error, Flow as _, Grant, Quirk, Response, Rule,
    TokenRequest,
};
use valetkey_tests::jose::key_pair;
use valetkey_tests::script::play;
use valetkey_tests::{NOW, json, server};

use crate::{admitting, parsed, whole, with};

fn plain(body: &str) -> Response {
    let mut response = json(200, body);
    response.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    response
}

/// TR-3: what drafts of OAuth had; the lifetime under either name.
#[test]
fn a_form_is_read_as_a_token_response_where_that_is_admitted() {
    let form = "access_token=a%2Bb%20c&expires=86400&token_type=bearer&refresh_token=r&x=%22";
    let error = parsed(plain(form), &[]).unwrap_err();
    assert_eq!((error.rule(), error.admitted_by()), (Some(Rule::Tr3), Some(Quirk::FormEncodedAnswer)));
    let tokens = parsed(plain(form), &[Quirk::FormEncodedAnswer]).unwrap();
    assert_eq!(tokens.access_token().expose(), "a+b c");
    assert_eq!(tokens.refresh_token().unwrap().expose(), "r");
    assert_eq!(tokens.expires_in(), Some(Duration::from_secs(86_400)));
    assert_eq!(tokens.member::<String>("x").unwrap().as_deref(), Some("\""));
    assert!(tokens.quirks().contains(Quirk::FormEncodedAnswer));
    assert!(!tokens.quirks().contains(Quirk::LifetimeAsText) && !tokens.checks().contains(Rule::Tr3));
    let both =
        parsed(plain("access_token=a&token_type=bearer&expires_in=5&expires=7"), &[Quirk::FormEncodedAnswer]);
    assert_eq!(both.unwrap().expires_in(), Some(Duration::from_secs(5)));
    // JSON stays JSON.
    assert!(
        !parsed(with(r#""x":"a=b""#), &[Quirk::FormEncodedAnswer])
            .unwrap()
            .quirks()
            .contains(Quirk::FormEncodedAnswer)
    );
}

/// TR-4, TR-2, TR-5: errors are errors in a form too, and the rules of the members hold.
#[test]
fn a_form_is_held_to_the_same_rules() {
    let admitted = &[Quirk::FormEncodedAnswer, Quirk::NoTokenType];
    let error =
        parsed(plain("error=bad_verification_code&error_description=Incorrect."), admitted).unwrap_err();
    let refused = error.refused().unwrap();
    assert!(
        *refused.code().unwrap() == "bad_verification_code" && refused.description() == Some("Incorrect.")
    );
    let mut dead = plain("error=invalid_grant");
    *dead.status_mut() = http::StatusCode::BAD_REQUEST;
    assert!(parsed(dead.clone(), admitted).unwrap_err().is_invalid_grant());
    let unread = parsed(dead, &[]).unwrap_err();
    assert_eq!(unread.refused().unwrap().excerpt(), Some("error=invalid_grant"));
    for (body, rule) in [
        ("access_token=a&access_token=b", Rule::Tr2),
        ("access_token=", Rule::Tr5),
        ("access_token=%0d%0a", Rule::Tr5),
        ("access_token=a&expires_in=-1", Rule::Tr9),
        ("<p>access_token=a</p>", Rule::Tr3),
        ("Sorry, no access_token=a", Rule::Tr3),
        ("a=b&c=d", Rule::Tr3),
    ] {
        assert_eq!(parsed(plain(body), admitted).unwrap_err().rule(), Some(rule), "{body}");
    }
    let many = format!("access_token=a{}", "&x=y".repeat(1000));
    assert!(parsed(plain(&many), admitted).is_err());
}

fn marked(response: Response) -> Response {
    response.map(|body| [&b"\xef\xbb\xbf"[..], &body].concat())
}

/// TR-2 and RFC 8259 §8.1, at whatever endpoint.
#[test]
fn a_byte_order_mark_is_passed_over_where_that_is_admitted() {
    let error = parsed(marked(with(r#""x":"y""#)), &[]).unwrap_err();
    assert_eq!((error.rule(), error.admitted_by()), (Some(Rule::Tr2), Some(Quirk::ByteOrderMark)));
    let tokens = parsed(marked(with(r#""x":"y""#)), &[Quirk::ByteOrderMark]).unwrap();
    assert!(tokens.quirks().contains(Quirk::ByteOrderMark));
    assert_eq!(tokens.member::<String>("x").unwrap().as_deref(), Some("y"));
    let document =
        || marked(json(200, r#"{"issuer":"https://as.example","response_types_supported":["code"]}"#));
    let strictly = Discovery::new("https://as.example").unwrap();
    assert_eq!(strictly.parse(document(), NOW).unwrap_err().admitted_by(), Some(Quirk::ByteOrderMark));
    let metadata = strictly.admit(Quirk::ByteOrderMark).parse(document(), NOW).unwrap();
    assert!(metadata.quirks().contains(Quirk::ByteOrderMark));
    assert_eq!(metadata.member::<String>("issuer").unwrap().as_deref(), Some("https://as.example"));
    let active = || marked(json(200, r#"{"active":true,"x":1}"#));
    let introspected = |quirks| Introspected::parse(active(), &Expectations::new(), &admitting(quirks), NOW);
    assert_eq!(introspected(&[]).unwrap_err().admitted_by(), Some(Quirk::ByteOrderMark));
    let token = introspected(&[Quirk::ByteOrderMark]).unwrap().active().unwrap();
    assert_eq!(token.member::<u8>("x").unwrap(), Some(1));
    // Twice is no mark.
    assert_eq!(
        parsed(marked(marked(with(r#""x":1"#))), &[Quirk::ByteOrderMark]).unwrap_err().rule(),
        Some(Rule::Tr2)
    );
    // A refusal's code is read past it.
    let refused = parsed(marked(json(400, r#"{"error":"invalid_grant"}"#)), &[]).unwrap_err();
    assert!(refused.is_invalid_grant());
}

fn packed(response: Response) -> Response {
    encoded(response, "gzip", |body| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    })
}

fn encoded(mut response: Response, name: &str, change: impl FnOnce(&[u8]) -> Vec<u8>) -> Response {
    response.headers_mut().insert("content-encoding", name.parse().unwrap());
    response.map(|body| change(&body))
}

/// RFC 9110 §12.5.3: a request without `Accept-Encoding` lets the server choose.
#[test]
fn gzip_is_unpacked_and_reported_at_every_endpoint() {
    let client = whole(server());
    let tokens = TokenRequest::new(&client, Grant::client_credentials()).unwrap();
    let tokens = play(tokens, [Some(packed(with(r#""x":1"#)))]).outcome.unwrap();
    assert!(tokens.quirks().contains(Quirk::UnaskedGzip));
    assert_eq!(tokens.member::<u8>("x").unwrap(), Some(1));
    assert!(!parsed(with(r#""x":1"#), &[]).unwrap().quirks().contains(Quirk::UnaskedGzip));
    assert!(parsed(packed(with(r#""x":1"#)), &[]).unwrap().quirks().contains(Quirk::UnaskedGzip));

    let document = r#"{"issuer":"https://as.example","response_types_supported":["code"]}"#;
    let metadata = play(Discovery::new("https://as.example").unwrap(), [Some(packed(json(200, document)))]);
    assert!(metadata.outcome.unwrap().quirks().contains(Quirk::UnaskedGzip));

    let key = key_pair(&AwsLc, Algorithm::Es256);
    let keys = serde_json::json!({ "keys": [key.public_key().unwrap()] }).to_string();
    let mut cache =
        JwksCache::verifying(std::sync::Arc::new(AwsLc), &[Algorithm::Es256], "https://as.example/jwks")
            .unwrap();
    let mut fetch = cache.refresh(NOW).unwrap();
    let _ = fetch.step(None, NOW).unwrap();
    let _ = fetch.step(Some(packed(json(200, &keys))), NOW).unwrap();
    cache.settle(fetch, NOW).unwrap();

    let token = AccessToken::new("a").unwrap();
    let active = packed(json(200, r#"{"active":true}"#));
    let active = play(Introspection::new(&client, &token).unwrap(), [Some(active)]).outcome.unwrap();
    assert!(active.active().unwrap().quirks().contains(Quirk::UnaskedGzip));

    let device =
        r#"{"device_code":"d","user_code":"u","verification_uri":"https://as.example/d","expires_in":60}"#;
    let device = play(DeviceAuthorizationRequest::new(&client).unwrap(), [Some(packed(json(200, device)))]);
    assert!(device.outcome.is_ok());

    let refusal = TokenRequest::new(&client, Grant::client_credentials()).unwrap();
    let refusal =
        play(refusal, [Some(packed(json(400, r#"{"error":"invalid_grant"}"#)))]).outcome.unwrap_err();
    assert!(refusal.is_invalid_grant());
    assert!(Refused::parse(&packed(json(400, r#"{"error":"x"}"#)), NOW).unwrap().code().is_some());
}

/// TR-2: what is unpacked is bounded as everything is, and what is no gzip is said to be none.
#[test]
fn unpacking_is_bounded() {
    let rule = |response: Response| match parsed(response, &[]) {
        Err(error) => (error.rule(), error.to_string()),
        Ok(_) => panic!("it was taken"),
    };
    let bomb = || packed(json(200, &format!(r#"{{"x":"{}"}}"#, "a".repeat(4 << 20))));
    assert!(bomb().body().len() < 1 << 17);
    let (broken, said) = rule(bomb());
    assert!(broken == Some(Rule::Tr2) && said.contains("unpacked"), "{said}");
    // One that lies about its size.
    let lying = bomb().map(|mut body| {
        let size = body.len() - 4;
        body[size..].copy_from_slice(&100u32.to_le_bytes());
        body
    });
    assert_eq!(rule(lying).0, Some(Rule::Tr2));
    for change in [
        |body: &[u8]| body[..body.len() / 2].to_vec(),
        |body: &[u8]| [body, b"more"].concat(),
        |body: &[u8]| [body, body].concat(),
        |_: &[u8]| Vec::new(),
        |body: &[u8]| body[1..].to_vec(),
    ] {
        assert_eq!(rule(packed(with(r#""x":1"#)).map(|body| change(&body))).0, Some(Rule::Tr2));
    }
}

/// The header is no proof of anything: `fetch` unpacks a body and leaves it, and some servers write a charset there. A rotated
/// refresh token is not lost over it.
#[test]
fn a_body_that_is_not_packed_is_read_whatever_its_encoding_is_said_to_be() {
    for name in ["gzip", "x-gzip", "GZIP", "br", "utf-8", "none", "application/json", "gzip, br", "identity"]
    {
        let plain = encoded(with(r#""refresh_token":"r1""#), name, <[u8]>::to_vec);
        let tokens = parsed(plain, &[]).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(tokens.refresh_token().unwrap().expose(), "r1");
        assert!(!tokens.quirks().contains(Quirk::UnaskedGzip), "{name}");
    }
    // And one that is packed is unpacked, whatever else is said.
    let packed = encoded(packed(with(r#""x":1"#)), "utf-8, gzip", <[u8]>::to_vec);
    assert!(parsed(packed, &[]).unwrap().quirks().contains(Quirk::UnaskedGzip));
    // An empty body stays one.
    let revocation = Revocation::access_token(&whole(server()), &AccessToken::new("a").unwrap()).unwrap();
    let empty = encoded(json(200, ""), "gzip", <[u8]>::to_vec);
    play(revocation, [Some(empty)]).outcome.unwrap();
}

#[test]
fn another_encoding_is_refused_by_its_name() {
    let binary = |body: &[u8]| [&[0x8b, 0x01, 0x80], body, &[3]].concat();
    for name in ["br", "deflate", "zstd", "gzip, gzip", "gzip, br", "exi"] {
        let error = parsed(encoded(with(r#""x":1"#), name, binary), &[]).unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Tr2));
        assert!(error.to_string().contains(name), "{error}");
    }
    assert!(parsed(encoded(with(r#""x":1"#), "identity", <[u8]>::to_vec), &[]).is_ok());
    // A refusal is told by its status all the same.
    let error = parsed(encoded(json(503, "??"), "br", binary), &[]).unwrap_err();
    assert!(error.is_transient() && matches!(error, Error::Refused(_)), "{error}");
}

/// The set that verifies is one of keys, whatever came before it.
#[test]
fn a_key_set_may_begin_with_a_byte_order_mark() {
    let body =
        serde_json::json!({ "keys": [key_pair(&AwsLc, Algorithm::Es256).public_key().unwrap()] }).to_string();
    let fetched = |quirks: &[Quirk]| {
        let cache =
            JwksCache::verifying(std::sync::Arc::new(AwsLc), &[Algorithm::Es256], "https://as.example/jwks");
        let mut cache = quirks.iter().fold(cache.unwrap(), |cache, &quirk| cache.admit(quirk));
        let mut fetch = cache.refresh(NOW).unwrap();
        let _ = fetch.step(None, NOW).unwrap();
        let _ = fetch.step(Some(marked(json(200, &body))), NOW).unwrap();
        cache.settle(fetch, NOW)
    };
    assert_eq!(fetched(&[]).unwrap_err().admitted_by(), Some(Quirk::ByteOrderMark));
    fetched(&[Quirk::ByteOrderMark]).unwrap();
}
