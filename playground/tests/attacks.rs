//! Every method × every switch of the attacker's: what became of it. `--nocapture` shows the table.

#![allow(
    clippy::disallowed_macros,
    clippy::unwrap_used,
    reason = "a test fails by a panic, and tells what it saw"
)]

use std::collections::BTreeSet;

use valetkey_core::{Rule, UnixTime};
use valetkey_playground::play::{
    Attack, Kind, Method, Organisation, Run, State, Trial, Verdict, checks, demo_setup,
};
use valetkey_sandbox::{Dialect, Sandbox};

const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);
const URL: &str = "http://127.0.0.1:9";
const CALLBACK: &str = "http://127.0.0.1:8/callback";

/// A server that says everything there is to say, so that every switch has something to spoil.
fn organisation() -> Organisation {
    Organisation { dialect: Dialect::Standard, ..Organisation::default() }
}

fn trial(method: Method, organisation: &Organisation, attack: Option<Attack>) -> (Trial, Sandbox) {
    let mut sandbox = organisation.sandbox([1; 32], URL);
    let setup = demo_setup(method, organisation, &mut sandbox, URL, CALLBACK);
    let run = Run::begin(setup, [2; 32], NOW).unwrap();
    (Trial::new(run, attack, Some(&mut sandbox)), sandbox)
}

/// Plays a method to its end under an attack.
fn played(method: Method, attack: Attack) -> (Verdict, Trial) {
    let (mut trial, mut sandbox) = trial(method, &organisation(), Some(attack));
    let verdict = trial.drive(&mut sandbox, NOW);
    (verdict, trial)
}

fn named(name: &str) -> Attack {
    Attack::of_name(name).unwrap()
}

/// The figure: no row without a rule, a typed outcome, or the reason why there is none.
#[test]
fn each_attack_on_each_method_is_caught_or_says_why_not() {
    let mut caught = BTreeSet::new();
    for method in Method::ALL {
        for attack in Attack::all() {
            let (verdict, _) = played(*method, attack);
            println!("{:20} {:32} {verdict}", method.name(), attack.name());
            assert_ne!(verdict, Verdict::Fine, "{method:?} {attack}: nothing became of it");
            if let Verdict::Harmless(why) | Verdict::Nothing(why) = verdict {
                assert!(!why.is_empty(), "{method:?} {attack}: harmless, and nobody says why");
            }
            if let Verdict::Caught(rule) = verdict {
                caught.insert(rule.id());
            }
        }
    }
    println!("\nrules that caught something: {}", caught.into_iter().collect::<Vec<_>>().join(" "));
}

/// What the well-known attacks come to, by the rule that catches them.
#[test]
fn the_well_known_attacks_are_caught_by_their_rules() {
    use Verdict::Caught;
    let code = Method::AuthorizationCode;
    let rows: &[(&str, Method, Verdict)] = &[
        ("state-wrong", code, Caught(Rule::Ar5)),
        ("error-forged", code, Caught(Rule::Ar5)),
        ("iss-foreign", code, Caught(Rule::Ar3)),
        ("iss-missing", Method::Implicit, Caught(Rule::Ar3)),
        ("code-twice", code, Caught(Rule::Ar1)),
        ("token-in-redirect", code, Caught(Rule::Ar9)),
        ("response-replayed", code, Caught(Rule::Ar12)),
        ("response-replayed", Method::Implicit, Caught(Rule::Ar12)),
        ("response-in-another-session", code, Caught(Rule::Ar14)),
        ("response-late", code, Caught(Rule::Ar13)),
        ("other-host", code, Caught(Rule::Ar10)),
        ("pkce-stripped", code, Verdict::Refused("invalid_grant".to_owned())),
        ("code-forged", code, Verdict::Refused("invalid_grant".to_owned())),
        ("refresh-token-reused", code, Verdict::AuthorizationRequired),
        ("redirect-307", Method::ClientCredentials, Caught(Rule::Tr1)),
        ("two-access-tokens", Method::Password, Caught(Rule::Tr2)),
        ("token-type-dpop", Method::RefreshToken, Caught(Rule::Tr8)),
        ("api-redirect", Method::PermanentToken, Verdict::Handed(302)),
    ];
    for (name, method, expected) in rows {
        assert_eq!(played(*method, named(name)).0, *expected, "{name} on {method:?}");
    }
}

/// Without an attack each method gets a token and the API's yes, in either dialect.
#[test]
fn without_an_attack_each_method_ends_well() {
    for dialect in [Dialect::Space, Dialect::Standard, Dialect::Hub] {
        let organisation = Organisation { dialect, ..Organisation::default() };
        for method in Method::ALL {
            let (mut trial, mut sandbox) = trial(*method, &organisation, None);
            assert_eq!(trial.drive(&mut sandbox, NOW), Verdict::Fine, "{method:?}, {dialect:?}");
            assert!(!trial.run.held().is_empty(), "{method:?}");
            assert!(!sandbox.created().is_empty(), "{method:?}: the API made nothing");
        }
    }
}

/// The account of each failed step: one failure, which is the error's rule, and nothing passed after it.
#[test]
fn each_failed_step_accounts_for_all_of_its_checks() {
    for method in Method::ALL {
        for attack in Attack::all() {
            let (_, trial) = played(*method, attack);
            for step in trial.run.steps() {
                let Some(error) = step.outcome.as_ref().and_then(|outcome| outcome.reading.error.as_ref())
                else {
                    continue;
                };
                let Some(rule) = error.rule() else { continue };
                let checks = checks(step, trial.run.setup());
                let failed: Vec<Rule> = checks
                    .iter()
                    .filter(|check| check.state == State::Failed)
                    .map(|check| check.rule)
                    .collect();
                assert_eq!(failed, [rule], "{method:?} {attack}");
                let mut after = checks.iter().skip_while(|check| check.state != State::Failed).skip(1);
                assert!(
                    after.all(|check| check.state != State::Passed),
                    "{method:?} {attack}: something passed after the failure: {checks:?}"
                );
            }
        }
    }
}

/// PKCE at work: the thief of a code is refused, and so is everything that the refused thief spoiled.
#[test]
fn the_thief_of_a_code_gets_nothing() {
    let (verdict, trial) = played(Method::AuthorizationCode, named("code-stolen"));
    let loot = trial.loot().unwrap();
    assert!(loot.starts_with("40"), "{loot}");
    assert!(matches!(verdict, Verdict::Harmless(_)), "{verdict}");
}

/// A response that was not proven to be the server's changes nothing: the right one is still taken.
#[test]
fn after_a_forged_response_the_right_one_still_counts() {
    let (mut trial, mut sandbox) =
        trial(Method::AuthorizationCode, &organisation(), Some(named("state-wrong")));
    trial.consent(&mut sandbox, NOW).unwrap();
    assert_eq!(trial.run.failure().unwrap().rule(), Some(Rule::Ar5));
    trial.consent(&mut sandbox, NOW).unwrap();
    assert!(trial.run.failure().is_none());
    assert_eq!(trial.run.steps().last().unwrap().kind, Kind::Token);
}

/// Every name is stable, unique, and found again.
#[test]
fn each_switch_has_a_name_of_its_own() {
    let names: BTreeSet<&str> = Attack::all().map(Attack::name).collect();
    assert_eq!(names.len(), Attack::all().count());
    for attack in Attack::all() {
        assert_eq!(Attack::of_name(attack.name()), Some(attack));
        assert!(attack.description().ends_with(['.', '!']) || attack.description().contains('`'), "{attack}");
    }
    assert_eq!(Attack::of_name("kindness"), None);
}
