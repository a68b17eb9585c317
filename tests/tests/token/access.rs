//! What is asked for means the same in every request, and is set in the same way: AQ-6, AQ-9, AQ-10, TR-11, TR-15.

use valetkey_core::server::Endpoint;
use valetkey_core::terms::{Access, AuthorizationDetails};
use valetkey_core::token::{TokenExchange, TokenKind};
use valetkey_core::{
    AccessToken, AuthorizationRequest, AuthorizationServer, Client, ClientSecret, DeviceAuthorization,
    DeviceAuthorizationRequest, DevicePoll, Error, Flow, Grant, RefreshToken, Resource, Rule, Scope, Step,
    TokenRequest,
};
use valetkey_tests::{NOW, SECRET, client, client_of, entropy, json, server};

const DETAILS: &str = r#"[{"type":"payment"}]"#;

/// The parameters of the access that is asked for here, as they are sent.
const WANTED: [(&str, &str); 5] = [
    ("scope", "a b"),
    ("resource", "https://api.example/a"),
    ("resource", "https://api.example/b"),
    ("authorization_details", DETAILS),
    ("audience", "orders"),
];

fn access() -> Result<Access, Error> {
    Access::new()
        .scope("a b")?
        .resource("https://api.example/a")?
        .resource(&Resource::new("https://api.example/b")?)?
        .authorization_details(DETAILS)?
        .parameter("audience", "orders")
}

fn devices() -> AuthorizationServer {
    server().endpoint(Endpoint::DeviceAuthorization, "https://as.example/device").unwrap()
}

fn sent(mut flow: impl Flow) -> Vec<(String, String)> {
    let Ok(Step::Send(request)) = flow.step(None, NOW) else { panic!("it sends a request") };
    form_urlencoded::parse(request.body()).into_owned().collect()
}

fn by_grant(grant: Grant) -> Vec<(String, String)> {
    sent(TokenRequest::new(&client(), grant).unwrap())
}

fn by_browser(request: &AuthorizationRequest) -> Vec<(String, String)> {
    let (url, _) = request.begin_unbound(entropy(1), NOW).unwrap();
    let query = url.as_str().split_once('?').unwrap().1.to_owned();
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

fn authorization() -> AuthorizationRequest {
    AuthorizationRequest::new(&client(), "https://app.example/callback").unwrap()
}

fn exchange() -> TokenExchange {
    TokenExchange::new("subject", TokenKind::JWT).unwrap()
}

fn on_device() -> DeviceAuthorizationRequest {
    DeviceAuthorizationRequest::new(&client_of(devices())).unwrap()
}

/// One value is accepted by all five, and each sends all of it.
#[test]
fn every_request_asks_for_the_same_in_the_same_words() {
    let access = access().unwrap();
    let refresh = Grant::refresh_token(&RefreshToken::new("r").unwrap());
    let all = [
        by_browser(&authorization().access(&access).unwrap()),
        by_grant(Grant::client_credentials().access(&access).unwrap()),
        by_grant(refresh.access(&access).unwrap()),
        by_grant(Grant::from(exchange().access(&access).unwrap())),
        sent(on_device().access(&access).unwrap()),
    ];
    for sent in all {
        for (name, value) in WANTED {
            let pair = (name.to_owned(), value.to_owned());
            assert_eq!(sent.iter().filter(|other| **other == pair).count(), 1, "{name} in {sent:?}");
        }
    }
}

/// What there is none of is no branch: nothing is asked for, and what was asked for before stays.
#[test]
fn nothing_is_asked_for_by_an_empty_value() {
    let none: Option<Scope> = None;
    assert_eq!(
        by_grant(Grant::client_credentials().access(none).unwrap()),
        by_grant(Grant::client_credentials())
    );
    let before = Grant::client_credentials().scope("a").unwrap();
    let plain = by_grant(before.clone());
    assert_eq!(by_grant(before.access(Access::new()).unwrap()), plain);
    let some: Option<Scope> = Some("a".parse().unwrap());
    assert_eq!(by_grant(Grant::client_credentials().access(some).unwrap()), plain);
}

/// A value and its text are taken alike, and a text is checked where it is taken.
#[test]
fn a_text_is_taken_where_its_value_is() {
    let scope = Scope::new(["a"]).unwrap();
    let of = |grant: Result<Grant, Error>| by_grant(grant.unwrap());
    let plain = of(Grant::client_credentials().scope("a"));
    assert_eq!(of(Grant::client_credentials().scope(&scope)), plain);
    assert_eq!(of(Grant::client_credentials().scope(scope)), plain);
    assert_eq!(of(Grant::client_credentials().scope(String::from("a"))), plain);
    assert_eq!(of(Grant::client_credentials().scope(String::from("a"))), plain);

    let rule = |result: Result<Grant, Error>| result.unwrap_err().rule();
    let grant = Grant::client_credentials;
    assert_eq!(rule(grant().scope("")), Some(Rule::Tr11));
    assert_eq!(rule(grant().scope("a\"")), Some(Rule::Tr11));
    assert_eq!(rule(grant().at_most("\\")), Some(Rule::Tr11));
    assert_eq!(rule(grant().resource("/relative")), Some(Rule::Aq9));
    assert_eq!(rule(grant().resource(String::from("https://api.example#x"))), Some(Rule::Aq9));
    assert_eq!(rule(grant().authorization_details("{}")), Some(Rule::Aq10));
    assert_eq!(on_device().resource("/relative").unwrap_err().rule(), Some(Rule::Aq9));
    assert_eq!(exchange().authorization_details("[1]").unwrap_err().rule(), Some(Rule::Aq10));

    let client = || Client::new(server(), "id");
    assert!(client().secret("").is_err() && client().secret_in_body(String::new()).is_err());
    assert!(client().secret(ClientSecret::new("s").unwrap()).is_ok());
    assert!(client().secret_in_body("s").is_ok());
}

/// AQ-6: in whatever request, a parameter is the library's own or set once.
#[test]
fn a_parameter_is_set_once_whichever_way() {
    let twice = Access::new().parameter("audience", "a").unwrap().parameter("audience", "b").unwrap_err();
    let reserved = Access::new().parameter("scope", "a").unwrap_err();
    let audience = Access::new().parameter("audience", "a").unwrap();
    let before =
        Grant::client_credentials().parameter("audience", "b").unwrap().access(&audience).unwrap_err();
    let code = Access::new().parameter("code", "c").unwrap();
    let errors = [
        twice,
        reserved,
        before,
        authorization().access(&code).unwrap_err(),
        Grant::client_credentials().access(&code).unwrap_err(),
        exchange().parameter("subject_token", "t").unwrap_err(),
        exchange().parameter("code", "t").unwrap_err(),
        on_device().parameter("device_code", "d").unwrap_err(),
        on_device()
            .resource("https://a.example")
            .unwrap()
            .parameter("resource", "https://b.example")
            .unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, Error::Misuse(_)) && error.rule() == Some(Rule::Aq6), "{error}");
    }
}

/// AQ-10, TR-15: a device's details are checked as any others, and its answer is held to them, in another process too.
#[test]
fn a_device_asks_for_details_and_compares_its_answer() {
    let listing = client_of(devices().list("authorization_details_types_supported", ["account"]));
    let refused =
        DeviceAuthorizationRequest::new(&listing).unwrap().authorization_details(DETAILS).unwrap_err();
    assert_eq!(refused.rule(), Some(Rule::Aq10));

    let client = client_of(devices());
    let mut flow = on_device().authorization_details(DETAILS).unwrap();
    assert!(matches!(flow.step(None, NOW), Ok(Step::Send(_))));
    let codes =
        r#"{"device_code":"d","user_code":"u","verification_uri":"https://as.example/d","expires_in":1800}"#;
    let Ok(Step::Done(authorization)) = flow.step(Some(json(200, codes)), NOW) else {
        panic!("it has its codes")
    };
    let stored = serde_json::to_string(&authorization).unwrap();
    for (granted, rule) in [(r#"[{"type":"payment"}]"#, None), (r#"[{"type":"account"}]"#, Some(Rule::Tr15))]
    {
        let authorization: DeviceAuthorization = serde_json::from_str(&stored).unwrap();
        let later = NOW.after(authorization.interval());
        let mut poll = DevicePoll::new(&client, authorization).unwrap();
        assert!(matches!(poll.step(None, later), Ok(Step::Send(_))));
        let answer =
            format!(r#"{{"access_token":"t","token_type":"Bearer","authorization_details":{granted}}}"#);
        let outcome = poll.step(Some(json(200, &answer)), later);
        assert_eq!(
            outcome.map(drop).map_err(|error| error.rule()),
            rule.map_or(Ok(()), |rule| Err(Some(rule)))
        );
    }
}

/// Details that are set again replace the former ones, with a grant too.
#[test]
fn the_last_details_count() {
    let grant = Grant::client_credentials().authorization_details(r#"[{"type":"account"}]"#).unwrap();
    let sent = by_grant(grant.authorization_details(AuthorizationDetails::parse(DETAILS).unwrap()).unwrap());
    let details: Vec<_> = sent.iter().filter(|(name, _)| name == "authorization_details").collect();
    assert_eq!(details, [&("authorization_details".to_owned(), DETAILS.to_owned())]);
}

/// A further parameter may be a secret.
#[test]
fn what_is_asked_for_shows_no_values_of_parameters() {
    let access = Access::new().parameter("login_hint", SECRET).unwrap();
    let token = AccessToken::new("t").unwrap();
    let shown = format!("{access:?} {:?}", TokenExchange::of(&token).access(&access).unwrap());
    assert!(!shown.contains(SECRET) && shown.contains("login_hint"), "{shown}");
}
