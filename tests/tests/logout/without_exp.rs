//! LO-10: a logout token without `exp`, which servers of before the errata send: refused, unless the relaxation of its name is admitted.

use std::time::Duration;

use valetkey_core::logout::{BackChannel, RemoteLogout, refused};
use valetkey_core::store::{Lifetime, MemoryStore, Store as _};
use valetkey_core::{Error, Quirk, Quirks, Rule};
use valetkey_tests::{NOW, client_of};

use crate::remote::{carry, is_in, keep, login};
use crate::world::*;

/// One that takes a token without `exp`.
fn admitting() -> BackChannel {
    BackChannel::new(&client_of(provider().admit(Quirk::LogoutWithoutExpiry))).unwrap()
}

fn heard_without(names: &[&str]) -> Result<valetkey_core::logout::LogoutNotice, Error> {
    heard_by(&admitting(), &token(&without(names)))
}

#[test]
fn it_is_refused_by_its_rule_and_the_error_names_the_relaxation() {
    let error = heard(&without(&["exp"])).unwrap_err();
    assert_eq!((error.rule(), error.admitted_by()), (Some(Rule::Lo10), Some(Quirk::LogoutWithoutExpiry)));
    assert!(error.to_string().contains("logout-without-expiry"), "{error}");
    assert_eq!(refused(&error).status().as_u16(), 400);
}

#[test]
fn it_is_taken_where_that_is_admitted_and_said_on_the_notice() {
    let notice = heard_without(&["exp"]).unwrap();
    assert_eq!((notice.subject(), notice.session_id()), (Some(SUB), Some(SID)));
    assert_eq!(notice.quirks(), Quirks::default().with(Quirk::LogoutWithoutExpiry));
    assert!(!notice.checks().contains(Rule::Lo10) && !notice.checks().contains(Rule::Id12));
    assert!(notice.checks().contains(Rule::Id13) && notice.checks().contains(Rule::Lo11));
    // A token that has it is held to it, and nothing is said.
    let whole = heard_by(&admitting(), &token(&claims())).unwrap();
    assert!(whole.quirks().is_empty() && whole.checks().contains(Rule::Lo10));
}

/// ID-12, LO-10: the rest of the rule stands.
#[test]
fn nothing_else_is_admitted_by_it() {
    for names in [&["iat"][..], &["jti"], &["exp", "iat"], &["exp", "jti"]] {
        assert_eq!(rule(heard_without(names)), Some(Rule::Lo10), "{names:?}");
    }
    let over = claiming(|claims| claims["exp"] = (NOW.as_secs() - 3600).into());
    assert_eq!(rule(heard_by(&admitting(), &token(&over))), Some(Rule::Id12));
    for exp in [serde_json::json!("tomorrow"), serde_json::json!(null), serde_json::json!([])] {
        let odd = claiming(|claims| claims["exp"] = exp.clone());
        assert!(heard_by(&admitting(), &token(&odd)).is_err(), "{exp}");
    }
    // Its age is what bounds it.
    let mut old = without(&["exp"]);
    old["iat"] = (NOW.as_secs() - 3600).into();
    assert_eq!(rule(heard_by(&admitting(), &token(&old))), Some(Rule::Lo10));
    let patient = admitting().oldest(Duration::from_secs(7200));
    assert!(heard_by(&patient, &token(&old)).is_ok());
}

/// LO-14: it is remembered for as long as it could be taken, and is used once.
#[test]
fn it_is_used_once_for_as_long_as_its_age_lets_it_be_taken() {
    let until = |notice: &valetkey_core::logout::LogoutNotice| {
        notice.used(NOW).1.lifetime().map(Lifetime::until).unwrap()
    };
    let without_exp = heard_without(&["exp"]).unwrap();
    let last_taken = NOW.after(Duration::from_secs(10 * 60 + 60));
    assert!(until(&without_exp) > last_taken);
    assert!(until(&without_exp) <= last_taken.after(Duration::from_secs(61)));
    let with_exp = heard(&claims()).unwrap();
    assert!(until(&with_exp) < until(&without_exp), "an `exp` is sooner over");

    let (client, store) = (client(), MemoryStore::new());
    keep(&store, &client, "alice", &login(&client, SUB, Some(SID), "openid"));
    let (came, _) = carry(RemoteLogout::new(&client, without_exp.clone()), &store, |_| None);
    assert_eq!(came.unwrap().ended, 1);
    assert!(!is_in(&store, &client, "alice"));
    let (came, _) = carry(RemoteLogout::new(&client, without_exp.clone()), &store, |_| None);
    assert_eq!(came.unwrap_err().rule(), Some(Rule::Lo14));
    assert!(store.load(&without_exp.used(NOW).0).unwrap().is_some());
}
