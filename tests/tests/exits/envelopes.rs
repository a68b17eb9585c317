//! Tokens in an envelope: where they are is data, and nothing is looked for elsewhere.

use valetkey_core::{AuthorizationServer, Error, Grant, Quirk, Response, Rule, TokenRequest, TokenResponse};
use valetkey_tests::script::play;
use valetkey_tests::{NOW, client_of, json, server};

fn read(pointer: &str, quirks: &[Quirk], body: &str) -> Result<TokenResponse, Error> {
    let server = quirks.iter().fold(server(), |server, &quirk| server.admit(quirk));
    TokenResponse::parse(json(200, body), NOW, &server.tokens_at(pointer).unwrap())
}

/// Slack's user tokens, Withings, Instagram; RFC 6901 §4.
#[test]
fn the_members_are_read_where_they_are() {
    let slack = r#"{"ok":true,"app_id":"A0","authed_user":{"id":"U1","scope":"chat:write","access_token":"xoxp-1","token_type":"user"},"team":{"id":"T9"}}"#;
    let withings = r#"{"status":0,"body":{"access_token":"a075","refresh_token":"f631","scope":"user.info","expires_in":10800,"token_type":"Bearer"}}"#;
    let instagram = r#"{"data":[{"access_token":"i","token_type":"bearer"}]}"#;
    let odd = r#"{"a/b":{"m~n":{"access_token":"o","token_type":"bearer"}}}"#;
    for (pointer, quirks, body, token) in [
        ("/authed_user", &[Quirk::SubjectAsTokenType][..], slack, "xoxp-1"),
        ("/body", &[], withings, "a075"),
        ("/data/0", &[], instagram, "i"),
        ("/a~1b/m~0n", &[], odd, "o"),
    ] {
        let tokens = read(pointer, quirks, body).unwrap();
        assert_eq!(tokens.access_token().expose(), token);
        assert!(tokens.quirks().contains(Quirk::TokensElsewhere), "{pointer}");
    }
    let tokens = read("/authed_user", &[Quirk::SubjectAsTokenType], slack).unwrap();
    assert_eq!(tokens.member::<String>("app_id").unwrap().as_deref(), Some("A0"));
    assert_eq!(tokens.scope().unwrap().as_str(), "chat:write");
    assert_eq!(read("/body", &[], withings).unwrap().refresh_token().unwrap().expose(), "f631");
    // Without the pointer it is a response without a token, and the error says where one is.
    for (place, body) in [("/body", withings), ("/data/0", instagram), ("/authed_user", slack)] {
        let error = TokenResponse::parse(json(200, body), NOW, &server()).unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Tr5));
        let text = error.to_string();
        assert!(text.contains(&format!("`{place}`")) && text.contains("tokens_at"), "{text}");
        assert!(!text.contains("a075") && !text.contains("xoxp"), "{text}");
    }
    let hostile = r#"{"\u001b[31m":{"access_token":"h"},"d":{"e":{"f":{"access_token":"deep"}}}}"#;
    let error = TokenResponse::parse(json(200, hostile), NOW, &server()).unwrap_err();
    assert!(!error.to_string().contains("tokens_at"), "{error}");
}

/// TR-5: what is missing there is not looked for elsewhere.
#[test]
fn nothing_is_taken_from_another_place() {
    for body in [
        r#"{"access_token":"top","token_type":"Bearer"}"#,
        r#"{"access_token":"top","token_type":"Bearer","body":{}}"#,
        r#"{"access_token":"top","token_type":"Bearer","body":[]}"#,
        r#"{"access_token":"top","token_type":"Bearer","body":"access_token"}"#,
        r#"{"body":{"body":{"access_token":"deep","token_type":"Bearer"}}}"#,
    ] {
        assert_eq!(read("/body", &[], body).unwrap_err().rule(), Some(Rule::Tr5), "{body}");
    }
    let without_type = r#"{"token_type":"Bearer","refresh_token":"top","body":{"access_token":"a"}}"#;
    let error = read("/body", &[], without_type).unwrap_err();
    assert_eq!(error.admitted_by(), Some(Quirk::NoTokenType));
    assert!(read("/body", &[Quirk::NoTokenType], without_type).unwrap().refresh_token().is_none());
    for place in ["/data/1", "/data/00", "/data/-", "/data/x", "/data/0/access_token"] {
        let body = r#"{"data":[{"access_token":"i","token_type":"bearer"}]}"#;
        assert_eq!(read(place, &[], body).unwrap_err().rule(), Some(Rule::Tr5), "{place}");
    }
}

/// TR-4: an error is an error at the top and there.
#[test]
fn errors_are_looked_for_at_the_top_and_there() {
    for body in [
        r#"{"error":"invalid_grant","body":{"access_token":"a","token_type":"Bearer"}}"#,
        r#"{"status":0,"body":{"error":"invalid_grant","access_token":"a","token_type":"Bearer"}}"#,
    ] {
        assert!(read("/body", &[], body).unwrap_err().is_invalid_grant(), "{body}");
    }
    let server = || server().tokens_at("/body").unwrap();
    let refused = |response: Response| {
        let flow = TokenRequest::new(&client_of(server()), Grant::client_credentials()).unwrap();
        play(flow, [Some(response)]).outcome.unwrap_err()
    };
    let error = refused(json(400, r#"{"body":{"error":"invalid_scope","error_description":"Too much."}}"#));
    assert_eq!(error.refused().unwrap().description(), Some("Too much."));
    assert!(*error.refused().unwrap().code().unwrap() == "invalid_scope");
}

/// RFC 9396 §7: details are read from the same place.
#[test]
fn what_was_granted_is_read_there_too() {
    let body =
        r#"{"body":{"access_token":"a","token_type":"Bearer","authorization_details":[{"type":"t"}]}}"#;
    let details = read("/body", &[], body).unwrap().authorization_details().unwrap();
    assert_eq!(details.types().collect::<Vec<_>>(), ["t"]);
}

#[test]
fn a_place_that_is_no_pointer_is_misuse() {
    for pointer in ["", "body", "/a~2", "/~"] {
        assert!(matches!(AuthorizationServer::new().tokens_at(pointer), Err(Error::Misuse(_))), "{pointer}");
    }
}
