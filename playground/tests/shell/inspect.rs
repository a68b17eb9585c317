//! `valetkey inspect`: what is piped in, what core reads in it, and which rule it keeps or breaks. Nothing is sent.

use serde_json::Value;

use crate::world::{SECRET, World, chatbot};

fn inspect(world: &World, input: &str) -> (i32, Value) {
    let ran = world.run_with(&["inspect", "--json"], &[], input);
    (ran.code, ran.json())
}

fn jwt(header: &str, claims: &str) -> String {
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.{}", encode(header), encode(claims), encode("a signature"))
}

/// Input, what it is, the rule that is broken if one is, and rules that are kept.
#[test]
fn each_kind_is_told_from_the_others_with_its_rules() {
    let tokens = r#"{"access_token":"a-secret-of-the-server","token_type":"Bearer","expires_in":3600}"#;
    let rows: &[(String, &str, Option<&str>, &[&str])] = &[
        (tokens.to_owned(), "a token response", None, &["TR-2", "TR-5", "TR-6", "TR-9"]),
        (tokens.replace("3600", "-1"), "a token response", Some("TR-9"), &[]),
        (tokens.replace("\"token_type\":\"Bearer\",", ""), "a token response", Some("TR-6"), &["TR-5"]),
        (tokens.replace("{", "{\"expires_in\":1,"), "a token response", Some("TR-2"), &[]),
        (
            format!("HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n\r\n{tokens}"),
            "a token response",
            Some("TR-1"),
            &[],
        ),
        (
            r#"{"error":"invalid_grant","error_description":"used up"}"#.to_owned(),
            "a refusal",
            None,
            &["ER-1", "ER-3"],
        ),
        (r#"{"error":"in\"valid"}"#.to_owned(), "a refusal", None, &["ER-3", "ER-6"]),
        (r#"{"active":true,"exp":99999999999}"#.to_owned(), "an introspection answer", None, &["IN-1"]),
        (r#"{"active":"true"}"#.to_owned(), "an introspection answer", Some("IN-1"), &[]),
        (
            r#"{"issuer":"https://as.example","response_types_supported":["code"]}"#.to_owned(),
            "an authorization server's metadata",
            None,
            &["DI-5"],
        ),
        (
            r#"{"issuer":"https://as.example","token_endpoint":"http://as.example/"}"#.to_owned(),
            "an authorization server's metadata",
            Some("DI-6"),
            &[],
        ),
        (
            r#"{"issuer":"https://as.example","response_types_supported":["code"],"token_endpoint":"http://as.example/"}"#
                .to_owned(),
            "an authorization server's metadata",
            None,
            &["DI-3"],
        ),
        (
            "https://app.example/cb?code=a-secret-of-the-server&state=a-secret-of-the-server".to_owned(),
            "an authorization response",
            None,
            &["AR-1", "AR-7", "AR-8", "AR-9"],
        ),
        (
            "https://app.example/cb?code=a&code=b&state=s".to_owned(),
            "an authorization response",
            Some("AR-1"),
            &[],
        ),
        (
            "https://app.example/cb?error=access_denied&state=s".to_owned(),
            "an authorization response",
            None,
            &["AR-7"],
        ),
        (
            "https://app.example/cb?code=a&error=b&state=s".to_owned(),
            "an authorization response",
            Some("AR-7"),
            &[],
        ),
        (
            "https://app.example/cb#access_token=a-secret-of-the-server&state=s".to_owned(),
            "an authorization response",
            Some("AR-9"),
            &[],
        ),
        (
            "https://as.example/authorize?response_type=code&client_id=a".to_owned(),
            "an authorization request",
            None,
            &[],
        ),
        (
            "WWW-Authenticate: Bearer error=\"insufficient_scope\", scope=\"a b\"".to_owned(),
            "a challenge",
            None,
            &["WA-1"],
        ),
        ("www-authenticate: Bearer a=b\"c\"".to_owned(), "a challenge", Some("WA-1"), &[]),
        (
            "HTTP/2 401\nwww-authenticate: Bearer error=\"invalid_token\"\n".to_owned(),
            "an answer that is not a success",
            None,
            &["WA-1"],
        ),
        (
            jwt(r#"{"alg":"ES256"}"#, r#"{"iss":"https://as.example","exp":1}"#),
            "a signed JWT",
            None,
            &["ID-1", "ID-2", "ID-3", "ID-25"],
        ),
        (jwt(r#"{"alg":"ES256"}"#, r#"{"exp":"tomorrow"}"#), "a signed JWT", Some("ID-25"), &["ID-1"]),
        (jwt(r#"{"alg":"ES256","crit":["b64"]}"#, "{}"), "a signed JWT", Some("ID-3"), &[]),
        ("Bearer mF_9.B5f-4.1JqM".to_owned(), "a token, opaque", None, &["TR-5"]),
        ("two words".to_owned(), "a token, opaque", None, &["TR-5"]),
        (r#"{"access_token":"cut off"#.to_owned(), "not valid JSON, though it begins like it", None, &[]),
        (
            "HTTP/1.1 200 OK\n\n{\"access_token\":".to_owned(),
            "not valid JSON, though it begins like it",
            None,
            &[],
        ),
        ("t\u{f6}ken".to_owned(), "a token, opaque", Some("TR-5"), &[]),
    ];
    let world = World::space();
    world.plant("a-secret-of-the-server");
    for (input, kind, broken, kept) in rows {
        let (code, report) = inspect(&world, input);
        assert!(report["kind"].as_str().unwrap().starts_with(kind), "{input}: {report}");
        assert_eq!(report["broken"]["rule"].as_str(), *broken, "{input}: {report}");
        assert_eq!(code, if broken.is_some() { 5 } else { 0 }, "{input}: {report}");
        let all: Vec<&str> =
            report["kept"].as_array().unwrap().iter().map(|rule| rule.as_str().unwrap()).collect();
        assert!(kept.iter().all(|rule| all.contains(rule)), "{input}: {report}");
        assert!(broken.is_none_or(|rule| !all.contains(&rule)), "{input}: {report}");
        // Nobody expects an issuer or an audience here.
        assert!(!all.contains(&"ID-9") && !all.contains(&"ID-10"), "{input}: {report}");
    }
    assert_eq!(world.requests(), 0, "it was read here, and sent nowhere");
}

#[test]
fn a_departure_that_has_a_name_is_told_with_it() {
    let (_, report) = inspect(&World::space(), r#"{"access_token":"a","expires_in":600}"#);
    assert!(report["notes"].to_string().contains("no-token-type"), "{report}");
}

#[test]
fn claims_are_shown_and_moments_are_told_from_now() {
    let world = World::space();
    let token = jwt(r#"{"alg":"ES256","kid":"k"}"#, r#"{"sub":"alice","exp":1000,"nbf":99999999999}"#);
    let (_, report) = inspect(&world, &token);
    assert_eq!((&report["facts"]["sub"], &report["facts"]["header kid"]), (&"alice".into(), &"k".into()));
    assert!(report["facts"]["exp"].as_str().unwrap().starts_with("1000 ("), "{report}");
    assert!(report["notes"].to_string().contains("it has expired"));
    let people = world.run_with(&["inspect"], &[], &token);
    assert!(people.line_free().contains("sub         ") && people.out.contains("kept    ID-1"), "{people:?}");
    assert!(!people.out.contains(&token));
}

/// What would control a terminal is not shown as it is.
#[test]
fn a_hostile_text_does_not_reach_the_terminal() {
    let world = World::space();
    let token = jwt(r#"{"alg":"ES256"}"#, r#"{"sub":"\u001b[2J\u202eboo"}"#);
    let ran = world.run_with(&["inspect"], &[], &token);
    assert!(ran.line_free().contains("boo") && !ran.out.contains(['\u{1b}', '\u{202e}']), "{ran:?}");
    world.run_with(&["inspect"], &[], "Bearer error=\"\u{1b}[2J\"");
}

#[test]
fn its_shape_is_stable_and_nothing_is_an_error() {
    let world = World::space();
    let (_, report) = inspect(&world, "token");
    let members: Vec<&String> = report.as_object().unwrap().keys().collect();
    assert_eq!(members, ["broken", "facts", "kept", "kind", "notes"]);
    world.run(&["inspect"]).failed(2, &["there is nothing on standard input"]);
    // Whatever comes is read, or said to be nothing that is known.
    for odd in [
        "{",
        "HTTP/",
        "HTTP/1.1 abc",
        "ey..",
        "a://?code",
        "\u{0}",
        "WWW-Authenticate:",
        "{\"a\":1}",
        "x://y?error",
    ] {
        assert!([0, 5].contains(&inspect(&world, odd).0), "{odd:?}");
    }
}

/// `--introspect` alone sends the token, to the profile's server.
#[test]
fn the_server_is_asked_only_when_that_is_said() {
    let world = World::standard();
    world.profiles(&[("bot", &chatbot("server = \"URL\""))]);
    let secret = world.secret_of("chatbot");
    let token = world.run_with(&["token"], &[(SECRET, &secret)], "").line().to_owned();
    let before = world.requests();
    inspect(&world, &token);
    assert_eq!(world.requests(), before);
    let ran = world.run_with(&["inspect", "--introspect"], &[(SECRET, &secret)], &token);
    assert!(ran.line_free().contains("active      true"), "{ran:?}");
    world.run_with(&["inspect", "bot"], &[], &token).failed(2, &["--introspect"]);
}
