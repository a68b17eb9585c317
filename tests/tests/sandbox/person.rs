//! The person without a browser, and the log of what was asked and answered.

use valetkey_sandbox::{Arrival, Endpoint, Person, PersonError};

use crate::support::*;

#[test]
fn a_person_gets_no_further_than_the_page() {
    let mut sandbox = demo();
    let alice = person("alice");
    let url = authorization_url(&sandbox, REQUEST);
    assert_eq!(sandbox.visit("not a url", &alice, NOW).unwrap_err(), PersonError::BadUrl);
    let stranger = Person::new("alice", "wrong");
    assert_eq!(sandbox.visit(&url, &stranger, NOW).unwrap_err(), PersonError::Stays);
    let unknown = authorization_url(&sandbox, &with(REQUEST, &[("client_id", "nobody")]));
    assert_eq!(sandbox.visit(&unknown, &alice, NOW).unwrap_err(), PersonError::Stays);

    let html = String::from_utf8(ask(&mut sandbox, REQUEST).into_body()).unwrap();
    assert_eq!(
        alice.consent("https://sandbox.example/x", "<p>no form</p>").unwrap_err(),
        PersonError::NoForm
    );
    assert_eq!(alice.deny("not a url", &html).unwrap_err(), PersonError::BadUrl);
    let elsewhere = html.replace("action=\"/oauth", "action=\"//attacker.example/oauth");
    assert_eq!(alice.consent("https://sandbox.example/x", &elsewhere).unwrap_err(), PersonError::BadUrl);
    let two_forms = format!("{html}<form method=\"post\" action=\"/x\"></form>");
    assert_eq!(alice.consent("https://sandbox.example/x", &two_forms).unwrap_err(), PersonError::NoForm);
    let request = alice.consent("https://sandbox.example:8443/oauth/auth?x=1", &html).unwrap();
    assert_eq!(request.uri().to_string(), "https://sandbox.example:8443/oauth/auth");
    for error in [PersonError::BadUrl, PersonError::NoForm, PersonError::Stays] {
        assert!(error.to_string().starts_with("the "), "{error}");
    }
}

#[test]
fn what_a_person_holds_is_not_shown() {
    let mut sandbox = demo();
    assert!(!format!("{:?}", person("alice")).contains("correct horse"));
    for mode in ["query", "form_post"] {
        let arrival = arrive(&mut sandbox, "alice", &with(REQUEST, &[("response_mode", mode)]));
        let code = arrival.parameter("code").unwrap();
        assert!(!format!("{arrival:?}").contains(&code), "{arrival:?}");
        assert_eq!(arrival.url().is_some(), matches!(arrival, Arrival::Get(_)));
    }
}

#[test]
fn the_log_says_what_happened_and_keeps_it_whole() {
    let mut sandbox = demo();
    let code = code(&mut sandbox, "alice", &[]);
    let _ = token(&mut sandbox, By::Basic("web"), &redeeming(&code), after(7));
    let [shown, decided, redeemed] = sandbox.log() else { panic!("{:?}", sandbox.log()) };
    let endpoints = [shown, decided, redeemed].map(|it| (it.endpoint(), it.response().status().as_u16()));
    let expected = [(Endpoint::Authorization, 200), (Endpoint::Authorization, 303), (Endpoint::Token, 200)];
    assert_eq!(endpoints, expected);
    assert_eq!(shown.parameter("client_id").as_deref(), Some("web"));
    assert_eq!(decided.parameter("decision").as_deref(), Some("allow"));
    assert_eq!(redeemed.parameter("code"), Some(code));
    assert_eq!(redeemed.at(), after(7));
    assert!(redeemed.request().headers().contains_key("authorization"));
    let line = redeemed.redacted();
    assert!(
        line.contains("POST /oauth/token grant_type=authorization_code code=.. redirect_uri=.."),
        "{line}"
    );
    assert!(line.contains("-> 200 access_token=.. expires_in=600 refresh_token=.."), "{line}");
}
