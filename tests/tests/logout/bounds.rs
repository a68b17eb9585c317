//! How long and how old what comes may be: the most that is taken, and the least that is refused.

use std::time::Duration;

use serde_json::{Value, json};
use valetkey_core::logout::{FrontChannel, LogoutRequest, LogoutResponse};
use valetkey_core::{Error, Rule};
use valetkey_tests::{NOW, entropy};

use crate::world::*;

/// LO-8: a logout token has 64 KiB and its form 256 KiB, and no byte more.
#[test]
fn a_logout_token_and_its_form_have_a_size() {
    let taken = |token: String| rule(receiver().verify(&token));
    // It is looked at, and is no JWT.
    assert_eq!(taken("a".repeat(64 * 1024)), Some(Rule::Id1));
    assert_eq!(taken("a".repeat(64 * 1024 + 1)), Some(Rule::Lo8));
    let form = format!("logout_token={}&padding=", token(&claims()));
    let padded = |bytes: usize| post(format!("{form}{}", "a".repeat(bytes - form.len())));
    assert!(receiver().receive(&padded(256 * 1024)).is_ok());
    assert_eq!(rule(receiver().receive(&padded(256 * 1024 + 1))), Some(Rule::Lo8));
}

fn of(name: &str, value: impl Into<Value>) -> Option<Rule> {
    rule(heard(&claiming(|claims| claims[name] = value.into())))
}

/// LO-10, LO-12: what is remembered of a token has 1 KiB at most, and a subject 255 characters.
#[test]
fn the_texts_of_a_logout_token_have_a_length() {
    for (name, longest, broken) in
        [("jti", 1024, Rule::Lo10), ("sid", 1024, Rule::Lo12), ("sub", 255, Rule::Lo12)]
    {
        assert_eq!(of(name, "s".repeat(longest)), None, "{name}");
        assert_eq!(of(name, "s".repeat(longest + 1)), Some(broken), "{name}");
        assert_eq!(of(name, "s"), None, "{name}");
        assert_eq!(of(name, ""), Some(broken), "{name}");
    }
    assert_eq!(of("sub", "\u{e4}"), Some(Rule::Lo12));
}

/// LO-10: ten minutes and what clocks may differ by, or what the program says.
#[test]
fn a_logout_token_has_an_age() {
    let now = NOW.as_secs();
    assert_eq!(of("iat", now - 660), None);
    assert_eq!(of("iat", now - 661), Some(Rule::Lo10));
    let stricter = receiver().oldest(Duration::from_secs(30));
    let heard = |iat: u64| rule(heard_by(&stricter, &token(&claiming(|claims| claims["iat"] = json!(iat)))));
    assert_eq!(heard(now - 90), None);
    assert_eq!(heard(now - 91), Some(Rule::Lo10));
}

/// LO-17: a query of the front channel has 16 KiB, and no byte more.
#[test]
fn what_comes_in_the_front_channel_has_a_size() {
    let receiver = FrontChannel::new(&client()).unwrap();
    let came = |bytes: usize| {
        let named = "iss=https://as.example&sid=";
        let query = format!("{named}{}", "a".repeat(bytes - named.len()));
        rule(receiver.receive(&http::Request::get(format!("/out?{query}")).body(()).unwrap()))
    };
    assert_eq!(came(16 * 1024), None);
    assert_eq!(came(16 * 1024 + 1), Some(Rule::Lo17));
}

/// LO-6: a return has 16 KiB, and comes within the hour.
#[test]
fn a_return_has_a_size_and_a_time() {
    let back = "https://app.example/out";
    let long = |bytes: usize| LogoutResponse::from_url(&"a".repeat(bytes));
    assert!(long(16 * 1024).is_ok());
    assert_eq!(rule(long(16 * 1024 + 1)), Some(Rule::Lo6));
    let confirmed = |late: u64| -> Result<(), Error> {
        let request = LogoutRequest::new(&client()).unwrap().return_to(back).unwrap();
        let pending = request.begin(entropy(1), NOW).unwrap().1.unwrap();
        assert_eq!(pending.return_to(), back);
        assert_eq!(pending.expires_at(), NOW.after(Duration::from_secs(3600)));
        let response = LogoutResponse::from_url(&format!("{back}?state={}", pending.state())).unwrap();
        assert_eq!(response.state().as_deref(), Some(pending.state()));
        pending.confirm(&response, NOW.after(Duration::from_millis(late)))
    };
    assert!(confirmed(3_599_999).is_ok());
    assert_eq!(rule(confirmed(3_600_000)), Some(Rule::Lo6));
}
