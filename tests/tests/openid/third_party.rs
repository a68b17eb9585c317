//! TP-1 to TP-4: a login that another party starts.

use valetkey_core::openid::{ThirdPartyLogin, ThirdPartyStart};
use valetkey_core::{AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Error, Request, Rule};
use valetkey_tests::openid::CALLBACK;
use valetkey_tests::{NOW, client, entropy, server};

fn starts() -> ThirdPartyLogin {
    ThirdPartyLogin::new("https://app.example/anywhere").unwrap().at(&server()).unwrap()
}

fn came(query: &str) -> Result<ThirdPartyStart, Error> {
    starts().receive(&http::Request::get(format!("/start?{query}")).body("").unwrap())
}

fn posted(form: &str) -> Request {
    http::Request::post("/start")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.as_bytes().to_vec())
        .unwrap()
}

fn rule(outcome: Result<ThirdPartyStart, Error>) -> Option<Rule> {
    outcome.err().and_then(|error| error.rule())
}

/// TP-1: by one of the program's servers, said once, to the letter.
#[test]
fn a_start_names_one_of_the_programs_servers() {
    let start = came("iss=https%3A%2F%2Fas.example&unknown=1").unwrap();
    assert_eq!((start.issuer(), start.target(), start.login_hint()), ("https://as.example", None, None));
    assert_eq!(starts().receive(&posted("iss=https://as.example")).unwrap().issuer(), "https://as.example");
    for query in [
        "",
        "iss=",
        "iss=https://evil.example",
        "iss=https://as.example/",
        "iss=https://AS.example",
        "iss=https://as.example&iss=https://as.example",
        "iss=https://as.example&login_hint=a&login_hint=b",
    ] {
        assert_eq!(rule(came(query)), Some(Rule::Tp1), "{query}");
    }
    let mut as_json = posted("iss=https://as.example");
    as_json.headers_mut().insert("content-type", "application/json".parse().unwrap());
    let put = http::Request::put("/start?iss=https://as.example").body(Vec::new()).unwrap();
    for request in [as_json, put, posted(""), posted(&format!("x={}", "a".repeat(40_000)))] {
        assert_eq!(rule(starts().receive(&request)), Some(Rule::Tp1));
    }
    assert!(matches!(starts().at(&AuthorizationServer::new()), Err(Error::Misuse(_))));
}

/// TP-2: it ends at the program's own origin, or another that the program names.
#[test]
fn a_start_ends_at_a_place_of_the_programs() {
    let at = |target: &str| {
        let query: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("iss", "https://as.example")
            .append_pair("target_link_uri", target)
            .finish();
        came(&query)
    };
    for target in ["https://app.example", "https://app.example/a?b=c#d", "https://app.example:443/a"] {
        assert_eq!(at(target).unwrap().target(), Some(target));
    }
    for target in [
        "",
        "/inbox",
        "//evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "https://app.example.evil.example",
        "https://app.example@evil.example/",
        "https://evil.example\\@app.example/",
        "https://app.example\\.evil.example",
        "http://app.example/",
        "https://app.example:8443/",
        "javascript:alert(1)",
        "https://app.example/\n",
        " https://app.example/",
    ] {
        assert_eq!(rule(at(target)), Some(Rule::Tp2), "{target:?}");
    }
    let wider = starts().target_at("https://admin.example").unwrap();
    let request = posted("iss=https://as.example&target_link_uri=https://admin.example/x");
    assert_eq!(wider.receive(&request).unwrap().target(), Some("https://admin.example/x"));
    for own in ["", "app.example", "http://app.example", "https://app.example/#x"] {
        assert!(ThirdPartyLogin::new(own).is_err(), "{own}");
    }
}

/// TP-3, AQ-21: the hint is held to what any is; and nothing of the target is sent.
#[test]
fn the_hint_goes_to_the_server_and_the_target_does_not() {
    let start =
        came("iss=https://as.example&login_hint=alice%40example.com&target_link_uri=https://app.example/in");
    let start = start.unwrap();
    let request = AuthorizationRequest::new(&client(), CALLBACK).unwrap();
    let (url, _) = start.ask(request).unwrap().begin("alice's cookie", entropy(1), NOW).unwrap();
    assert!(url.as_str().contains("login_hint=alice%40example.com"), "{url}");
    assert!(!url.as_str().contains("target"), "{url}");
    let shown = format!("{start:?}");
    assert!(shown.contains("ThirdPartyStart {") && shown.contains("https://as.example"), "{shown}");
    assert!(!shown.contains("alice"), "{shown}");
    assert_eq!(rule(came("iss=https://as.example&login_hint=a%0Ab")), Some(Rule::Aq21));
    let long = |length: usize| came(&format!("iss=https://as.example&login_hint={}", "a".repeat(length)));
    assert_eq!(rule(long(1024)), None);
    assert_eq!(rule(long(1025)), Some(Rule::Aq21));
    // All of them together have 32 KiB.
    let padded = |bytes: usize| {
        let form = "iss=https://as.example&padding=";
        rule(starts().receive(&posted(&format!("{form}{}", "a".repeat(bytes - form.len())))))
    };
    assert_eq!((padded(32 * 1024), padded(32 * 1024 + 1)), (None, Some(Rule::Tp1)));
    assert_eq!(came("iss=https://as.example&login_hint=").unwrap().login_hint(), None);
}

/// TP-4: it begins a login as any other, which only the browser that it began in ends.
#[test]
fn a_start_begins_a_login_in_the_browsers_own_session() {
    let start = came("iss=https://as.example").unwrap();
    let begin = |number| {
        let request = AuthorizationRequest::new(&client(), CALLBACK).unwrap();
        start.ask(request).unwrap().begin("the victim's cookie", entropy(number), NOW).unwrap().1
    };
    let (mut one, other) = (begin(1), begin(2));
    assert_ne!(one.state(), other.state(), "each start is a login of its own");
    let url = format!("{CALLBACK}?code=SplxlOBeZQQYbYS6WxSbIA&state={}", one.state());
    let response = AuthorizationResponse::from_url(&url).unwrap();
    let elsewhere = response.clone().received_in("the attacker's cookie");
    assert_eq!(one.finish(&client(), &elsewhere, NOW).unwrap_err().rule(), Some(Rule::Ar14));
    assert!(one.finish(&client(), &response.received_in("the victim's cookie"), NOW).is_ok());
}
