//! AQ-6: grants whose type is no URI, and parameters of every token request.

use valetkey_core::server::Endpoint;
use valetkey_core::token::{TokenExchange, TokenKind};
use valetkey_core::{
    AuthorizationServer, DeviceAuthorizationRequest, DevicePoll, Error, Flow, Grant, Rule, Step, Subject,
    TokenRequest,
};
use valetkey_tests::script::play;
use valetkey_tests::{NOW, client, client_of, json, server};

fn body_of(flow: &mut impl Flow) -> String {
    let now = NOW.after(std::time::Duration::from_secs(5));
    let Step::Send(request) = flow.step(None, now).unwrap() else { panic!("it sends nothing") };
    String::from_utf8(request.body().clone()).unwrap()
}

/// F28: a grant type that is a name of the server's own.
#[test]
fn a_grant_type_that_is_no_uri_is_sent_by_a_constructor_that_says_so() {
    for (name, parameter) in [
        ("account_credentials", "account_id"),
        ("fb_exchange_token", "fb_exchange_token"),
        ("delegation", "token"),
    ] {
        let error = Grant::extension(name, Subject::User, [(parameter, "7")]).unwrap_err();
        assert!(error.to_string().contains("`Grant::unregistered`"), "{error}");
        let grant = Grant::unregistered(name, Subject::User, [(parameter, "7")]).unwrap();
        assert_eq!((grant.grant_type(), grant.subject()), (name, Subject::User));
        assert!(!format!("{grant:?}").contains("7"));
        let body = body_of(&mut TokenRequest::new(&client(), grant).unwrap());
        assert_eq!(body, format!("grant_type={name}&{parameter}=7"));
    }
}

/// What has a constructor of its own, with its checks, is not made by the other.
#[test]
fn a_grant_of_the_rfcs_is_not_made_by_its_name() {
    let taken = ["authorization_code", "client_credentials", "implicit", "password", "refresh_token"];
    for name in taken.into_iter().chain(["", "a b", "\u{e9}", "urn:example:x", "https://as.example/grant"]) {
        for name in [name, &name.to_uppercase()] {
            let made = Grant::unregistered(name, Subject::User, [("a", "b")]);
            assert!(matches!(made, Err(Error::Misuse(_))), "{name}");
        }
    }
    for parameter in ["code", "refresh_token", "client_secret", "grant_type", "scope"] {
        let error = Grant::unregistered("delegation", Subject::User, [(parameter, "b")]).unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Aq6), "{parameter}");
    }
}

/// A server's own parameter is in the request of every grant, and once.
#[test]
fn a_parameter_of_the_server_is_in_every_token_request() {
    let described = || -> AuthorizationServer {
        let server = server().endpoint(Endpoint::DeviceAuthorization, "https://as.example/device").unwrap();
        server.token_parameter("action", "request token").unwrap().token_parameter("audience", "one").unwrap()
    };
    let client = client_of(described());
    assert_eq!(
        described().token_parameters().collect::<Vec<_>>(),
        [("action", "request token"), ("audience", "one")]
    );
    let refresh = valetkey_core::RefreshToken::new("r0").unwrap();
    let exchange = TokenExchange::new("t", TokenKind::JWT).unwrap();
    let grants = [
        Grant::client_credentials().scope("calendar").unwrap(),
        Grant::refresh_token(&refresh),
        Grant::from(exchange),
        Grant::unregistered("delegation", Subject::User, [("token", "t")]).unwrap(),
    ];
    for grant in grants {
        let body = body_of(&mut TokenRequest::new(&client, grant.clone()).unwrap());
        assert!(body.ends_with("&action=request+token&audience=one"), "{body}");
        let own = grant.parameter("audience", "mine").unwrap();
        let body = body_of(&mut TokenRequest::new(&client, own).unwrap());
        assert!(body.contains("&audience=mine") && !body.contains("audience=one"), "{body}");
    }
    let body = r#"{"device_code":"d","user_code":"WDJB","verification_uri":"https://example.com/device","expires_in":60}"#;
    let device = play(DeviceAuthorizationRequest::new(&client).unwrap(), [Some(json(200, body))]);
    let asked = String::from_utf8(device.sent[0].1.body().clone()).unwrap();
    assert!(!asked.contains("action"), "it is no token request: {asked}");
    let polled = body_of(&mut DevicePoll::new(&client, device.outcome.unwrap()).unwrap());
    assert!(polled.ends_with("&action=request+token&audience=one"), "{polled}");
}

#[test]
fn a_parameter_of_the_server_is_not_one_of_the_librarys() {
    let taken = [
        "grant_type",
        "client_id",
        "client_secret",
        "client_assertion",
        "scope",
        "code",
        "code_verifier",
        "redirect_uri",
        "refresh_token",
        "resource",
        "authorization_details",
        "assertion",
        "subject_token",
        "device_code",
        "password",
        "Client_Secret",
        "dpop_jkt",
        "requested_token_type",
        "a\nb",
        "",
    ];
    for name in taken {
        let error = server().token_parameter(name, "x").unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Aq6), "{name}");
    }
    assert_eq!(server().token_parameter("a", "1\r\n").unwrap_err().rule(), Some(Rule::Aq6));
    assert!(server().token_parameter("max_age", "soon").is_err());
    assert!(server().token_parameter("a", "1").unwrap().token_parameter("a", "2").is_err());
}

/// AQ-6: of many parameters each is sent once, in the order in which they were given, and none may come again.
#[test]
fn one_of_many_parameters_is_not_given_again() {
    let mut pairs: Vec<(String, String)> =
        (0..400).rev().map(|number| (format!("p {number}"), format!("v&{number}"))).collect();
    let uri = "urn:example:many";
    let grant = Grant::extension(uri, Subject::User, &pairs).unwrap();
    let mut flow = TokenRequest::new(&client(), grant.clone()).unwrap();
    let body = body_of(&mut flow);
    let sent: Vec<&str> = body.split('&').filter(|pair| pair.starts_with("p+")).collect();
    let expected: Vec<String> = (0..400).rev().map(|number| format!("p+{number}=v%26{number}")).collect();
    assert_eq!(sent, expected);

    for name in ["p 0", "p 200", "p 399"] {
        let error = grant.clone().parameter(name, "again").unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Aq6), "{name}");
        pairs.push((name.to_owned(), "again".to_owned()));
        assert_eq!(
            Grant::extension(uri, Subject::User, &pairs).unwrap_err().rule(),
            Some(Rule::Aq6),
            "{name}"
        );
        pairs.pop();
    }
}
