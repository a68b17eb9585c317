//! A run is kept as a JSON document, and replayed from it: the same requests, the same outcome.

#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic, and tells what it saw"
)]

use valetkey_core::UnixTime;
use valetkey_playground::play::{Attack, Method, Organisation, Run, Transcript, Trial, demo_setup};
use valetkey_sandbox::Dialect;

const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);
const URL: &str = "http://127.0.0.1:9";

fn played(method: Method, attack: Option<Attack>) -> Trial {
    let organisation = Organisation { dialect: Dialect::Standard, ..Organisation::default() };
    let mut sandbox = organisation.sandbox([1; 32], URL);
    let setup = demo_setup(method, &organisation, &mut sandbox, URL, "http://127.0.0.1:8/callback");
    let run = Run::begin(setup, [2; 32], NOW).unwrap();
    let mut trial = Trial::new(run, attack, Some(&mut sandbox));
    trial.drive(&mut sandbox, NOW);
    trial
}

#[test]
fn each_run_replays_from_its_transcript_under_every_attack() {
    for method in Method::ALL {
        for attack in [None].into_iter().chain(Attack::all().map(Some)) {
            let trial = played(*method, attack);
            let json = Transcript::of(&trial.run, attack).to_json();
            let transcript = Transcript::parse(&json).unwrap();
            let replayed = transcript.replay().unwrap_or_else(|at| panic!("{method:?} {attack:?}: {at}"));
            assert_eq!(Transcript::of(&replayed, attack).to_json(), json, "{method:?} {attack:?}");
        }
    }
}

/// The replay is a test, not a formality: whatever is changed is found.
#[test]
fn a_replay_finds_what_was_changed() {
    let json = Transcript::of(&played(Method::AuthorizationCode, None).run, None).to_json();
    let changed = |from: &str, to: &str| {
        assert!(json.contains(from), "{from}");
        Transcript::parse(&json.replacen(from, to, 1)).and_then(|transcript| transcript.replay().map(drop))
    };
    assert!(changed("", "").is_ok());
    for (from, to) in [
        ("grant_type=authorization_code", "grant_type=password"),
        ("\"AR-5\",", ""),
        ("\"failed\": null", "\"failed\": {\"rule\": null, \"text\": \"no\"}"),
        ("code=code-", "code=other-"),
        ("\"status\": 200", "\"status\": 201"),
    ] {
        assert!(changed(from, to).is_err(), "{from} -> {to}");
    }
}

/// Each transcript in the folder, whoever saved it there, still says the same of core. Those of the methods were kept
/// by an earlier version.
#[test]
fn the_transcripts_that_were_kept_still_replay() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transcripts");
    if std::env::var_os("VALETKEY_KEEP_TRANSCRIPTS").is_some() {
        std::fs::create_dir_all(folder).unwrap();
        for method in Method::ALL {
            let json = Transcript::of(&played(*method, None).run, None).to_json() + "\n";
            std::fs::write(format!("{folder}/{}.json", method.name()), json).unwrap();
        }
    }
    let mut replayed = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let transcript = Transcript::parse(&std::fs::read_to_string(&path).unwrap()).unwrap();
        transcript.replay().unwrap_or_else(|at| panic!("{}: {at}", path.display()));
        replayed += 1;
    }
    assert!(replayed >= Method::ALL.len(), "only {replayed}");
}

#[test]
fn what_is_no_transcript_is_refused() {
    for json in ["", "{}", "[]", "{\"format\":\"valetkey-transcript\",\"version\":2}"] {
        assert_eq!(Transcript::parse(json).unwrap_err().step, 0, "{json}");
    }
    let json = Transcript::of(&played(Method::Password, None).run, None).to_json();
    assert!(Transcript::parse(&json.replace("\"version\": 1", "\"version\": 2")).is_err());
}
