//! IN-1: what an introspection answers, and what is made of a token that is called active.

use std::time::Duration;

use valetkey_core::server::Endpoint;
use valetkey_core::status::{Expectations, Inactive, Introspected, Introspection};
use valetkey_core::{
    AccessToken, AuthorizationServer, Client, Error, Quirk, Quirks, RefreshToken, Response, Rule, UnixTime,
};
use valetkey_tests::script::play;
use valetkey_tests::{NOW, SECRET, client_of, json, server};

const TOKEN: &str = "mF_9.B5f-4.1JqM";

fn introspecting() -> AuthorizationServer {
    server().endpoint(Endpoint::Introspection, "https://as.example/introspect").unwrap()
}

fn read_for(body: &str, expected: &Expectations) -> Result<Introspected, Error> {
    Introspected::parse(json(200, body), expected, &AuthorizationServer::new(), NOW)
}

fn read(body: &str) -> Result<Introspected, Error> {
    read_for(body, &Expectations::new())
}

fn why(read: Result<Introspected, Error>) -> Option<Inactive> {
    match read {
        Ok(Introspected::Inactive(reason)) => Some(reason),
        _ => None,
    }
}

fn active(members: &str) -> String {
    format!(r#"{{"active":true{members}}}"#)
}

/// RFC 7662 §2.1: the request.
#[test]
fn the_token_goes_in_the_body_and_the_client_authenticates() {
    let server = AuthorizationServer::new()
        .endpoint(Endpoint::Introspection, "https://server.example.com/introspect")
        .unwrap();
    let client = Client::new(server, "s6BhdRkqt3").secret("gX1fBat3bV").unwrap();
    let flow = Introspection::new(&client, &AccessToken::new(TOKEN).unwrap()).unwrap();
    assert!(!format!("{flow:?}").contains(TOKEN));
    let played = play(flow, [Some(json(200, r#"{"active":false}"#))]);
    let (_, request) = &played.sent[0];
    assert_eq!(request.body(), b"token=mF_9.B5f-4.1JqM&token_type_hint=access_token");
    assert_eq!(request.headers()["authorization"], "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW");
    assert_eq!(why(played.outcome), Some(Inactive::Told));
}

/// RFC 7662 §2.1: a token of the API's own authorizes the question, and nothing of the client's goes with it (CA-1).
#[test]
fn a_bearer_token_may_authorize_the_question() {
    let own = AccessToken::new("23410913-abewfq.123483").unwrap();
    let flow = Introspection::new(&client_of(introspecting()), &AccessToken::new(TOKEN).unwrap()).unwrap();
    let flow = flow.authorized_by(&own).unwrap();
    let played = play(flow, [Some(json(200, &active("")))]);
    let (_, request) = &played.sent[0];
    assert_eq!(request.body(), b"token=mF_9.B5f-4.1JqM&token_type_hint=access_token");
    let header = &request.headers()["authorization"];
    assert!(header == "Bearer 23410913-abewfq.123483" && header.is_sensitive());
    assert!(played.outcome.unwrap().active().is_some());
    // What the server echoes of it is hidden.
    let flow = Introspection::new(&client_of(introspecting()), &AccessToken::new(TOKEN).unwrap()).unwrap();
    let echo = json(
        401,
        r#"{"error":"invalid_token","error_description":"23410913-abewfq.123483 mF_9.B5f-4.1JqM"}"#,
    );
    let error = play(flow.authorized_by(&own).unwrap(), [Some(echo)]).outcome.unwrap_err();
    let said = format!("{error} {error:?}");
    assert!(!said.contains("abewfq") && !said.contains(TOKEN), "{said}");
}

/// RFC 7662 §2.1: the hint.
#[test]
fn a_refresh_token_is_asked_about_as_one() {
    let token = RefreshToken::new("45ghiukldjahdnhzdauz").unwrap();
    let flow = Introspection::refresh_token(&client_of(introspecting()), &token).unwrap();
    assert!(!format!("{flow:?}").contains("45ghiukl"));
    let played = play(flow, [Some(json(200, &active("")))]);
    assert_eq!(played.sent[0].1.body(), b"token=45ghiukldjahdnhzdauz&token_type_hint=refresh_token");
    assert!(played.outcome.unwrap().active().is_some());
}

/// RFC 7662 §2.2: the whole answer.
#[test]
fn the_answer_of_the_rfc_is_read() {
    let body = r#"{
        "active": true,
        "client_id": "l238j323ds-23ij4",
        "username": "jdoe",
        "scope": "read write dolphin",
        "sub": "Z5O3upPC88QrAjx00dis",
        "aud": "https://protected.example.net/resource",
        "iss": "https://server.example.com/",
        "exp": 1419356238,
        "iat": 1419350238,
        "extension_field": "twenty-seven"
    }"#;
    let then = UnixTime::from_secs(1_419_356_000);
    let answer = json(200, body);
    let token = Introspected::parse(answer, &Expectations::new(), &AuthorizationServer::new(), then).unwrap();
    let token = token.active().unwrap();
    assert_eq!(token.client_id(), Some("l238j323ds-23ij4"));
    assert_eq!(token.username(), Some("jdoe"));
    assert_eq!(token.scope().unwrap().as_str(), "read write dolphin");
    assert_eq!(token.subject(), Some("Z5O3upPC88QrAjx00dis"));
    assert_eq!(token.audience(), ["https://protected.example.net/resource"]);
    assert_eq!(token.issuer(), Some("https://server.example.com/"));
    assert_eq!(token.expires_at(), Some(UnixTime::from_secs(1_419_356_238)));
    assert_eq!(token.issued_at(), Some(UnixTime::from_secs(1_419_350_238)));
    assert_eq!(token.confirmation(), None);
    assert_eq!(token.member::<&str>("extension_field").unwrap(), Some("twenty-seven"));
    assert!(!format!("{token:?}").contains("jdoe"));
}

/// IN-1.
#[test]
fn active_is_true_or_false_and_nothing_like_it() {
    for value in [r#""true""#, "1", "null", "[]", "{}", r#""""#] {
        let error = read(&format!(r#"{{"active":{value}}}"#)).expect_err(value);
        assert_eq!(error.rule(), Some(Rule::In1), "{value}");
    }
    assert_eq!(read("{}").expect_err("missing").rule(), Some(Rule::In1));
    assert_eq!(read(r#"{"active":true,"active":false}"#).expect_err("twice").rule(), Some(Rule::Tr2));
    let lax = Quirk::ALL.iter().fold(Quirks::STRICT, |quirks, &quirk| quirks.with(quirk));
    assert!(
        Introspected::parse(
            json(200, "{}"),
            &Expectations::new(),
            &AuthorizationServer::new().admit_all(lax),
            NOW
        )
        .is_err()
    );
}

/// IN-1: RFC 7662 §2.2, the second answer.
#[test]
fn nothing_else_is_read_of_an_inactive_token() {
    for body in [
        r#"{"active":false}"#,
        r#"{"active":false,"exp":"garbage","scope":5,"aud":{},"cnf":7}"#,
        r#"{"scope":"admin","active":false}"#,
    ] {
        assert_eq!(why(read(body)), Some(Inactive::Told), "{body}");
    }
}

/// IN-1.
#[test]
fn a_member_of_the_wrong_type_is_refused() {
    for members in [
        r#","exp":"1419356238""#,
        r#","exp":-1"#,
        r#","exp":null"#,
        r#","nbf":true"#,
        r#","iat":[]"#,
        r#","aud":5"#,
        r#","aud":[1]"#,
        r#","iss":{}"#,
        r#","sub":5"#,
        r#","client_id":[]"#,
        r#","scope":["a"]"#,
        r#","scope":"a\"b""#,
        r#","token_type":1"#,
        r#","username":1"#,
        r#","cnf":"jkt""#,
        r#","cnf":[]"#,
        r#","cnf":null"#,
        r#","cnf":{"jkt":5}"#,
        r#","cnf":{"x5t#S256":null}"#,
    ] {
        assert_eq!(read(&active(members)).expect_err(members).rule(), Some(Rule::In1), "{members}");
    }
}

/// IN-1.
#[test]
fn only_status_200_with_json_answers_the_question() {
    let parse = |response: Response| {
        Introspected::parse(response, &Expectations::new(), &AuthorizationServer::new(), NOW)
            .expect_err("no answer")
            .rule()
    };
    assert_eq!(parse(json(201, &active(""))), Some(Rule::In1));
    assert_eq!(parse(json(302, &active(""))), Some(Rule::In1));
    assert_eq!(parse(json(400, &active(""))), Some(Rule::In1));
    let mut text = json(200, &active(""));
    text.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    assert_eq!(parse(text), Some(Rule::In1));

    let flow = || {
        let client = client_of(introspecting());
        Introspection::new(&client, &AccessToken::new(TOKEN).unwrap()).unwrap()
    };
    let body = format!(r#"{{"error":"invalid_client","error_description":"{TOKEN} {SECRET}"}}"#);
    let error = play(flow(), [Some(json(401, &body))]).outcome.expect_err("refused");
    assert!(!error.to_string().contains(TOKEN) && !error.to_string().contains(SECRET));
    assert!(matches!(error, Error::Refused(_)));
    assert_eq!(play(flow(), [Some(json(302, ""))]).rule(), Rule::Ht1);
    assert_eq!(play(flow(), [None]).sent.len(), 1);
}

/// IN-1: whoever is called active is still compared with the clock.
#[test]
fn a_token_out_of_its_time_is_not_active() {
    let now = NOW.as_secs();
    let lenient = Expectations::new().leeway(Duration::from_secs(30));
    for (members, strict, leeway) in [
        (format!(r#","exp":{}"#, now + 1), None, None),
        (format!(r#","exp":{now}"#), Some(Inactive::Expired), None),
        (format!(r#","exp":{}"#, now - 30), Some(Inactive::Expired), Some(Inactive::Expired)),
        (format!(r#","exp":{}.5"#, now - 20), Some(Inactive::Expired), None),
        (r#","exp":0"#.to_owned(), Some(Inactive::Expired), Some(Inactive::Expired)),
        (r#","exp":18446744073709551615"#.to_owned(), None, None),
        (format!(r#","nbf":{now}"#), None, None),
        (format!(r#","nbf":{}"#, now + 30), Some(Inactive::NotYet), None),
        (format!(r#","nbf":{}"#, now + 31), Some(Inactive::NotYet), Some(Inactive::NotYet)),
    ] {
        assert_eq!(why(read(&active(&members))), strict, "{members}");
        assert_eq!(why(read_for(&active(&members), &lenient)), leeway, "{members}, 30 s apart");
    }
}

/// IN-1: what is expected must be there, and equal.
#[test]
fn a_token_for_something_else_is_not_active_here() {
    let expected = |member: &str| match member {
        "aud" => Expectations::new().audience("https://api.example"),
        "client_id" => Expectations::new().client_id("c"),
        "iss" => Expectations::new().issuer("https://as.example"),
        "scope" => Expectations::new().scope("a b").unwrap(),
        _ => Expectations::new().token_type("Bearer"),
    };
    for (member, good, bad) in [
        (
            "aud",
            vec![r#""https://api.example""#, r#"["x","https://api.example"]"#],
            vec![r#""https://api.example/""#, r#"[]"#, r#"["https://other.example"]"#],
        ),
        ("client_id", vec![r#""c""#], vec![r#""C""#, r#""""#]),
        ("iss", vec![r#""https://as.example""#], vec![r#""https://as.example/""#]),
        ("scope", vec![r#""b c a""#], vec![r#""a""#, r#""""#]),
        ("token_type", vec![r#""Bearer""#, r#""bearer""#], vec![r#""DPoP""#]),
    ] {
        for value in good {
            let read = read_for(&active(&format!(r#","{member}":{value}"#)), &expected(member));
            assert!(read.unwrap().active().is_some(), "{member}: {value}");
        }
        let missing = why(read_for(&active(""), &expected(member)));
        assert_eq!(missing, Some(Inactive::Unexpected(member)));
        for value in bad {
            let read = read_for(&active(&format!(r#","{member}":{value}"#)), &expected(member));
            assert_eq!(why(read), Some(Inactive::Unexpected(member)), "{member}: {value}");
        }
    }
}

/// IN-1, RFC 9449 §6.2 and RFC 8705 §3.2 (their own thumbprints).
#[test]
fn what_binds_a_token_is_told() {
    let confirmation =
        |members: &str| read(&active(members)).unwrap().active().unwrap().confirmation().cloned();
    let jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    let x5t = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";
    for (members, key, certificate) in [
        (format!(r#","cnf":{{"jkt":"{jkt}"}}"#), Some(jkt), None),
        (format!(r#","cnf":{{"x5t#S256":"{x5t}"}}"#), None, Some(x5t)),
    ] {
        let confirmation = confirmation(&members).unwrap();
        assert_eq!((confirmation.jkt(), confirmation.x5t_s256()), (key, certificate));
        assert!(!confirmation.is_unknown());
    }
    // An API that compares has it compared: the key it saw a proof of, and nothing that would have to be proven too.
    let shown = Expectations::new().key(jkt);
    let met = |members: &str| read_for(&active(members), &shown).unwrap().active().is_some();
    assert!(met(&format!(r#","cnf":{{"jkt":"{jkt}"}}"#)));
    for other in ["", r#","cnf":{"jkt":"another"}"#, r#","cnf":{}"#] {
        assert!(!met(other), "{other}");
    }
    assert!(!met(&format!(r#","cnf":{{"jkt":"{jkt}","x5t#S256":"{x5t}"}}"#)));
    assert!(!met(&format!(r#","cnf":{{"jkt":"{jkt}","kid":"k"}}"#)));
    // A binding that nobody here can check must not pass for none.
    for members in [r#","cnf":{"kid":"k"}"#, r#","cnf":{}"#] {
        assert!(confirmation(members).unwrap().is_unknown());
    }
}
