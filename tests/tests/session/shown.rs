//! What `Debug` shows of a session's parts: where they stand, and no secret.

use std::fmt::Debug;
use std::time::Duration;

use valetkey_core::session::{
    AwaitedCredential, LoginLookup, Recent, RenewalAnswer, RenewalStep, SharedSession,
};
use valetkey_core::store::StoreAnswer;
use valetkey_core::{AuthorizationServer, Session, TokenResponse};
use valetkey_tests::renewing::{Rig, Run, elsewhere, kept, key, refreshing};
use valetkey_tests::{NOW, SECRET, client, json, world};

/// It shows this, and nothing that is secret: the tokens here have names of their own.
fn shows(what: &dyn Debug, expected: &str) {
    let shown = format!("{what:?}");
    assert!(shown.contains(expected), "{shown} has no {expected}");
    for secret in ["access-0", "refresh-0", "access-1", "refresh-1", SECRET] {
        assert!(!shown.contains(secret), "{shown} has {secret}");
    }
}

#[test]
fn a_renewal_shows_where_it_stands() {
    let mut rig = Rig::new();
    let session = refreshing("refresh-0");
    let mut run = Run::of(&session);
    rig.rotates("access-1", "refresh-1");
    for (step, shown) in [
        ("load", "look"),
        ("lease", "leasing"),
        ("load", "reread"),
        ("intend", "intend"),
        ("send", "send"),
        ("commit", "commit"),
        ("release", "release"),
    ] {
        rig.until(&mut run, step);
        shows(run.renewal(), &format!("state: {shown:?}"));
        shows(run.renewal(), "client: Client");
        rig.one_more(&mut run);
    }
    rig.until(&mut run, "done");
    shows(run.renewal(), r#"state: "ended""#);
    // Somebody else has the lease.
    let mut rig = Rig::new();
    let mut holder = Run::of(&session);
    rig.until(&mut holder, "send");
    let mut waits = Run::of(&session);
    rig.until(&mut waits, "wait");
    shows(waits.renewal(), r#"state: "busy""#);
}

#[test]
fn a_step_and_its_answer_show_what_they_are() {
    let mut rig = Rig::new();
    let mut renewal = refreshing("refresh-0").renewal().unwrap();
    let (mut shown, mut answer) = (Vec::new(), None);
    loop {
        let step = renewal.step(answer.take(), NOW).unwrap();
        shows(&step, "");
        shown.push(format!("{step:?}").split_inclusive('(').next().unwrap().to_owned());
        answer = Some(match step {
            RenewalStep::Store(step) => RenewalAnswer::Store(step.on(&rig.store, &key(), NOW)),
            RenewalStep::Send(_) => {
                shows(&step, "Send(POST /token)");
                let body = world::token("access-1", 60, Some("refresh-1"));
                RenewalAnswer::Response(json(200, &body))
            }
            RenewalStep::Wait(_) => panic!("nobody else renews"),
            RenewalStep::Done => break,
        });
        shows(
            &answer,
            match &answer {
                Some(RenewalAnswer::Response(_)) => "Response(200)",
                _ => "Store(",
            },
        );
    }
    let store = "Store(";
    assert_eq!(shown, [store, store, store, store, "Send(", store, store, "Done"]);
    shows(&RenewalAnswer::NoResponse, "NoResponse");
    shows(&RenewalAnswer::Store(StoreAnswer::Loaded(None)), "Store(");
    shows(&RenewalStep::Wait(Duration::from_millis(20)), "Wait(20ms)");
    rig.rotates("access-1", "refresh-1");
    rig.renew(&mut elsewhere()).unwrap();
}

#[test]
fn what_a_program_holds_shows_how_long_it_is_good() {
    let tokens = json(200, &world::token("access-0", 60, Some("refresh-0")));
    let tokens = TokenResponse::parse(tokens, NOW, &AuthorizationServer::new()).unwrap();
    let session = Session::from_tokens(&client(), &tokens);
    shows(session.shared(), "SharedCredential(Some(Credential { expires_at: Some(");
    shows(&session.record().unwrap(), "SessionRecord");
    let none = kept(Session::from_store(&client()));
    shows(none.shared(), "SharedCredential(None)");

    let shared = SharedSession::new(refreshing("refresh-0"));
    let (_, renewal) = shared.provide(&mut AwaitedCredential::new(), NOW).unwrap();
    let mut renewal = renewal.unwrap();
    shows(&renewal, "SharedRenewal(Some(Renewal {");
    let nothing = RenewalAnswer::Store(StoreAnswer::Loaded(None));
    let _ = renewal.step(None, NOW).unwrap();
    let _ = renewal.step(Some(nothing), NOW).unwrap();
    shows(&renewal, r#"state: "leasing""#);

    let lookup = LoginLookup::new(&client(), key()).unwrap();
    shows(&lookup, &format!("LoginLookup {{ key: {:?}, .. }}", key()));

    let mut recent = Recent::new(7, Duration::from_secs(60));
    recent.put("a person", "access-0", NOW);
    shows(&recent, "Recent { held: 1, most: 7, .. }");
    assert!(!format!("{recent:?}").contains("a person"));
}
