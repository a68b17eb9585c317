//! WA-3, WA-4, AQ-11: what an API asks for becomes the next authorization request, and not for ever.

use std::time::Duration;

use valetkey_core::api::{StepUp, StepUps};
use valetkey_core::{
    AuthorizationRequest, AuthorizationServer, Error, Flow as _, RefreshToken, Response, Rule, Scope,
    Session, Step, TokenResponse,
};
use valetkey_tests::{NOW, client, entropy, get, json};

fn answer(status: u16, challenges: &[&str]) -> Response {
    let mut response = json(status, "{}");
    for challenge in challenges {
        response.headers_mut().append("www-authenticate", challenge.parse().unwrap());
    }
    response
}

fn scope(text: &str) -> Scope {
    text.parse().unwrap()
}

fn request() -> AuthorizationRequest {
    AuthorizationRequest::new(&client(), "https://app.example/callback").unwrap()
}

/// The parameters of the URL for the browser that a step-up adds.
fn sent(request: &AuthorizationRequest) -> Vec<(String, String)> {
    let (url, _) = request.begin_unbound(entropy(1), NOW).unwrap();
    let query = url.as_str().split_once('?').unwrap().1.to_owned();
    form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .filter(|(name, _)| ["scope", "acr_values", "max_age"].contains(&name.as_str()))
        .collect()
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// RFC 9470 §3, both challenges, and §4, the request that follows.
#[test]
fn the_challenges_of_the_rfc_become_requests() {
    let level = answer(
        401,
        &[
            r#"Bearer error="insufficient_user_authentication", error_description="A different authentication level is required", acr_values="myACR""#,
        ],
    );
    let step = StepUp::parse(&level).unwrap().unwrap();
    assert_eq!(step.acr_values(), ["myACR"]);
    let request_of =
        |step: &StepUp| step.authorization(request().scope(scope("purchase")).unwrap(), None).unwrap();
    assert_eq!(sent(&request_of(&step)), [pair("scope", "purchase"), pair("acr_values", "myACR")]);

    let recent = answer(
        401,
        &[
            r#"Bearer error="insufficient_user_authentication", error_description="More recent authentication is required", max_age="5""#,
        ],
    );
    let step = StepUp::parse(&recent).unwrap().unwrap();
    assert_eq!(step.max_age(), Some(Duration::from_secs(5)));
    assert_eq!(sent(&request_of(&step)), [pair("scope", "purchase"), pair("max_age", "5")]);
}

/// WA-3: no right is lost for the one that is won.
#[test]
fn a_missing_scope_is_joined_with_what_is_held() {
    let forbidden = answer(403, &[r#"Bearer error="insufficient_scope", scope="write admin""#]);
    let step = StepUp::parse(&forbidden).unwrap().unwrap();
    let made =
        step.authorization(request().scope(scope("profile")).unwrap(), Some(&scope("read write"))).unwrap();
    assert_eq!(sent(&made), [pair("scope", "read write profile admin")]);
    let made = step.authorization(request(), None).unwrap();
    assert_eq!(sent(&made), [pair("scope", "write admin")]);
}

/// DP-10, WA-1: among several challenges, over several lines, in any case.
#[test]
fn the_challenge_that_asks_is_found_among_others() {
    let several = answer(
        401,
        &[
            r#"Basic realm="x", BEARER error="insufficient_user_authentication", acr_values="one""#,
            r#"dpop algs="ES256", error="insufficient_user_authentication", ACR_VALUES="two three""#,
        ],
    );
    assert_eq!(StepUp::parse(&several).unwrap().unwrap().acr_values(), ["two", "three"]);
    for (status, challenges) in [
        (401, vec![]),
        (401, vec!["Bearer"]),
        (401, vec![r#"Bearer error="invalid_token", scope="a""#]),
        (401, vec![r#"Bearer error="insufficient_user_authentication""#]),
        (403, vec![r#"Bearer error="insufficient_scope""#]),
        (401, vec![r#"Negotiate error="insufficient_scope", scope="a""#]),
        (200, vec![r#"Bearer error="insufficient_scope", scope="a""#]),
        (500, vec![r#"Bearer error="insufficient_scope", scope="a""#]),
    ] {
        assert_eq!(StepUp::parse(&answer(status, &challenges)).unwrap(), None, "{status} {challenges:?}");
    }
}

/// WA-4.
#[test]
fn what_is_asked_for_has_its_syntax() {
    let words = "a ".repeat(33);
    for parameter in [
        r#"max_age="-1""#,
        r#"max_age="""#,
        r#"max_age="1.5""#,
        r#"max_age="+5""#,
        r#"max_age="5 ""#,
        r#"max_age="18446744073709551616""#,
        r#"acr_values="a\"b""#,
        r#"acr_values="""#,
        r#"acr_values="a\\b""#,
        r#"scope="a\"b""#,
        r#"scope="""#,
        r#"scope="  ""#,
        &format!(r#"acr_values="{words}""#),
    ] {
        let challenge = format!("Bearer error=\"insufficient_user_authentication\", {parameter}");
        let error = StepUp::parse(&answer(401, &[&challenge])).expect_err(parameter);
        assert_eq!(error.rule(), Some(Rule::Wa4), "{parameter}");
    }
    let garbled = answer(401, &[r#"Bearer error="insufficient_scope, scope="a""#]);
    assert_eq!(StepUp::parse(&garbled).expect_err("garbled").rule(), Some(Rule::Wa1));
}

/// WA-3: who asks for the same again was not satisfied by it, and nobody is sent round for ever.
#[test]
fn stepping_up_ends() {
    let asking =
        |scope: &str| answer(403, &[&format!(r#"Bearer error="insufficient_scope", scope="{scope}""#)]);
    let mut steps = StepUps::new();
    assert!(steps.next(&asking("a"), NOW).unwrap().is_some());
    assert!(matches!(steps.next(&asking("a"), NOW), Err(Error::Refused(_))));

    let mut steps = StepUps::new();
    for scope in ["a", "b", "c"] {
        assert!(steps.next(&asking(scope), NOW).unwrap().is_some());
    }
    assert!(matches!(steps.next(&asking("d"), NOW), Err(Error::Refused(_))));

    // An answer in between is a success, and the count begins anew.
    let mut steps = StepUps::new();
    for _ in 0..10 {
        assert!(steps.next(&asking("a"), NOW).unwrap().is_some());
        assert!(steps.next(&answer(200, &[]), NOW).unwrap().is_none());
    }
}

fn session() -> Session {
    let body = r#"{"access_token":"a","token_type":"Bearer","refresh_token":"r","expires_in":3600}"#;
    let tokens = TokenResponse::parse(json(200, body), NOW, &AuthorizationServer::new()).unwrap();
    Session::from_tokens(&client(), &tokens)
}

/// WA-3: a call renews for a token that is refused, and not where only a person helps.
#[test]
fn a_call_does_not_renew_where_a_person_is_needed() {
    for (challenge, renews) in [
        (r#"Bearer error="invalid_token""#, true),
        ("Bearer", true),
        (r#"Bearer error="insufficient_user_authentication", max_age="0""#, false),
        (r#"Bearer error="insufficient_scope", scope="a""#, false),
        (r#"Bearer error="invalid_request""#, false),
        (r#"bearer error="invalid_token", DPoP error="insufficient_user_authentication""#, false),
        // Garbled: then the status alone counts.
        (r#"Bearer error="invalid_request"#, true),
    ] {
        let mut session = session();
        let mut call = session.call(get("https://api.example/orders")).unwrap();
        assert!(matches!(call.step(None, NOW), Ok(Step::Send(_))));
        let asked = match call.step(Some(answer(401, &[challenge])), NOW) {
            Ok(Step::Send(request)) => request.uri().path() == "/token",
            Ok(Step::Done(response)) => {
                assert_eq!(response.status(), 401);
                false
            }
            _ => panic!("it renews, or tells the answer"),
        };
        assert_eq!(asked, renews, "{challenge}");
        drop(call);
        assert_eq!(session.credential().is_some(), !renews, "{challenge}");
    }
    assert_eq!(session().refresh_token(), Some(&RefreshToken::new("r").unwrap()));
}
