//! AQ-9, AQ-10, TR-15: which APIs a token is for, and what it allows there in detail.

use valetkey_core::session::SessionRecord;
use valetkey_core::terms::AuthorizationDetails;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, Client, Flow, Grant, PendingAuthorization, RefreshToken,
    Resource, Rule, Session, Step, TokenRequest, TokenResponse,
};
use valetkey_tests::script::play;
use valetkey_tests::stored::taken_out;
use valetkey_tests::{NOW, client, client_of, entropy, get, json, server};

fn request_of(client: &Client) -> AuthorizationRequest {
    AuthorizationRequest::new(client, "https://app.example/callback").unwrap()
}

fn resource(uri: &str) -> Resource {
    Resource::new(uri).unwrap()
}

fn finish(client: &Client, pending: &mut PendingAuthorization) -> TokenRequest {
    let back = format!("https://app.example/callback?code=c&state={}", pending.state());
    pending.finish(client, &AuthorizationResponse::from_url(&back).unwrap(), NOW).unwrap()
}

fn sent(flow: &mut impl Flow) -> String {
    match flow.step(None, NOW) {
        Ok(Step::Send(request)) => String::from_utf8(request.body().clone()).unwrap(),
        _ => panic!("it sends"),
    }
}

/// AQ-9.
#[test]
fn a_resource_is_an_absolute_uri_without_a_fragment() {
    for uri in [
        "",
        "api",
        "/api",
        "//api.example",
        "https://",
        "https:",
        "https://api.example/#x",
        "https://a b",
        "ä:b",
    ] {
        assert_eq!(Resource::new(uri).expect_err(uri).rule(), Some(Rule::Aq9), "{uri}");
        let raw = request_of(&client()).parameter("resource", uri);
        assert_eq!(raw.expect_err("by its name too").rule(), Some(Rule::Aq9));
        let raw = Grant::client_credentials().parameter("resource", uri);
        assert_eq!(raw.expect_err("by its name too").rule(), Some(Rule::Aq9));
    }
}

/// AQ-9: no slash is added, no case folded, no port left out; RFC 8707 §2.1 and §2.2.
#[test]
fn a_resource_is_sent_as_it_was_given() {
    for uri in [
        "https://api.example.com/app/",
        "https://cal.example.com",
        "HTTPS://API.example.com:443",
        "https://api.example/?tenant=a",
        "urn:example:cooperation-context",
    ] {
        assert_eq!(resource(uri).as_str(), uri);
        let grant = Grant::client_credentials().resource(resource(uri)).unwrap();
        let body = sent(&mut TokenRequest::new(&client(), grant).unwrap());
        let value: String = form_urlencoded::byte_serialize(uri.as_bytes()).collect();
        assert_eq!(body, format!("grant_type=client_credentials&resource={value}"));
    }
    let request = request_of(&client())
        .scope("calendar contacts")
        .unwrap()
        .resource(resource("https://cal.example.com/"))
        .unwrap()
        .resource(resource("https://contacts.example.com/"))
        .unwrap();
    let (url, _) = request.begin_unbound(entropy(1), NOW).unwrap();
    assert!(
        url.as_str().contains(
            "&resource=https%3A%2F%2Fcal.example.com%2F&resource=https%3A%2F%2Fcontacts.example.com%2F&"
        ),
        "{url}"
    );
}

/// RFC 8707 §2.2: from the browser to the code, the refresh token, and across a restart.
#[test]
fn the_resources_are_named_again_wherever_a_token_is_asked_for() {
    let client = client();
    let (_, pending) = request_of(&client)
        .resource(resource("https://api.example/a"))
        .unwrap()
        .begin_unbound(entropy(1), NOW)
        .unwrap();
    let stored = serde_json::to_string(&pending).unwrap();
    let mut pending: PendingAuthorization = taken_out(&stored);
    let mut flow = finish(&client, &mut pending);
    assert!(sent(&mut flow).contains("&resource=https%3A%2F%2Fapi.example%2Fa"));

    let body = r#"{"access_token":"a","token_type":"Bearer","refresh_token":"r"}"#;
    let Ok(Step::Done(tokens)) = flow.step(Some(json(200, body)), NOW) else { panic!("tokens came") };
    assert_eq!(tokens.resources(), [resource("https://api.example/a")]);
    let record = serde_json::to_string(&Session::from_tokens(&client, &tokens).record()).unwrap();
    let record: SessionRecord = serde_json::from_str(&record).unwrap();
    let mut session = Session::from_record(&client, record).unwrap();
    let mut call = session.call(get("https://api.example/a")).unwrap();
    // The token has been refused, so it is renewed.
    assert!(matches!(call.step(None, NOW), Ok(Step::Send(_))));
    match call.step(Some(json(401, "")), NOW) {
        Ok(Step::Send(request)) => assert_eq!(
            String::from_utf8_lossy(request.body()),
            "grant_type=refresh_token&refresh_token=r&resource=https%3A%2F%2Fapi.example%2Fa"
        ),
        _ => panic!("it renews"),
    }
}

/// RFC 8707 §2.2: for a refresh token that came from elsewhere too.
#[test]
fn a_refresh_token_from_elsewhere_names_what_it_is_told() {
    let mut session = Session::from_refresh_token(&client(), RefreshToken::new("r").unwrap())
        .with_resources([resource("https://api.example/a"), resource("https://api.example/b")]);
    let mut call = session.call(get("https://api.example/a")).unwrap();
    assert!(
        sent(&mut call)
            .ends_with("&resource=https%3A%2F%2Fapi.example%2Fa&resource=https%3A%2F%2Fapi.example%2Fb")
    );
}

/// The first example of RFC 9396 §2.
const DETAILS: &str = r#"[{"type":"account_information","actions":["list_accounts","read_balances"],"locations":["https://example.com/accounts"]}]"#;

/// AQ-10.
#[test]
fn details_are_an_array_of_objects_with_a_type() {
    let many = format!("[{}{}]", r#"{"type":"a"},"#.repeat(256), r#"{"type":"a"}"#);
    let large = format!(r#"[{{"type":"{}"}}]"#, "a".repeat(70_000));
    for json in [
        "",
        "{}",
        r#"{"type":"a"}"#,
        "[]",
        "[1]",
        "[[]]",
        r#"["a"]"#,
        "[{}]",
        r#"[{"type":5}]"#,
        r#"[{"type":""}]"#,
        r#"[{"type":null}]"#,
        r#"[{"type":"a"},{}]"#,
        r#"[{"type":"a","type":"b"}]"#,
        r#"[{"type":"a"}] x"#,
        &many,
        &large,
    ] {
        let shown: String = json.chars().take(30).collect();
        assert_eq!(AuthorizationDetails::parse(json).expect_err(&shown).rule(), Some(Rule::Aq10), "{shown}");
        let raw = request_of(&client()).parameter("authorization_details", json);
        assert_eq!(raw.expect_err("by its name too").rule(), Some(Rule::Aq10));
    }
    // Of objects there are 256, and of bytes 64 KiB.
    let objects = |count: usize| format!("[{}]", vec![r#"{"type":"a"}"#; count].join(","));
    assert_eq!(AuthorizationDetails::parse(&objects(256)).unwrap().types().count(), 256);
    assert!(AuthorizationDetails::parse(&objects(257)).is_err());
    let text = |bytes: usize| {
        let (begins, ends) = (r#"[{"type":"a","text":""#, r#""}]"#);
        format!("{begins}{}{ends}", "a".repeat(bytes - begins.len() - ends.len()))
    };
    assert!(AuthorizationDetails::parse(&text(64 * 1024)).is_ok());
    assert!(AuthorizationDetails::parse(&text(64 * 1024 + 1)).is_err());
    assert!(AuthorizationDetails::new("text").is_err());
    assert!(AuthorizationDetails::new([serde_json::json!({"type": "a", "x": 1})]).is_ok());
    assert_eq!(
        AuthorizationDetails::parse(DETAILS).unwrap().types().collect::<Vec<_>>(),
        ["account_information"]
    );
}

/// AQ-10: RFC 9396 §10.
#[test]
fn a_type_that_the_server_does_not_list_is_not_asked_for() {
    let details = AuthorizationDetails::parse(DETAILS).unwrap();
    let types = "authorization_details_types_supported";
    let picky = client_of(server().list(types, ["payment_initiation"]));
    let knowing = client_of(server().list(types, ["payment_initiation", "account_information"]));
    let error = request_of(&picky).authorization_details(&details).expect_err("not listed");
    assert_eq!(error.rule(), Some(Rule::Aq10));
    let grant = || Grant::client_credentials().authorization_details(details.clone()).unwrap();
    assert_eq!(TokenRequest::new(&picky, grant()).expect_err("not listed").rule(), Some(Rule::Aq10));
    assert!(request_of(&knowing).authorization_details(&details).is_ok());
    let body = sent(&mut TokenRequest::new(&knowing, grant()).unwrap());
    assert!(
        body.starts_with("grant_type=client_credentials&authorization_details=%5B%7B%22type%22%3A%22acc")
    );
}

fn granted(client: &Client, grant: Grant, details: &str) -> Result<TokenResponse, Option<Rule>> {
    let body = format!(r#"{{"access_token":"a","token_type":"Bearer","authorization_details":{details}}}"#);
    play(TokenRequest::new(client, grant).unwrap(), [Some(json(200, &body))])
        .outcome
        .map_err(|error| error.rule())
}

/// TR-15.
#[test]
fn details_come_back_as_an_array_of_known_types() {
    let asked = || {
        Grant::client_credentials()
            .authorization_details(AuthorizationDetails::parse(DETAILS).unwrap())
            .unwrap()
    };
    for details in [
        "{}",
        r#"{"type":"account_information"}"#,
        r#""account_information""#,
        "[1]",
        "[{}]",
        "[]",
        "null",
        r#"[{"type":"payment_initiation"}]"#,
        r#"[{"type":"account_information"},{"type":"other"}]"#,
    ] {
        assert_eq!(granted(&client(), asked(), details).expect_err(details), Some(Rule::Tr15), "{details}");
    }
    let wider = r#"[{"type":"account_information","actions":["list_accounts"]}]"#;
    let tokens = granted(&client(), asked(), wider).unwrap();
    let details = tokens.authorization_details().unwrap();
    assert_eq!(details.types().collect::<Vec<_>>(), ["account_information"]);

    // Not asked for, and the server has no list: told as it is. With a list, that counts.
    let plain = Grant::client_credentials;
    assert!(granted(&client(), plain(), r#"[{"type":"other"}]"#).is_ok());
    let listing = client_of(server().list("authorization_details_types_supported", ["other"]));
    assert!(granted(&listing, plain(), r#"[{"type":"other"}]"#).is_ok());
    assert_eq!(granted(&listing, plain(), r#"[{"type":"x"}]"#).expect_err("no"), Some(Rule::Tr15));
}

/// TR-15, after the browser too.
#[test]
fn a_code_remembers_which_details_were_asked_for() {
    let client = client();
    let details = AuthorizationDetails::parse(DETAILS).unwrap();
    let request = request_of(&client).authorization_details(&details).unwrap();
    let (url, pending) = request.begin_unbound(entropy(1), NOW).unwrap();
    assert!(url.as_str().contains("&authorization_details=%5B%7B%22type%22%3A%22account_information%22"));
    let stored = serde_json::to_string(&pending).unwrap();
    let mut pending: PendingAuthorization = taken_out(&stored);
    let mut flow = finish(&client, &mut pending);
    assert!(!sent(&mut flow).contains("authorization_details"));
    let body = r#"{"access_token":"a","token_type":"Bearer","authorization_details":[{"type":"other"}]}"#;
    let error = flow.step(Some(json(200, body)), NOW).expect_err("another type");
    assert_eq!(error.rule(), Some(Rule::Tr15));
}
