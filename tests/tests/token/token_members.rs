//! TR: the corners of a token response: its members one by one, its limits, its label.

use valetkey_core::client::AuthenticationMethod;
use valetkey_core::error::Refused;
use valetkey_core::token::TokenType;
use valetkey_core::{
    AuthorizationServer, Client, Error, Flow, Grant, Quirk, Quirks, Rule, Session, Step, Subject,
    TokenRequest, TokenResponse,
};
use valetkey_tests::{NOW, client, json, server};

fn read(members: &str, quirks: Quirks) -> Result<TokenResponse, Error> {
    let comma = if members.is_empty() { "" } else { "," };
    let body = format!(r#"{{"access_token":"a","token_type":"Bearer"{comma}{members}}}"#);
    TokenResponse::parse(json(200, &body), NOW, &AuthorizationServer::new().admit_all(quirks))
}

fn strict(members: &str) -> Result<TokenResponse, Error> {
    read(members, Quirks::STRICT)
}

/// TR-6, TR-12: each member has its accessor; what did not come is none.
#[test]
fn every_member_is_read() {
    let tokens =
        strict(r#""refresh_token":"r","id_token":"i.d.t","scope":"a  b a","expires_in":60"#).unwrap();
    assert_eq!(tokens.token_type(), TokenType::Bearer);
    assert_eq!(tokens.id_token().unwrap().expose(), "i.d.t");
    assert_eq!(tokens.scope().unwrap().as_str(), "a b");
    assert_eq!((tokens.issued_at(), tokens.subject()), (NOW, None));
    let bare = strict("").unwrap();
    assert!(bare.refresh_token().is_none() && bare.id_token().is_none() && bare.scope().is_none());
    assert_eq!((bare.expires_in(), bare.expires_at()), (None, None));
    assert_eq!(strict(r#""id_token":"""#).unwrap_err().rule(), Some(Rule::Tr12));
}

/// TR-11: a scope is text, or an array of text where that is admitted.
#[test]
fn a_scope_is_text() {
    let lax = Quirks::STRICT.with(Quirk::ScopeAsArray).with(Quirk::EmptyScope).with(Quirk::NullMember);
    assert_eq!(read(r#""scope":["a","b"]"#, lax).unwrap().scope().unwrap().as_str(), "a b");
    assert!(read(r#""scope":null"#, lax).unwrap().scope().is_none());
    for bad in ["5", "true", "{}", "-1", "1.5", r#"["a",5]"#, r#"["é"]"#, r#""é""#] {
        let error = read(&format!(r#""scope":{bad}"#), lax).unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Tr11), "{bad}");
    }
    assert!(
        strict(&format!(r#""scope":"{}""#, (0..1025).map(|n| format!("s{n} ")).collect::<String>())).is_err()
    );
}

/// TR-11, TR-14: a scope that is no wider than it may be is kept as it was granted.
#[test]
fn a_narrower_scope_is_kept() {
    let limit = "a b";
    let mut flow = TokenRequest::new(&client(), Grant::client_credentials().at_most(limit).unwrap()).unwrap();
    let _ = flow.step(None, NOW).unwrap();
    let body = r#"{"access_token":"a","token_type":"Bearer","scope":"b"}"#;
    let Step::Done(tokens) = flow.step(Some(json(200, body)), NOW).unwrap() else { panic!("no tokens") };
    assert_eq!(tokens.scope().unwrap().as_str(), "b");
    assert_eq!(tokens.subject(), Some(Subject::Application));
}

/// TR-2: members, depth and names are bounded, and names may be spelled with escapes.
#[test]
fn the_shape_of_an_answer_is_bounded() {
    let many = |count: usize| (0..count).map(|n| format!(r#""m{n}":0"#)).collect::<Vec<_>>().join(",");
    assert!(strict(&many(254)).is_ok());
    assert_eq!(strict(&many(255)).unwrap_err().rule(), Some(Rule::Tr2));
    assert_eq!(strict(&format!(r#""x":{{{}}}"#, many(257))).unwrap_err().rule(), Some(Rule::Tr2));
    let deep = |depth: usize| format!(r#""x":{}{}"#, "[".repeat(depth), "]".repeat(depth));
    assert!(strict(&deep(100)).is_ok());
    assert_eq!(strict(&deep(128)).unwrap_err().rule(), Some(Rule::Tr2));
    assert_eq!(strict(r#""\u0061ccess_token":"b""#).unwrap_err().rule(), Some(Rule::Tr2), "twice");
    let escaped = json(200, r#"{"\u0061ccess_token":"\u0061\/","token_type":"b\u0065arer"}"#);
    assert_eq!(
        TokenResponse::parse(escaped, NOW, &AuthorizationServer::new()).unwrap().access_token().expose(),
        "a/"
    );
    for broken in
        ["{", "nul", r#"{"a":1,}"#, "{'a':1}", "{\"a\":\"\u{1}\"}", r#"{"a":"\ud800"}"#, "{a:1}", "NaN", ""]
    {
        let error = TokenResponse::parse(json(200, broken), NOW, &AuthorizationServer::new()).unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Tr2), "{broken}");
    }
}

/// TR-9: a lifetime is a whole number of seconds. Run with the feature `exact-numbers`, this is read by the serde_json of a
/// program that keeps the digits of its numbers.
#[test]
fn a_lifetime_is_a_whole_number() {
    assert_eq!(strict(r#""expires_in":600"#).unwrap().expires_in().unwrap().as_secs(), 600);
    assert_eq!(strict(r#""expires_in":600.5"#).unwrap().expires_in().unwrap().as_secs(), 600);
    // As text it is told (LifetimeAsText), and so is its fraction.
    for text in [r#""600""#, r#""600.0""#, r#""600.97""#, r#"" 600 ""#] {
        let tokens = strict(&format!(r#""expires_in":{text}"#)).unwrap();
        assert_eq!(tokens.expires_in().unwrap().as_secs(), 600, "{text}");
        assert!(tokens.quirks().contains(Quirk::LifetimeAsText), "{text}");
        assert_eq!(tokens.quirks().contains(Quirk::LifetimeAsFraction), text.contains('.'), "{text}");
    }
    assert_eq!(strict(r#""expires_in":-1"#).unwrap_err().rule(), Some(Rule::Tr9));
    assert_eq!(strict(r#""expires_in":1e400"#).unwrap_err().rule(), Some(Rule::Tr2));
    for bad in [
        "-0.5",
        "1e300",
        "18446744073709551616",
        "{}",
        "false",
        r#""-1""#,
        r#""1.""#,
        r#"".5""#,
        r#""1.5.0""#,
        r#""1e3""#,
        r#""+1""#,
        r#"" ""#,
        r#""1 h""#,
    ] {
        assert_eq!(strict(&format!(r#""expires_in":{bad}"#)).unwrap_err().rule(), Some(Rule::Tr9), "{bad}");
    }
    assert_eq!(strict(r#""expires_in":"99999999999999999999""#).unwrap_err().rule(), Some(Rule::Tr9));
}

/// TR-3, TR-19: labels are compared without regard to case and parameters.
#[test]
fn an_answer_is_labelled_as_json_and_not_to_be_stored() {
    let labelled = |content_type: &str, cache: &str| {
        let mut response = json(200, r#"{"access_token":"a","token_type":"Bearer"}"#);
        response.headers_mut().insert("content-type", content_type.parse().unwrap());
        response.headers_mut().insert("cache-control", cache.parse().unwrap());
        TokenResponse::parse(response, NOW, &AuthorizationServer::new())
            .map(|tokens| tokens.quirks().contains(Quirk::Cacheable))
    };
    for content_type in
        ["application/json", "APPLICATION/JSON", "application/json;charset=UTF-8", " application/json ; x=y"]
    {
        assert!(!labelled(content_type, "no-store").unwrap(), "{content_type}");
    }
    for content_type in [
        "application/jsonx",
        "application/x-www-form-urlencoded",
        "text/json",
        "application/problem+json",
        "",
    ] {
        assert_eq!(labelled(content_type, "no-store").unwrap_err().rule(), Some(Rule::Tr3), "{content_type}");
    }
    for (cache, cacheable) in
        [("NO-STORE", false), ("private, no-store", false), ("no-cache", true), ("no-storex", true)]
    {
        assert_eq!(labelled("application/json", cache).unwrap(), cacheable, "{cache}");
    }
}

/// ER-3: a text is cut at 400 characters.
#[test]
fn a_long_text_is_cut() {
    let text = "word ".repeat(1000);
    let body = format!(r#"{{"error":"e","error_description":"{text}"}}"#);
    let refused = Refused::parse(&json(400, &body), NOW).unwrap();
    let shown = refused.description().unwrap();
    assert_eq!(shown.chars().count(), 401);
    assert!(shown.starts_with("word word ") && shown.ends_with('…'));
    let html = Refused::parse(&json(500, &"é\u{200b}".repeat(400_000)), NOW).unwrap();
    assert!(html.excerpt().unwrap().chars().count() <= 401);
}

/// CA-3: a method that the server does not list is refused, and by its name.
#[test]
fn authentication_methods_have_their_registered_names() {
    let public = |server| Client::new(server, "id");
    let post = |server| public(server).secret_in_body("s").unwrap();
    let listed = || server().authentication_methods(["client_secret_basic"]);
    let client = post(listed());
    let error = TokenRequest::new(&client, Grant::client_credentials()).unwrap_err();
    assert_eq!((error.rule(), client.method().name()), (Some(Rule::Ca3), "client_secret_post"));
    assert!(
        error.to_string().contains("`AuthorizationServer::authentication_methods([\"client_secret_post\"])`")
    );
    assert_eq!(public(listed()).method().name(), "none");
    assert!(TokenRequest::new(&public(listed()), Grant::client_credentials()).is_ok());
    assert!(TokenRequest::new(&post(server()), Grant::client_credentials()).is_ok());
    assert_eq!(AuthenticationMethod::SecretBasic.name(), "client_secret_basic");
}

#[test]
fn a_grant_says_what_it_is_and_nothing_secret() {
    let grant = Grant::extension("urn:x:ticket", Subject::User, [("ticket", "t0psecret")]).unwrap();
    let grant = grant.scope("a").unwrap();
    assert_eq!((grant.grant_type(), grant.subject()), ("urn:x:ticket", Subject::User));
    assert!(!format!("{grant:?}").contains("t0psecret"));
    assert_eq!(Grant::client_credentials().grant_type(), "client_credentials");
    // AQ-6: a parameter is sent once, and the library's own cannot be set.
    let once = Grant::client_credentials().parameter("audience", "x").unwrap();
    assert_eq!(once.parameter("audience", "y").unwrap_err().rule(), Some(Rule::Aq6));
    for name in ["scope", "client_id", "client_secret", "client_assertion", "code_verifier", "grant_type"] {
        assert_eq!(
            Grant::client_credentials().parameter(name, "x").unwrap_err().rule(),
            Some(Rule::Aq6),
            "{name}"
        );
    }
    for bad in ["", ":", "a:", ":a", "plain", "urn:x y", "urn:\u{e9}"] {
        assert!(matches!(Grant::extension(bad, Subject::User, ()), Err(Error::Misuse(_))), "{bad}");
    }
}

/// TR-18, AR-8: a code that came from elsewhere is redeemed without a verifier, once, and its tokens renew as any others.
#[test]
fn a_code_of_an_unverified_response_is_redeemed_by_its_own_constructor() {
    for (redirect_uri, sent) in [
        (
            Some("postmessage"),
            "grant_type=authorization_code&code=4%2F0AfJ&redirect_uri=postmessage&client_id=id",
        ),
        (None, "grant_type=authorization_code&code=4%2F0AfJ&client_id=id"),
    ] {
        let client = Client::new(server(), "id");
        let grant = Grant::code_of_unverified_response("4/0AfJ", redirect_uri).unwrap();
        assert!(!format!("{grant:?}").contains("0AfJ"));
        let mut flow = TokenRequest::new(&client, grant).unwrap();
        let Ok(Step::Send(request)) = flow.step(None, NOW) else { panic!("it sends nothing") };
        assert_eq!(request.body(), sent.as_bytes());
        let answer = json(200, r#"{"access_token":"a","token_type":"Bearer","refresh_token":"r"}"#);
        let Ok(Step::Done(tokens)) = flow.step(Some(answer), NOW) else { panic!("it has no tokens") };
        assert_eq!(flow.step(None, NOW).unwrap_err().rule(), Some(Rule::Tr18));
        assert!(Session::from_tokens(&client, &tokens).renews());
    }
    for code in ["", "a\u{7f}b", "a\n"] {
        let error = Grant::code_of_unverified_response(code, None).unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Ar8), "{code:?}");
    }
}
