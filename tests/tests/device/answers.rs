//! DV-1, DV-2, DV-5: what a device is told, and what it shows.

use std::time::Duration;

use valetkey_core::server::Endpoint;
use valetkey_core::{
    AuthorizationServer, Client, DeviceAuthorization, DeviceAuthorizationRequest, DevicePoll, Error,
    Flow as _, Quirk, Quirks, Response, Rule, Step,
};
use valetkey_tests::script::{Played, play};
use valetkey_tests::{NOW, client_of, json, server};

/// The device code of RFC 8628 §3.2.
const DEVICE_CODE: &str = "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS";

fn devices() -> AuthorizationServer {
    server().endpoint(Endpoint::DeviceAuthorization, "https://as.example/device").unwrap()
}

/// An answer with these members in the place of the usual ones; `-name` leaves one out.
fn answer(changes: &[(&str, &str)]) -> Response {
    let mut members = vec![
        ("device_code", r#""GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS""#),
        ("user_code", r#""WDJB-MJHT""#),
        ("verification_uri", r#""https://example.com/device""#),
        ("expires_in", "1800"),
    ];
    for &(name, value) in changes {
        members.retain(|(known, _)| *known != name.trim_start_matches('-'));
        if !name.starts_with('-') {
            members.push((name, value));
        }
    }
    let members: Vec<String> = members.iter().map(|(name, value)| format!(r#""{name}":{value}"#)).collect();
    json(200, &format!("{{{}}}", members.join(",")))
}

fn ask_at(server: AuthorizationServer, answer: Response) -> Played<DeviceAuthorization> {
    play(DeviceAuthorizationRequest::new(&client_of(server)).unwrap(), [Some(answer)])
}

fn ask(changes: &[(&str, &str)]) -> Played<DeviceAuthorization> {
    ask_at(devices(), answer(changes))
}

/// RFC 8628 §3.1, §3.2 and §3.4.
#[test]
fn the_conversation_of_the_rfc() {
    let server = AuthorizationServer::new()
        .endpoint(Endpoint::DeviceAuthorization, "https://server.example.com/device_authorization")
        .unwrap()
        .token_endpoint("https://server.example.com/token")
        .unwrap();
    let client = Client::new(server, "1406020730");
    let request = DeviceAuthorizationRequest::new(&client).unwrap().scope("example_scope").unwrap();
    let body = format!(
        r#"{{
            "device_code": "{DEVICE_CODE}",
            "user_code": "WDJB-MJHT",
            "verification_uri": "https://example.com/device",
            "verification_uri_complete": "https://example.com/device?user_code=WDJB-MJHT",
            "expires_in": 1800,
            "interval": 5
        }}"#
    );
    let played = play(request, [Some(json(200, &body))]);
    assert_eq!(played.urls(), ["https://server.example.com/device_authorization"]);
    assert_eq!(played.sent[0].1.body(), b"scope=example_scope&client_id=1406020730");
    let device = played.outcome.unwrap();
    assert_eq!(device.user_code(), "WDJB-MJHT");
    assert_eq!(device.verification_uri(), "https://example.com/device");
    assert_eq!(device.verification_uri_complete(), Some("https://example.com/device?user_code=WDJB-MJHT"));
    assert_eq!(device.interval(), Duration::from_secs(5));
    assert_eq!(device.expires_at().since(NOW), Duration::from_secs(1800));
    assert!(!device.is_complete_elsewhere());

    let mut poll = DevicePoll::new(&client, device).unwrap();
    let Ok(Step::Send(request)) = poll.step(None, NOW.after(Duration::from_secs(5))) else {
        panic!("after the interval it polls")
    };
    assert_eq!(request.uri(), "https://server.example.com/token");
    assert_eq!(
        String::from_utf8_lossy(request.body()),
        format!(
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code={DEVICE_CODE}&client_id=1406020730"
        )
    );
}

/// DV-1.
#[test]
fn an_answer_without_what_a_device_needs_is_refused() {
    for changes in [
        ("-device_code", ""),
        ("device_code", r#""""#),
        ("device_code", "5"),
        ("device_code", r#""a\u0000b""#),
        ("-user_code", ""),
        ("user_code", r#""""#),
        ("user_code", "[]"),
        ("-verification_uri", ""),
        ("verification_uri", r#""""#),
        ("verification_uri", "null"),
        ("-expires_in", ""),
        ("expires_in", "0"),
        ("expires_in", "-1"),
        ("expires_in", "true"),
        ("expires_in", "[1]"),
        ("expires_in", r#""12abc""#),
        ("expires_in", "0.5"),
        ("expires_in", "null"),
        ("interval", r#""5x""#),
        ("interval", "-5"),
        ("interval", "true"),
        ("interval", "[5]"),
        ("interval", r#""99999999999999999999""#),
    ] {
        assert_eq!(ask(&[changes]).rule(), Rule::Dv1, "{changes:?}");
    }
    assert_eq!(ask(&[("expires_in", "1e400")]).rule(), Rule::Tr2);
    assert_eq!(ask_at(devices(), json(201, "{}")).rule(), Rule::Dv1);
    assert_eq!(ask_at(devices(), json(302, "")).rule(), Rule::Ht1);
    let mut page = answer(&[]);
    page.headers_mut().insert("content-type", "text/html".parse().unwrap());
    assert_eq!(ask_at(devices(), page).rule(), Rule::Dv1);
}

/// DV-2: nothing of it reaches a browser, a QR code or a terminal.
#[test]
fn what_is_shown_is_a_web_page_and_a_printable_code() {
    for page in [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "/device",
        "https://",
        "https://example.com@evil.example/device",
        "https://example.com:99999/device",
        "https://example.com/\\u001b[2J",
        "https://example.com/device now",
        "https://example.com/\\u202edevice",
        "https://example.com/$(calc)`x`",
    ] {
        for name in ["verification_uri", "verification_uri_complete"] {
            let value = format!(r#""{page}""#);
            assert_eq!(ask(&[(name, &value)]).rule(), Rule::Dv2, "{name}: {page}");
        }
    }
    let long = format!(r#""{}""#, "W".repeat(200));
    for code in [r#""\u001b[31mWDJB""#, r#""WDJB\nMJHT""#, r#""WDJB\u202eMJHT""#, &long] {
        assert_eq!(ask(&[("user_code", code)]).rule(), Rule::Dv2, "{code}");
    }
    // Plain http is as the server says it: the page holds nothing of the device's.
    assert!(ask(&[("verification_uri", r#""http://example.com/device""#)]).outcome.is_ok());
}

/// DV-2.
#[test]
fn a_complete_page_elsewhere_is_told() {
    for (complete, elsewhere) in [
        ("https://example.com/device?user_code=WDJB-MJHT", false),
        ("https://example.com:443/d", false),
        ("https://example.org/device?user_code=WDJB-MJHT", true),
        ("http://example.com/device", true),
    ] {
        let value = format!(r#""{complete}""#);
        let device = ask(&[("verification_uri_complete", &value)]).outcome.unwrap();
        assert_eq!(device.is_complete_elsewhere(), elsewhere, "{complete}");
    }
}

/// DV-1: odd intervals and lifetimes never make a busy loop nor an overflow, and are told.
#[test]
fn odd_numbers_are_bounded_and_told() {
    for (interval, seconds, told) in [
        ("5", 5, false),
        ("1", 1, false),
        ("0", 5, true),
        ("null", 5, true),
        ("0.2", 1, true),
        ("5.5", 6, true),
        (r#""7""#, 7, true),
        (r#""7.0""#, 7, true),
        (r#""7.2""#, 8, true),
        (r#""""#, 5, true),
        ("18446744073709551615", 3600, true),
        ("1e300", 3600, true),
    ] {
        let played = ask(&[("interval", interval)]);
        if interval == "1e300" {
            assert_eq!(played.rule(), Rule::Dv1);
            continue;
        }
        let device = played.outcome.unwrap();
        assert_eq!(device.interval(), Duration::from_secs(seconds), "{interval}");
        assert_eq!(device.quirks().contains(Quirk::IntervalAdjusted), told, "{interval}");
    }
    assert_eq!(ask(&[]).outcome.unwrap().interval(), Duration::from_secs(5));
    for (lifetime, seconds, quirk) in [
        ("1800.9", 1800, Quirk::LifetimeAsFraction),
        (r#""900""#, 900, Quirk::LifetimeAsText),
        ("18446744073709551615", 86_400, Quirk::LifetimeCapped),
        ("100000", 86_400, Quirk::LifetimeCapped),
    ] {
        let device = ask(&[("expires_in", lifetime)]).outcome.unwrap();
        assert_eq!(device.expires_at().since(NOW), Duration::from_secs(seconds), "{lifetime}");
        assert!(device.quirks().contains(quirk));
    }
}

/// DV-1, DV-2: the most that is taken as it is, and the least that is not.
#[test]
fn what_a_device_is_given_has_bounds() {
    let code = |length: usize| ask(&[("user_code", &format!("{:?}", "u".repeat(length)))]);
    assert_eq!(code(128).outcome.unwrap().user_code().len(), 128);
    assert_eq!(code(129).rule(), Rule::Dv2);
    for (member, quirk, most) in
        [("expires_in", Quirk::LifetimeCapped, 86_400), ("interval", Quirk::IntervalAdjusted, 3600)]
    {
        for (seconds, is_told) in [(most, false), (most + 1, true)] {
            let device = ask(&[(member, &seconds.to_string())]).outcome.unwrap();
            assert_eq!(device.quirks().contains(quirk), is_told, "{member} {seconds}");
            let came = if member == "interval" { device.interval() } else { device.expires_at().since(NOW) };
            assert_eq!(came, Duration::from_secs(most), "{member} {seconds}");
        }
    }
}

/// DV-1: another name of the page is met by its quirk.
#[test]
fn the_page_under_its_old_name_is_admitted_by_name() {
    let changes = [("-verification_uri", ""), ("verification_url", r#""https://www.google.com/device""#)];
    assert_eq!(ask(&changes).rule(), Rule::Dv1);
    let device = ask_at(devices().admit(Quirk::VerificationUrl), answer(&changes)).outcome.unwrap();
    assert_eq!(device.verification_uri(), "https://www.google.com/device");
    assert!(device.quirks().contains(Quirk::VerificationUrl));
}

/// TR-4: an error is an error, at 200 too.
#[test]
fn a_refusal_is_the_servers_own() {
    for status in [200, 400, 401, 503] {
        let played = ask_at(devices(), json(status, r#"{"error":"unauthorized_client"}"#));
        let error = played.outcome.expect_err("refused");
        let code = error.refused().unwrap().code().unwrap().as_str().to_owned();
        assert_eq!(code, "unauthorized_client", "{status}");
    }
}

/// AQ-6.
#[test]
fn further_parameters_are_sent_once() {
    let request = || DeviceAuthorizationRequest::new(&client_of(devices())).unwrap();
    let made = request().parameter("audience", "https://api.example").unwrap();
    let played = play(made, [Some(answer(&[]))]);
    assert_eq!(played.sent[0].1.body(), b"audience=https%3A%2F%2Fapi.example");
    for name in ["client_id", "client_secret", "scope", "device_code", "grant_type"] {
        let error = request().parameter(name, "x").expect_err(name);
        assert_eq!(error.rule(), Some(Rule::Aq6));
    }
    let twice = request().parameter("a", "1").unwrap().parameter("a", "2");
    assert_eq!(twice.expect_err("twice").rule(), Some(Rule::Aq6));
}

/// DV-5, and CA-3 at this endpoint.
#[test]
fn the_device_code_is_never_shown_and_the_client_fits_the_server() {
    let device = ask(&[]).outcome.unwrap();
    assert!(format!("{device:?}").contains("WDJB-MJHT"));
    let poll = DevicePoll::new(&client_of(devices()), device.clone()).unwrap();
    assert!(format!("{poll:?}").starts_with("DevicePoll { client: Client"), "{poll:?}");
    assert!(format!("{poll:?}").contains("WDJB-MJHT"), "{poll:?}");
    let request = DeviceAuthorizationRequest::new(&client_of(devices())).unwrap();
    let request = format!("{:?}", request.scope("a b").unwrap());
    for text in ["DeviceAuthorizationRequest {", "s6BhdRkqt3", "Scope(\"a b\")"] {
        assert!(request.contains(text), "{request}");
    }
    for shown in [format!("{device:?}"), format!("{poll:?}"), format!("{device:#?}")] {
        assert!(!shown.contains(DEVICE_CODE), "{shown}");
    }
    let picky = devices().authentication_methods(["private_key_jwt"]);
    let error = DeviceAuthorizationRequest::new(&client_of(picky)).expect_err("not listed");
    assert_eq!(error.rule(), Some(Rule::Ca3));
    assert!(matches!(DeviceAuthorizationRequest::new(&client_of(server())), Err(Error::Misuse(_))));
    assert_eq!(device.quirks(), Quirks::default());
}
