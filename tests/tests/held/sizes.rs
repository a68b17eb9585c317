//! TR-2, JK-1: bodies that are too deep, too wide or too large, for each reader of JSON.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use valetkey_core::error::Refused;
use valetkey_core::host::MAX_BODY;
use valetkey_core::jose::{Claims, JwkSet};
use valetkey_core::{AuthorizationServer, Discovery, Error, Response, Rule, TokenResponse};
use valetkey_tests::{NOW, json};

/// Far more than any body takes, and nothing to a person.
const SOON: Duration = Duration::from_secs(20);

const ISSUER: &str = "https://as.example";

/// What is read of a body that has these members beside those without which it is nothing.
type Reader = fn(&str) -> Result<(), Error>;

/// The readers, each with how many members it needs of its own.
const READERS: [(&str, Reader, usize); 4] = [
    ("claims", |more| Claims::read(format!("{{{more}}}")).map(drop), 0),
    (
        "a token response",
        |more| {
            let body = format!(r#"{{{more},"access_token":"a","token_type":"Bearer"}}"#);
            TokenResponse::parse(json(200, &body), NOW, &AuthorizationServer::new()).map(drop)
        },
        2,
    ),
    (
        "metadata",
        |more| {
            let body = format!(r#"{{{more},"issuer":"{ISSUER}","response_types_supported":["code"]}}"#);
            Discovery::new(ISSUER).and_then(|discovery| discovery.parse(json(200, &body), NOW)).map(drop)
        },
        2,
    ),
    ("a set of keys", |more| JwkSet::parse(format!(r#"{{{more},"keys":[]}}"#).as_bytes()).map(drop), 1),
];

fn is_refused(outcome: Result<(), Error>) -> bool {
    matches!(outcome.map_err(|error| error.rule()), Err(Some(Rule::Tr2 | Rule::Jk1 | Rule::Di1)))
}

/// `"m0":1,"m1":1,…`
fn members(count: usize) -> String {
    let mut text = String::new();
    for number in 0..count {
        let _ = write!(text, r#"{}"m{number}":1"#, if number == 0 { "" } else { "," });
    }
    text
}

/// Nested 100,000 deep, in arrays, in objects and in both, closed or left open.
#[test]
fn held_what_is_nested_without_end_is_refused() {
    for (open, middle, close) in [
        ("[", "1", "]"),
        (r#"{"a":"#, "1", "}"),
        (r#"[{"a":"#, "1", "}]"),
        ("[", "", ""),
        (r#"{"a":"#, "", ""),
    ] {
        let deep = format!(r#""x":{}{middle}{}"#, open.repeat(100_000), close.repeat(100_000));
        for (name, read, _) in READERS {
            let begun = Instant::now();
            assert!(is_refused(read(&deep)), "{name} {open}");
            assert!(begun.elapsed() < SOON, "{name} {open}");
        }
    }
}

/// An object has 256 members and no more, at whatever depth.
#[test]
fn held_the_257th_member_is_refused() {
    for (name, read, own) in READERS {
        read(&members(256 - own)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(is_refused(read(&members(257 - own))), "{name}");
        read(&format!(r#""x":[{{{}}}]"#, members(256))).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(is_refused(read(&format!(r#""x":[{{{}}}]"#, members(257)))), "{name}");
    }
}

/// A body of 1 MiB is read, and one byte more is not.
#[test]
fn held_a_byte_more_than_a_mebibyte_is_refused() {
    let read = |length: usize| {
        let filled = |text: &str| format!("{text}{}", " ".repeat(length - text.len()));
        [
            Claims::read(filled("{}")).map(drop),
            TokenResponse::parse(
                json(200, &filled(r#"{"access_token":"a","token_type":"Bearer"}"#)),
                NOW,
                &AuthorizationServer::new(),
            )
            .map(drop),
            Discovery::new(ISSUER)
                .and_then(|discovery| {
                    discovery.parse(
                        json(
                            200,
                            &filled(&format!(
                                r#"{{"issuer":"{ISSUER}","response_types_supported":["code"]}}"#
                            )),
                        ),
                        NOW,
                    )
                })
                .map(drop),
            JwkSet::parse(filled(r#"{"keys":[]}"#).as_bytes()).map(drop),
        ]
    };
    assert!(read(MAX_BODY).iter().all(Result::is_ok));
    assert!(read(MAX_BODY + 1).into_iter().all(is_refused));
}

/// 300,000 empty objects, arrays and texts cost a moment.
#[test]
fn held_a_great_many_empty_values_are_a_moments_work() {
    for empty in ["{}", "[]", "\"\""] {
        let many = format!(r#""x":[{}{empty}]"#, format!("{empty},").repeat(299_999));
        for (name, read, _) in READERS {
            let begun = Instant::now();
            read(&many).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(begun.elapsed() < SOON, "{name} {empty}: {:?}", begun.elapsed());
        }
    }
}

/// A refusal of any size is told, shortened and without what would control a terminal.
#[test]
fn held_a_refusal_of_any_size_is_told_shortened() {
    let deep = format!(r#"{{"error":{}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let wide = format!(r#"{{"error":"invalid_grant",{}}}"#, members(256));
    let large = "\u{1b}[2J\u{202e}x".repeat(100_000);
    for body in [deep, wide, large] {
        let answer: Response = json(400, &body);
        let told = match Refused::parse(&answer, NOW) {
            Ok(refused) => format!("{refused} {refused:?} {:?}", refused.excerpt()),
            Err(error) => format!("{error} {error:?}"),
        };
        assert!(told.len() < 10_000 && !told.contains(['\u{1b}', '\u{202e}']), "{} bytes", told.len());
    }
}
