//! Planted secrets of every kind come out of no `Debug`, `Display`, error or URL, whatever a server echoes.

use std::time::Duration;

use http::{HeaderName, HeaderValue};
use valetkey_core::error::Refused;
use valetkey_core::session::{AwaitedCredential, Call, CallStep, SharedSession};
use valetkey_core::terms::Password;
use valetkey_core::{
    AccessToken, AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, ClientSecret,
    Error, Flow, Grant, RefreshToken, Response, Session, Step, Subject, TokenRequest, TokenResponse,
};
use valetkey_tests::secrets::{assert_absent, assert_clean, base64, planted, spellings, told};
use valetkey_tests::{NOW, entropy, get, heard, json, server};

const CALLBACK: &str = "https://app.example/callback";

fn secret() -> ClientSecret {
    ClientSecret::new(planted("client secret")).unwrap()
}

fn public() -> Client {
    Client::new(server(), "id").api("https://api.example").unwrap()
}

fn confidential() -> [Client; 2] {
    [public().secret(secret()).unwrap(), public().secret_in_body(secret()).unwrap()]
}

/// The kinds of secret that a token request carries.
const KINDS: [&str; 5] =
    ["authorization code", "refresh token", "password", "extension parameter", "client secret"];

/// The token request with this kind of secret in it.
#[expect(deprecated, reason = "the deprecated grant has a secret too")]
fn flow(client: &Client, kind: &str) -> TokenRequest {
    let grant = match kind {
        "authorization code" => return code_flow(client),
        "refresh token" => Grant::refresh_token(&RefreshToken::new(planted(kind)).unwrap()),
        "password" => Grant::password("me", &Password::new(planted(kind))),
        "client secret" => Grant::client_credentials(),
        _ => Grant::extension("urn:x:ticket", Subject::User, [("ticket", planted(kind))]).unwrap(),
    };
    TokenRequest::new(client, grant).unwrap()
}

fn code_flow(client: &Client) -> TokenRequest {
    let (_, mut pending) =
        AuthorizationRequest::new(client, CALLBACK).unwrap().begin_unbound(entropy(1), NOW).unwrap();
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("code", planted("authorization code")).append_pair("state", pending.state());
    let back = AuthorizationResponse::from_url(&format!("{CALLBACK}?{}", query.finish())).unwrap();
    pending.finish(client, &back, NOW).unwrap()
}

/// What the flow makes of the answer to its request.
fn answered(client: &Client, kind: &str, answer: Response) -> Result<TokenResponse, Error> {
    let mut flow = flow(client, kind);
    let _ = flow.step(None, NOW).unwrap();
    match flow.step(Some(answer), NOW)? {
        Step::Done(tokens) => Ok(tokens),
        step => panic!("{step:?}"),
    }
}

/// Every answer with this echo in it, wherever a server can put one.
fn echoes(echo: &str) -> Vec<Response> {
    let quoted = serde_json::to_string(echo).unwrap();
    let mut answers = vec![
        json(400, &format!(r#"{{"error":"invalid_grant","error_description":{quoted}}}"#)),
        json(
            400,
            &format!(
                r#"{{"error":"invalid_grant","error_description":"bad","error_uri":{}}}"#,
                serde_json::to_string(&format!("https://as.example/{echo}")).unwrap()
            ),
        ),
        json(400, &format!(r#"{{"error":{quoted}}}"#)),
        json(200, &format!(r#"{{"error":{quoted}}}"#)),
        json(400, &format!(r#"{{"message":{quoted}}}"#)),
        json(500, &format!("<p>You sent {echo}.</p>")),
        json(400, &format!("{}{echo}{echo}", " ".repeat(4090))),
        json(
            400,
            &format!(
                r#"{{"error":"e","error_description":{}}}"#,
                serde_json::to_string(&format!("{}{echo}", "\t".repeat(3196))).unwrap()
            ),
        ),
        json(200, &format!("not JSON: {echo}")),
        json(200, &format!(r#"{{"access_token":["{quoted}"]}}"#)),
        json(200, &format!(r#"{{"access_token":"a","token_type":{quoted}}}"#)),
        json(200, &format!(r#"{{"access_token":"a","token_type":"Bearer","expires_in":{quoted}}}"#)),
        json(200, &format!(r#"{{"access_token":"a","token_type":"Bearer","scope":[{quoted}]}}"#)),
        json(200, &format!(r#"{{{quoted}:1,{quoted}:2}}"#)),
    ];
    for (name, value) in [
        ("www-authenticate", format!("Basic realm={quoted}")),
        ("www-authenticate", echo.to_owned()),
        ("www-authenticate", format!("Bearer {echo}=x")),
        ("content-type", echo.to_owned()),
        ("retry-after", echo.to_owned()),
        ("location", echo.to_owned()),
        ("x-debug", echo.to_owned()),
    ] {
        let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) else { continue };
        for status in [401, 200, 302, 503] {
            let mut answer = json(status, "{}");
            answer.headers_mut().insert(name.parse::<HeaderName>().unwrap(), value.clone());
            answers.push(answer);
        }
    }
    answers
}

#[test]
fn no_secret_of_a_request_comes_out_of_what_answers_it() {
    for client in confidential() {
        for kind in KINDS {
            for (spelling, echo) in spellings(planted(kind)) {
                for (place, answer) in echoes(&echo).into_iter().enumerate() {
                    let told = match answered(&client, kind, answer) {
                        Ok(tokens) => format!("{tokens:?}"),
                        Err(error) => {
                            let parts = error
                                .refused()
                                .map(|refused| (refused.uri(), refused.excerpt(), refused.description()));
                            format!("{}{parts:?}", told(&error))
                        }
                    };
                    assert_absent(&told, kind, planted(kind), &format!("{spelling}, answer {place}"));
                }
            }
        }
    }
}

/// What a request is made of comes out neither: its header, its body, its verifier.
#[test]
fn no_part_of_a_request_comes_out_of_the_error_that_answers_it() {
    for client in confidential() {
        for kind in KINDS {
            let Step::Send(request) = flow(&client, kind).step(None, NOW).unwrap() else {
                panic!("no request")
            };
            let body = String::from_utf8(request.body().clone()).unwrap();
            let mut parts = vec![base64(body.as_bytes(), b"+/", true), base64(body.as_bytes(), b"-_", false)];
            let basic = request.headers().get("authorization").map(|value| value.to_str().unwrap());
            parts.extend(basic.and_then(|value| value.strip_prefix("Basic ")).map(str::to_owned));
            let pairs = form_urlencoded::parse(body.as_bytes());
            parts.extend(
                pairs.filter(|(name, _)| name == "code_verifier").map(|(_, value)| value.into_owned()),
            );
            for part in &parts {
                for answer in echoes(part) {
                    if let Err(error) = answered(&client, kind, answer) {
                        assert!(!told(&error).contains(part), "{kind}: {error:?}");
                    }
                }
            }
        }
    }
}

/// A server's text of any length, cut anywhere, shows no beginning of a secret either.
#[test]
fn a_text_is_not_cut_within_a_secret() {
    let client = confidential()[0].clone();
    let secret = planted("client secret");
    let begins = &secret[..8];
    for before in (3150..3600).step_by(5) {
        for (open, close) in [("", ""), (r#"{"error":"e","error_description":""#, "\"}")] {
            let echo = if open.is_empty() { secret.to_owned() } else { secret.replace('"', "\\\"") };
            let body = format!("{open}{}{echo}{}{close}", " ".repeat(before), "x ".repeat(5000));
            let error = answered(&client, "client secret", json(400, &body)).unwrap_err();
            assert!(!told(&error).contains(begins), "{before}: {error}");
        }
    }
}

/// Whatever looks like a token is hidden where nobody can know the request's secrets: in an API's own refusal.
#[test]
fn what_looks_like_a_token_is_not_shown() {
    for token in [
        "eyJhbGciOiJSUzUxMiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "ya29.a0AfH6SMBx-long_opaque_token",
        "ghp_0123456789abcdefghijklmnop",
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "Y2xpZW50OnNlY3JldA==Y2xpZW50OnNlY3JldA==",
    ] {
        for answer in echoes(token).into_iter().chain(echoes(&format!("token {token} has expired"))) {
            let text = match Refused::parse(&answer, NOW) {
                Ok(refused) => format!("{refused} {refused:?} {:?}", refused.uri()),
                Err(error) => told(&error),
            };
            assert!(!text.contains(token), "{text}");
        }
    }
    let plain = "The redirect_uri does not match a registered one, see the documentation";
    let body = format!(r#"{{"error":"invalid_request","error_description":"{plain}"}}"#);
    assert_eq!(Refused::parse(&json(400, &body), NOW).unwrap().description(), Some(plain));
}

/// What echoes nothing is shown as it is, whatever it holds; a secret that is echoed as it is costs itself only.
#[test]
fn what_is_no_secret_is_shown() {
    let told = |kind: &str, text: &str| {
        let text = serde_json::to_string(text).unwrap();
        let body = format!(r#"{{"error":"invalid_grant","error_description":{text}}}"#);
        let error = answered(&confidential()[0], kind, json(400, &body)).unwrap_err();
        error.refused().unwrap().description().unwrap().to_owned()
    };
    for kind in KINDS {
        for text in [
            "The refresh token has expired, or was revoked by its owner.",
            "100% sure + certain: 5 &gt; 4 & &#x41;",
            r#"see C:\docs\oauth "errors" \u0041"#,
            "Zugriff verweigert: gültig bis 31.12.",
        ] {
            assert_eq!(told(kind, text), text, "{kind}");
        }
        let echoed = format!("The value {} is unknown.", planted(kind));
        assert_eq!(told(kind, &echoed), "The value <secret> is unknown.", "{kind}");
    }
}

#[test]
fn no_value_shows_the_secret_it_holds() {
    let tokens = {
        let text = |kind| serde_json::to_string(planted(kind)).unwrap();
        let body = format!(
            r#"{{"access_token":{},"token_type":"Bearer","refresh_token":{},"id_token":{},"ticket":{}}}"#,
            text("access token"),
            text("refresh token"),
            text("id token"),
            text("extension parameter"),
        );
        TokenResponse::parse(json(200, &body), NOW, &AuthorizationServer::new()).unwrap()
    };
    let permanent = AccessToken::new(planted("permanent token")).unwrap();
    let session =
        Session::from_permanent_token("https://api.example", permanent.clone(), Subject::User).unwrap();
    let mut shown = format!("{tokens:?}{:?}{permanent:?}{session:?}{session:#?}", tokens.id_token());
    for client in confidential() {
        shown += &format!("{client:?}{:?}{:?}", client.server(), secret());
        let mut session = Session::from_tokens(&client, &tokens);
        shown += &format!("{session:?}{:?}{:?}", session.record().unwrap(), session.credential().unwrap());
        shown += &format!("{:?}{:?}", session.refresh_token(), session.credential().unwrap().access_token());
        let mut call = session.call(get("https://api.example/me")).unwrap();
        shown += &format!("{:?}", call.step(None, NOW).unwrap());
        shown += &format!("{call:?}");
        for kind in KINDS {
            let mut flow = flow(&client, kind);
            shown += &format!("{flow:?}{:?}", flow.step(None, NOW).unwrap());
        }
        let request = AuthorizationRequest::new(&client, CALLBACK).unwrap();
        // What is no ID token is refused when the request begins (AQ-20); a login_hint is shown as little.
        let hinting = request.clone().parameter("id_token_hint", planted("id token")).unwrap();
        let request = request.login_hint(planted("id token")).unwrap();
        let response =
            AuthorizationResponse::from_url(&format!("{CALLBACK}?code={}", planted("authorization code")));
        shown += &format!(
            "{hinting:?}{request:?}{:?}{:?}",
            response.unwrap(),
            request.begin_unbound(entropy(1), NOW).unwrap()
        );
    }
    shown += &format!("{:?}{:?}", Password::new(planted("password")), entropy(7));
    assert_clean(&shown, "a value's Debug");
}

/// What a program prints while it looks at a session that is shared, before a renewal, after one, and after its end.
#[test]
fn a_look_at_a_session_shows_no_secret() {
    let text = |kind| serde_json::to_string(planted(kind)).unwrap();
    let body = format!(
        r#"{{"access_token":{},"token_type":"Bearer","expires_in":600,"refresh_token":{}}}"#,
        text("access token"),
        text("refresh token"),
    );
    let tokens = TokenResponse::parse(json(200, &body), NOW, &AuthorizationServer::new()).unwrap();
    for client in confidential() {
        let session = SharedSession::new(Session::from_tokens(&client, &tokens));
        let look = || {
            session.look(|session| {
                let held = (session.credential(), session.refresh_token(), session.shared());
                format!("{session:?}{session:#?}{:?}{held:?}{:?}", session.record(), session.key())
            })
        };
        let mut shown = look();
        let (_, renewal) =
            session.provide(&mut AwaitedCredential::new(), NOW.after(Duration::from_secs(590))).unwrap();
        shown += &format!("{renewal:?}{session:?}{}", look());
        drop(renewal);
        let end = session.end().unwrap();
        shown += &format!("{end:?}{session:?}{}", look());
        assert_clean(&shown, "a look at a session");
        assert!(shown.contains("<secret>"), "a token was there to be shown");
    }
}

/// What a call wants done shows neither the request's query and headers, nor the API's answer.
#[test]
fn no_step_of_a_call_shows_a_secret() {
    let planted = planted("extension parameter");
    let permanent = AccessToken::new(planted).unwrap();
    let session = Session::from_permanent_token("https://api.example", permanent, Subject::User).unwrap();
    let (_, encoded) = spellings(planted).swap_remove(1);
    let mut request = get(&format!("https://api.example/me?ticket={encoded}"));
    request.headers_mut().insert("x-ticket", planted.parse().unwrap());
    *request.body_mut() = planted.into();
    let mut call = Call::new(session.shared(), &request).unwrap();
    let mut shown = format!("{call:?}{:?}", call.step(None).unwrap());
    assert!(call.use_fresh(session.shared(), NOW));
    let send = call.step(None).unwrap();
    assert!(matches!(send, CallStep::Send(_)));
    shown += &format!("{send:?}{send:#?}{call:?}");
    let mut answer = json(200, &serde_json::to_string(planted).unwrap());
    answer.headers_mut().insert("x-ticket", planted.parse().unwrap());
    let done = call.step(Some(heard(&answer))).unwrap();
    assert!(matches!(done, CallStep::Done));
    shown += &format!("{done:?}{call:?}");
    assert_clean(&shown, "a call's step");
    assert!(shown.contains("Send(Authorization(Bearer <secret>))"), "{shown}");
}

/// In a URL there is what the protocol puts there, and no secret beside it.
#[test]
fn no_secret_is_in_a_url() {
    for client in confidential() {
        let (url, pending) =
            AuthorizationRequest::new(&client, CALLBACK).unwrap().begin_unbound(entropy(1), NOW).unwrap();
        let stored = serde_json::to_value(&pending).unwrap();
        let mut urls = url.to_string();
        assert_absent(&urls, "verifier", stored["code_verifier"].as_str().unwrap(), "the browser's URL");
        for kind in KINDS {
            let mut flow = flow(&client, kind);
            let Step::Send(request) = flow.step(None, NOW).unwrap() else { panic!("nothing to send") };
            urls += &request.uri().to_string();
        }
        assert_clean(&urls, "a URL");
    }
}

/// A token that does not fit is refused without being quoted.
#[test]
fn a_secret_that_is_refused_is_not_quoted() {
    let bad = format!("{}\n", planted("access token"));
    let errors: [Error; 3] = [
        AccessToken::new(bad.clone()).unwrap_err(),
        RefreshToken::new(bad).unwrap_err(),
        Grant::extension("urn:x", Subject::User, [planted("extension parameter")]).unwrap_err(),
    ];
    for error in errors {
        assert_clean(&told(&error), "a refused secret");
    }
}
