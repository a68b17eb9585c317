//! JM-1 to JM-8, AR-1 to AR-9: a response that the server has signed, and that is wrong all the same.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use valetkey_core::authorize::ResponseMode;
use valetkey_core::jose::{Algorithm, RustCrypto, Signer as _};
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, Client, Error, Flow as _, PendingAuthorization, Step,
};
use valetkey_tests::jose::{key_pair, verification_keys};
use valetkey_tests::{NOW, client_of, entropy, server};

const CALLBACK: &str = "https://app.example/callback";

fn client() -> Client {
    client_of(server().keys(verification_keys(&RustCrypto, Algorithm::Es256)))
}

fn begun(client: &Client) -> PendingAuthorization {
    let request = AuthorizationRequest::new(client, CALLBACK).unwrap().response_mode(ResponseMode::Jwt);
    request.begin_unbound(entropy(1), NOW).unwrap().1
}

/// What comes of a response whose claims are this text, signed by the server's key.
fn finish(client: &Client, pending: &mut PendingAuthorization, claims: &str) -> Result<(), Error> {
    let header = r#"{"alg":"ES256","kid":"k"}"#;
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = key_pair(&RustCrypto, Algorithm::Es256).sign(input.as_bytes()).unwrap().ready().unwrap();
    let url = format!("{CALLBACK}?response={input}.{}", URL_SAFE_NO_PAD.encode(signature));
    let response = AuthorizationResponse::from_url(&url)?;
    let opened = match pending.open(client, &response)?.step(None, NOW)? {
        Step::Done(opened) => opened,
        _ => panic!("the keys are at hand"),
    };
    pending.finish(client, &opened, NOW).map(drop)
}

/// The claims of a good response, each of which is a member as text.
fn good(state: &str) -> Vec<(&'static str, String)> {
    vec![
        ("iss", r#""https://as.example""#.to_owned()),
        ("aud", r#""s6BhdRkqt3""#.to_owned()),
        ("exp", (NOW.as_secs() + 600).to_string()),
        ("code", r#""SplxlOBeZQQYbYS6WxSbIA""#.to_owned()),
        ("state", format!("\"{state}\"")),
    ]
}

fn text(members: &[(&str, String)]) -> String {
    let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

/// Claims of wrong types, of others and of other times, that are missing or come twice, once in escapes: each is refused,
/// whoever signed it.
#[test]
fn held_claims_that_are_not_in_order_are_refused() {
    let client = client();
    let mut pending = begun(&client);
    let state = pending.state().to_owned();
    finish(&client, &mut pending, &text(&good(&state))).unwrap();

    let later = (NOW.as_secs() + 3600).to_string();
    let with = [
        ("iss", "null"),
        ("iss", "7"),
        ("iss", r#"["https://as.example"]"#),
        ("iss", r#"{"https://as.example":1}"#),
        ("iss", r#""https://as.example/""#),
        ("iss", r#""https://AS.example""#),
        ("iss", r#""https://as.example:443""#),
        ("iss", r#""http://as.example""#),
        ("iss", r#""https://as.example.evil.example""#),
        ("iss", r#""""#),
        ("aud", "null"),
        ("aud", "[]"),
        ("aud", "7"),
        ("aud", r#""S6BHDRKQT3""#),
        ("aud", r#""s6BhdRkqt3 other""#),
        ("aud", r#"["other"]"#),
        ("aud", r#"["s6BhdRkqt3",7]"#),
        ("aud", r#"[["s6BhdRkqt3"]]"#),
        ("aud", r#"{"s6BhdRkqt3":true}"#),
        ("exp", "null"),
        ("exp", "true"),
        ("exp", "[]"),
        ("exp", "{}"),
        ("exp", "0"),
        ("exp", "-1"),
        ("exp", "1700000000"),
        ("exp", "1e300"),
        ("exp", "18446744073709551616"),
        ("exp", r#""1800000000""#),
        ("iat", r#""1700000000""#),
        ("iat", &later),
        ("nbf", "{}"),
        ("nbf", &later),
        ("state", "null"),
        ("state", "7"),
        ("state", "[]"),
        ("state", r#""another""#),
        ("state", r#""""#),
        ("code", "null"),
        ("code", "7"),
        ("code", r#"["c"]"#),
        ("code", r#""""#),
        ("code", r#""a\u0000b""#),
        ("code", r#""a\r\nb""#),
        ("error", r#""access_denied""#),
        ("error", "7"),
        ("access_token", r#""t""#),
        ("id_token", r#""t""#),
    ];
    let mut wrong: Vec<String> = Vec::new();
    for (name, value) in with {
        let mut claims = good(&state);
        claims.retain(|(known, _)| *known != name);
        claims.push((name, value.to_owned()));
        wrong.push(text(&claims));
    }
    for name in ["iss", "aud", "exp", "code", "state"] {
        let without: Vec<_> = good(&state).into_iter().filter(|(known, _)| *known != name).collect();
        wrong.push(text(&without));
        // Twice, and twice with the name in escapes, before the right one and after it.
        let right = good(&state).into_iter().find(|(known, _)| *known == name).unwrap().1;
        let escaped = format!("\\u{:04x}{}", u32::from(name.as_bytes()[0]), &name[1..]);
        for again in [name, &escaped] {
            let mut claims: Vec<(&str, String)> = good(&state);
            claims.push((again, right.clone()));
            wrong.push(text(&claims));
            claims.rotate_right(1);
            wrong.push(text(&claims));
        }
    }
    let whole = text(&good(&state));
    wrong.extend([
        format!("[{whole}]"),
        format!("{whole}{whole}"),
        format!("{whole} x"),
        format!("\u{feff}{whole}"),
        "{}".to_owned(),
        String::new(),
    ]);
    assert!(wrong.len() > 28);
    for claims in wrong {
        let mut pending = begun(&client);
        let error = finish(&client, &mut pending, &claims).expect_err(&claims);
        assert!(matches!(error, Error::Malformed(_)), "{claims}: {error}");
        assert!(!error.to_string().contains("SplxlOBeZQQYbYS6WxSbIA"), "{error}");
    }
}
