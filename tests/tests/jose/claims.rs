//! ID-9, ID-10, ID-12 to ID-14, ID-25: the claims of a JWT, read and checked.

use std::time::Duration;

use proptest::prelude::*;
use valetkey_core::jose::{Claims, ClaimsCheck};
use valetkey_core::{Error, Rule, UnixTime};
use valetkey_tests::NOW;

fn rule(error: &Error) -> &'static str {
    error.rule().map_or("none", Rule::id)
}

fn check<'a>() -> ClaimsCheck<'a> {
    ClaimsCheck::at(NOW).leeway(Duration::from_secs(10)).issuer("https://as.example").audience("me").expires()
}

#[test]
fn claims_that_do_not_hold_are_refused_by_the_rule() {
    let good = r#""iss":"https://as.example","aud":"me","exp":1700000060"#;
    let cases = [
        ("", good.to_owned()),
        ("", format!(r#"{good},"nbf":1700000000,"iat":1700000000"#)),
        ("", r#""iss":"https://as.example","aud":["you","me"],"exp":1700000060.5"#.to_owned()),
        ("", r#""iss":"https://as.example","aud":"me","exp":1699999991"#.to_owned()),
        ("", format!(r#"{good},"nbf":1700000010,"iat":1700000010"#)),
        ("", format!(r#"{good},"iat":1.7e9"#)),
        ("ID-9", r#""aud":"me","exp":1700000060"#.to_owned()),
        ("ID-9", good.replace("https://as.example", "https://as.example/")),
        ("ID-9", good.replace("https://as.example", "https://AS.example")),
        ("ID-9", good.replace("https://as.example", "http://as.example")),
        ("ID-9", good.replace("https://as.example", "https://as.example:443")),
        ("ID-9", good.replace(r#""https://as.example""#, r#"["https://as.example"]"#)),
        ("ID-9", good.replace(r#""https://as.example""#, "null")),
        ("ID-10", good.replace(r#""aud":"me","#, "")),
        ("ID-10", good.replace(r#""me""#, r#""Me""#)),
        ("ID-10", good.replace(r#""me""#, r#""me you""#)),
        ("ID-10", good.replace(r#""me""#, r#"[]"#)),
        ("ID-10", good.replace(r#""me""#, r#"["you"]"#)),
        ("ID-10", good.replace(r#""me""#, r#"["me",7]"#)),
        ("ID-10", good.replace(r#""me""#, r#"{"me":1}"#)),
        ("ID-10", good.replace(r#""me""#, "null")),
        ("ID-12", good.replace(r#","exp":1700000060"#, "")),
        ("ID-12", good.replace("1700000060", "1699999990")),
        ("ID-12", good.replace("1700000060", "0")),
        ("ID-13", format!(r#"{good},"iat":1700000011"#)),
        ("ID-13", format!(r#"{good},"iat":1700000010.001"#)),
        ("ID-14", format!(r#"{good},"nbf":1700000011"#)),
        ("ID-25", good.replace("1700000060", "1700000060000")),
        ("ID-25", good.replace("1700000060", "1e300")),
        ("ID-25", good.replace("1700000060", "18446744073709551615")),
        ("ID-25", good.replace("1700000060", "18446744073709551616")),
        ("ID-25", good.replace("1700000060", "-1")),
        ("ID-25", good.replace("1700000060", "-0.5")),
        ("ID-25", good.replace("1700000060", r#""1700000060""#)),
        ("ID-25", good.replace("1700000060", "true")),
        ("ID-25", good.replace("1700000060", "null")),
        ("ID-25", format!(r#"{good},"iat":[1]"#)),
        ("ID-25", format!(r#"{good},"nbf":{{}}"#)),
        ("TR-2", good.replace("1700000060", "1e400")),
        ("TR-2", good.replace("1700000060", "NaN")),
        ("TR-2", format!(r#"{good},"iss":"https://as.example""#)),
    ];
    for (id, members) in cases {
        let outcome = Claims::read(format!("{{{members}}}")).and_then(|claims| check().check(&claims));
        assert_eq!(outcome.err().map_or("", |error| rule(&error)), id, "{members}");
    }
}

#[test]
fn what_is_not_asked_for_is_not_required_and_dates_are_checked_all_the_same() {
    let lax = ClaimsCheck::at(NOW);
    assert!(lax.check(&Claims::read("{}").unwrap()).is_ok());
    assert!(
        lax.check(&Claims::read(r#"{"exp":1700000000}"#).unwrap()).is_err(),
        "on exp it is no longer good"
    );
    assert!(lax.check(&Claims::read(r#"{"exp":1700000000.001}"#).unwrap()).is_ok());
    assert!(lax.check(&Claims::read(r#"{"nbf":1700000000.001}"#).unwrap()).is_err());
}

/// ID-13: with a policy on age, `iat` is required.
#[test]
fn a_jwt_may_be_too_old() {
    let young = ClaimsCheck::at(NOW).max_age(Duration::from_secs(60));
    for (id, claims) in [
        ("", r#"{"iat":1699999940}"#),
        ("ID-13", r#"{"iat":1699999939}"#),
        ("ID-13", r#"{"iat":1}"#),
        ("ID-13", "{}"),
    ] {
        let outcome = young.check(&Claims::read(claims).unwrap());
        assert_eq!(outcome.err().map_or("", |error| rule(&error)), id, "{claims}");
    }
}

#[test]
fn any_claim_is_read_as_the_type_that_is_asked_for() {
    let claims = Claims::read(r#"{"jti":"1","n":7,"deep":{"list":["a"]}}"#).unwrap();
    assert_eq!(claims.claim::<&str>("jti").unwrap(), Some("1"));
    assert_eq!(claims.claim::<u8>("n").unwrap(), Some(7));
    assert_eq!(claims.claim::<String>("absent").unwrap(), None);
    assert_eq!(claims.claim::<serde_json::Value>("deep").unwrap().unwrap()["list"][0], "a");
    assert!(claims.claim::<u8>("jti").is_err());
}

proptest! {
    /// Whatever the dates and the clocks, nothing overflows, and more leeway never refuses what less accepts.
    #[test]
    fn leeway_only_ever_accepts_more(
        exp in 0_u64..300_000_000_000, nbf in 0_u64..300_000_000_000, iat in 0_u64..300_000_000_000,
        now: u64, less: u64, more: u64,
    ) {
        let Ok(claims) = Claims::read(format!(r#"{{"exp":{exp},"nbf":{nbf},"iat":{iat}}}"#)) else {
            prop_assert!(exp.max(nbf).max(iat) > 253_402_300_799);
            return Ok(());
        };
        let (less, more) = (less.min(more), less.max(more));
        let at = |leeway| ClaimsCheck::at(UnixTime::from_millis(now)).leeway(Duration::from_millis(leeway)).check(&claims);
        prop_assert!(at(less).is_err() || at(more).is_ok());
        prop_assert!(at(u64::MAX).is_ok() || now == u64::MAX);
    }
}

#[test]
fn a_claim_is_found_wherever_and_however_it_is_written() {
    let payload =
        r#" { "a" : "1" ,"b":2,"\u0063":"3", "deep":{"a":4,"b":[5]},"e":null,"quoted":"\"a\":6","g" :7.5 } "#;
    let claims = Claims::read(payload).unwrap();
    assert_eq!(claims.claim::<String>("a").unwrap().as_deref(), Some("1"));
    assert_eq!(claims.claim::<&str>("a").unwrap(), Some("1"));
    assert_eq!(claims.claim::<u64>("b").unwrap(), Some(2));
    assert_eq!(claims.claim::<String>("c").unwrap().as_deref(), Some("3"));
    let deep: serde_json::Value = claims.claim("deep").unwrap().unwrap();
    assert_eq!(deep, serde_json::json!({ "a": 4, "b": [5] }));
    assert_eq!(claims.claim::<Option<u64>>("e").unwrap(), Some(None));
    assert_eq!(claims.claim::<String>("quoted").unwrap().as_deref(), Some("\"a\":6"));
    assert!((claims.claim::<f64>("g").unwrap().unwrap() - 7.5).abs() < f64::EPSILON);
    for absent in ["", "A", "\\u0063", "iss", "deep.a"] {
        assert_eq!(claims.claim::<String>(absent).unwrap(), None, "{absent}");
    }
    assert_eq!(rule(&claims.claim::<u64>("a").unwrap_err()), "TR-2");
    assert_eq!(rule(&claims.claim::<String>("deep").unwrap_err()), "TR-2");
    assert_eq!(claims.clone().claim::<u64>("b").unwrap(), Some(2), "a clone has its own");
}
