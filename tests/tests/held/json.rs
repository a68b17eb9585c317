//! TR-2: JSON against a model of RFC 8259, [`model`](crate::model), in both directions.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};
use valetkey_core::Rule;
use valetkey_core::jose::Claims;

use crate::model;

/// How many texts are tried in the suite, and in the slow run.
const FEW: u32 = 3_000;
const MANY: u32 = 40_000;

/// What core reads of a text: its members that are texts, or none if it is refused as no strict object.
fn read(bytes: &[u8]) -> Option<Claims> {
    match Claims::read(bytes) {
        Ok(claims) => Some(claims),
        Err(error) => {
            assert_eq!(error.rule(), Some(Rule::Tr2), "{error}");
            None
        }
    }
}

/// Names of which some are the same, written otherwise. None is a claim's whose type is checked.
fn names() -> impl Strategy<Value = String> {
    select(vec![
        r#""a""#,
        r#""\u0061""#,
        r#""b""#,
        r#""""#,
        r#""\"""#,
        r#""A""#,
        r#""\n""#,
        r#""é""#,
        r#""\u00e9""#,
    ])
    .prop_map(str::to_owned)
}

fn leaves() -> impl Strategy<Value = String> {
    let known = select(vec![
        "null",
        "true",
        "false",
        "0",
        "-0",
        "1",
        "-1",
        "10",
        "01",
        "1.5",
        "1.",
        ".5",
        "1e5",
        "1E+5",
        "1e-5",
        "1e",
        "+1",
        "--1",
        "1e400",
        "-1e400",
        "1e-400",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775809",
        "NaN",
        "Infinity",
        "nul",
        "True",
        r#""""#,
        r#""a""#,
        r#""\"\\\/\b\f\n\r\t""#,
        r#""\u0000""#,
        r#""\ud83d\ude00""#,
        r#""\uD83D\uDE00""#,
        r#""\ud83d""#,
        r#""\ude00""#,
        r#""\ud83d\ud83d""#,
        r#""\ud83dx""#,
        r#""\x41""#,
        r#""\u12""#,
        "\"\u{1}\"",
        "\"\t\"",
        "\"\u{7f}\"",
        "\"\u{2028}\"",
        "\"\u{feff}\"",
        "'a'",
        "\"a",
        "😀",
        "{}",
        "[]",
        "/**/1",
    ])
    .prop_map(str::to_owned);
    let numbers = "-?[0-9]{1,4}(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?";
    prop_oneof![3 => known, 1 => numbers]
}

fn spaces() -> impl Strategy<Value = String> {
    prop_oneof![8 => Just(String::new()), 2 => "[ \t\r\n]{1,3}", 1 => select(vec!["\u{b}", "\u{a0}", "\u{feff}"]).prop_map(str::to_owned)]
}

/// Values as text, most of which are JSON.
fn values() -> impl Strategy<Value = String> {
    leaves().prop_recursive(4, 24, 4, |inner| {
        let spaced =
            (spaces(), inner, spaces()).prop_map(|(before, value, after)| before + &value + &after).boxed();
        let members = vec((names(), spaces(), spaced.clone()), 0..4).prop_map(|members| {
            let members = members.into_iter().map(|(name, space, value)| format!("{name}{space}:{value}"));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        });
        prop_oneof![
            2 => members,
            1 => vec(spaced, 0..4).prop_map(|values| format!("[{}]", values.join(","))),
        ]
    })
}

/// One byte of a text taken out, put in, or written over.
fn change() -> impl Strategy<Value = (u8, Index, u8)> {
    let bytes = prop_oneof![
        6 => select(b"{}[]\",:\\0123456789.eE+-tfnu/ \t\n'".to_vec()),
        1 => any::<u8>(),
    ];
    (0..3_u8, any::<Index>(), bytes)
}

/// Objects as bytes: right, or wrong in a place or two.
fn texts() -> impl Strategy<Value = Vec<u8>> {
    let object = (spaces(), vec((names(), values()), 0..4), spaces()).prop_map(|(before, members, after)| {
        let members: Vec<_> = members.into_iter().map(|(name, value)| format!("{name}:{value}")).collect();
        format!("{before}{{{}}}{after}", members.join(","))
    });
    let text = prop_oneof![6 => object, 1 => values()];
    (text, prop_oneof![Just(0), Just(1), Just(2)], vec(change(), 2)).prop_map(|(text, count, changes)| {
        let mut bytes = text.into_bytes();
        for (kind, place, byte) in changes.into_iter().take(count) {
            match (kind, bytes.len()) {
                (0, length) if length > 0 => drop(bytes.remove(place.index(length))),
                (1, length) if length > 0 => bytes[place.index(length)] = byte,
                (_, length) => bytes.insert(place.index(length + 1), byte),
            }
        }
        bytes
    })
}

fn the_reader_is_the_model(cases: u32) {
    let mut taken = 0;
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let counted = std::cell::Cell::new(0);
    let outcome = runner.run(&texts(), |bytes| {
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        match (read(&bytes), model::object(&bytes)) {
            (None, None) => {}
            (Some(claims), Some(members)) => {
                counted.set(counted.get() + 1);
                for (name, text) in members {
                    prop_assert_eq!(
                        claims.claim::<String>(&name).unwrap(),
                        Some(text),
                        "{} in {}",
                        name,
                        shown
                    );
                }
            }
            (read, _) => {
                prop_assert!(false, "core: {}, the model: {}: {shown}", read.is_some(), read.is_none())
            }
        }
        Ok(())
    });
    outcome.unwrap();
    taken += counted.get();
    // A property that only ever refuses, or only ever takes, says little.
    assert!(taken > cases / 10 && taken < cases * 9 / 10, "{taken} of {cases} were taken");
}

/// Nearly right JSON, against a model of RFC 8259 with unique names: whatever one takes the other takes, and the texts in
/// it are the same.
#[test]
fn held_json_is_read_as_rfc_8259_has_it() {
    the_reader_is_the_model(FEW);
}

/// The same, at length.
#[test]
#[ignore = "takes minutes: tests/interop/slow/run"]
fn held_json_is_read_as_rfc_8259_has_it_at_length() {
    the_reader_is_the_model(MANY);
}
