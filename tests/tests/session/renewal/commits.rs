//! What a renewal does when somebody wrote to its record since, and when the store fails: no token is lost, and none is
//! deleted but the one that was refused.

use valetkey_core::session::{RenewalAnswer, RenewalStep};
use valetkey_core::store::{Store as _, StoreError, StoreStep};
use valetkey_core::{AuthorizationServer, Error, Session, TokenResponse};
use valetkey_tests::renewing::{Event, Rig, Run, elsewhere, held, kept, key, refreshing};
use valetkey_tests::{NOW, client, json, world};

fn tokens(rig: &Rig) -> (String, String) {
    let text = |name: &str| rig.record()[name].as_str().unwrap_or("none").to_owned();
    (text("access_token"), text("refresh_token"))
}

fn pair(access: &str, refresh: &str) -> (String, String) {
    (access.to_owned(), refresh.to_owned())
}

/// What a process did whose lease has ended under it, and who is met by somebody else at its commit.
fn met_at_commit(answer: impl FnOnce(&mut Rig), somebody: impl FnOnce(&mut Rig) + 'static) -> (Rig, Session) {
    let mut rig = Rig::new();
    let mut session = refreshing("r0");
    let mut run = Run::of(&session);
    rig.until(&mut run, "send");
    answer(&mut rig);
    rig.until(&mut run, "commit");
    rig.pass(31);
    somebody(&mut rig);
    rig.done();
    rig.until(&mut run, "done");
    let _ = run.settle(&mut session, &rig);
    (rig, session)
}

/// ST-2: a newer record is somebody else's token, and is used instead of ours.
#[test]
fn a_commit_that_lost_to_a_newer_record_adopts_it() {
    let (rig, session) = met_at_commit(
        |rig| rig.rotates("a1", "r1"),
        |rig| {
            rig.rotates("a2", "r2");
            rig.renew(&mut elsewhere()).unwrap();
        },
    );
    assert_eq!(tokens(&rig), pair("a2", "r2"));
    assert_eq!(held(&session).as_deref(), Some("a2"));
}

/// ST-2: a failure of somebody who tried the same refresh token is older than the token that came for it.
#[test]
fn a_token_is_written_over_a_failure_of_its_own_generation() {
    let (rig, session) = met_at_commit(
        |rig| rig.rotates("a1", "r1"),
        |rig| {
            rig.refuses(503, "temporarily_unavailable");
            rig.renew(&mut elsewhere()).unwrap_err();
            assert!(!rig.record()["failure"].is_null());
        },
    );
    assert_eq!(tokens(&rig), pair("a1", "r1"));
    assert!(rig.record()["failure"].is_null());
    assert_eq!(held(&session).as_deref(), Some("a1"));
}

/// ST-2: so is the intent of one who is about to; when that one is refused, it uses our token, and deletes nothing (ER-7).
#[test]
fn a_token_is_written_over_an_intent_and_whoever_wrote_that_adopts_it() {
    let mut rig = Rig::new();
    let (mut one, mut other) = (refreshing("r0"), refreshing("r0"));
    let mut first = Run::of(&one);
    rig.until(&mut first, "send");
    rig.rotates("a1", "r1");
    rig.until(&mut first, "commit");
    rig.pass(31);
    let mut second = Run::of(&other);
    rig.until(&mut second, "send");
    rig.until(&mut first, "done");
    first.settle(&mut one, &rig).unwrap();
    assert_eq!((tokens(&rig), held(&one).as_deref()), (pair("a1", "r1"), Some("a1")));

    rig.refuses(400, "invalid_grant");
    rig.until(&mut second, "done");
    second.settle(&mut other, &rig).unwrap();
    assert_eq!((tokens(&rig), held(&other).as_deref()), (pair("a1", "r1"), Some("a1")));
}

/// ER-7: who was refused deletes nothing while somebody else has sent the same token and may be given a new one.
#[test]
fn a_refusal_leaves_the_token_of_one_who_has_sent_it_since() {
    let (rig, session) = met_at_commit(
        |rig| rig.refuses(400, "invalid_grant"),
        |rig| {
            let mut somebody = Run::of(&elsewhere());
            rig.until(&mut somebody, "send");
        },
    );
    assert_eq!(tokens(&rig), pair("none", "r0"));
    assert!(!rig.record()["intent"].is_null());
    assert_eq!(held(&session), None);
}

/// ER-7: a refused token is deleted only if it is still that very token; the one that is there is tried instead.
#[test]
fn a_refusal_does_not_delete_another_token() {
    let mut rig = Rig::new();
    let mut session = refreshing("r0");
    rig.refuses(400, "invalid_grant");
    rig.rotates("a1", "r1");
    rig.before("commit", |rig| {
        rig.edit(|record| {
            record["refresh_token"] = "rX".into();
            record.as_object_mut().unwrap().remove("intent");
        });
    });
    rig.renew(&mut session).unwrap();
    assert_eq!(rig.done(), "load lease load intend send r0 commit load load intend send rX commit release");
    assert_eq!(tokens(&rig), pair("a1", "r1"));
}

/// A failure is not worth a fight: what somebody wrote since stays.
#[test]
fn a_failure_is_not_written_over_what_is_newer() {
    let (rig, session) = met_at_commit(
        |rig| rig.refuses(503, "temporarily_unavailable"),
        |rig| {
            rig.rotates("a2", "r2");
            rig.renew(&mut elsewhere()).unwrap();
        },
    );
    assert_eq!(tokens(&rig), pair("a2", "r2"));
    assert_eq!(held(&session).as_deref(), Some("a2"));
}

/// A store that fails before the request is sent is told as what it is, and nothing is sent.
#[test]
fn a_store_that_fails_before_sending_costs_no_request() {
    for (step, ended) in
        [("load", "load"), ("lease", "load lease"), ("intend", "load lease load intend release")]
    {
        let mut rig = Rig::new();
        let mut session = refreshing("r0");
        rig.at(step, Event::Fails);
        let error = rig.renew(&mut session).unwrap_err();
        assert!(
            matches!(&error, Error::Store(error) if error.to_string().contains("the disk is full")),
            "{error}"
        );
        assert!(error.is_transient());
        assert_eq!(rig.done(), ended);
        rig.pass(2);
        rig.rotates("a1", "r1");
        rig.renew(&mut session).unwrap();
        assert_eq!(held(&session).as_deref(), Some("a1"), "{step}");
    }
}

/// An intent of which it is not known whether it was written is not acted upon.
#[test]
fn an_intent_whose_answer_was_lost_is_not_sent() {
    let mut rig = Rig::new();
    let mut session = refreshing("r0");
    rig.at("intend", Event::AnswerLost);
    assert!(matches!(rig.renew(&mut session), Err(Error::Store(_))));
    assert_eq!(rig.done(), "load lease load intend release");
    rig.rotates("a1", "r1");
    rig.renew(&mut session).unwrap();
    assert_eq!(tokens(&rig), pair("a1", "r1"));
}

/// RF-1: a store that fails at the commit is asked again; the tokens are in it before anybody uses them.
#[test]
fn a_commit_that_fails_is_tried_again() {
    let mut rig = Rig::new();
    let mut session = refreshing("r0");
    rig.rotates("a1", "r1");
    for _ in 0..3 {
        rig.at("commit", Event::Fails);
    }
    rig.renew(&mut session).unwrap();
    assert_eq!(
        rig.done(),
        "load lease load intend send r0 commit wait load commit wait load commit wait load commit release"
    );
    assert_eq!((tokens(&rig), held(&session).as_deref()), (pair("a1", "r1"), Some("a1")));
}

/// A commit that was written and whose answer was lost is found, and not written twice.
#[test]
fn a_commit_whose_answer_was_lost_is_found() {
    let mut rig = Rig::new();
    let mut session = refreshing("r0");
    rig.rotates("a1", "r1");
    rig.at("commit", Event::AnswerLost);
    rig.renew(&mut session).unwrap();
    assert_eq!(rig.done(), "load lease load intend send r0 commit wait load release");
    assert_eq!((tokens(&rig), held(&session).as_deref()), (pair("a1", "r1"), Some("a1")));
    assert_eq!(rig.record()["generation"], 1);
}

/// However often it is tried, until the store works again.
fn commits_fail(rig: &mut Rig) {
    for _ in 0..100 {
        rig.at("commit", Event::Fails);
    }
}

/// A store that stays down: the tokens are kept, no caller sees them, and the next renewal writes them without a request.
#[test]
fn tokens_that_cannot_be_written_are_written_by_the_next_renewal() {
    let mut rig = Rig::new();
    let mut session = refreshing("r0");
    rig.rotates("a1", "r1");
    commits_fail(&mut rig);
    let before = rig.now();
    assert!(matches!(rig.renew(&mut session), Err(Error::Store(_))));
    assert!((29..32).contains(&rig.now().since(before).as_secs()), "bounded by 30 seconds");
    assert!(session.is_unsaved());
    assert!(!Run::of(&session).renewal().may_be_abandoned(), "a token would be lost");
    assert_eq!(held(&session), None);
    assert_eq!(tokens(&rig), pair("none", "r0"));

    rig.store_works_again();
    rig.done();
    rig.renew(&mut session).unwrap();
    assert_eq!(rig.requests(), 0);
    assert!(!session.is_unsaved());
    assert_eq!((tokens(&rig), held(&session).as_deref()), (pair("a1", "r1"), Some("a1")));
}

/// The same where somebody has renewed meanwhile: theirs is newer, and ours is let go.
#[test]
fn tokens_that_could_not_be_written_give_way_to_newer_ones() {
    let mut rig = Rig::new();
    let mut session = refreshing("r0");
    rig.rotates("a1", "r1");
    commits_fail(&mut rig);
    assert!(rig.renew(&mut session).is_err());
    rig.store_works_again();
    rig.rotates("a2", "r2");
    rig.renew(&mut elsewhere()).unwrap();
    rig.renew(&mut session).unwrap();
    assert_eq!((tokens(&rig), held(&session).as_deref()), (pair("a2", "r2"), Some("a2")));
}

/// A renewal may be dropped without loss until its intent is written, and from its end on.
#[test]
fn a_renewal_may_be_abandoned_before_it_sends_and_after_it_ended() {
    let mut rig = Rig::new();
    let session = refreshing("r0");
    rig.rotates("a1", "r1");
    let mut run = Run::of(&session);
    let expected = [
        ("load", true),
        ("lease", true),
        ("load", true),
        ("intend", false),
        ("send", false),
        ("commit", false),
        ("release", false),
    ];
    for (step, may) in expected {
        rig.until(&mut run, step);
        assert_eq!(run.renewal().may_be_abandoned(), may, "{step}");
        rig.one_more(&mut run);
    }
    rig.until(&mut run, "done");
    assert!(run.renewal().may_be_abandoned());
}

/// A crash at any point: the next process has a token, by one request more at the most, and the newest refresh token is
/// in the store.
#[test]
fn a_crash_at_any_point_is_recovered_from() {
    let steps = ["load", "lease", "load", "intend", "send", "commit", "release"];
    for crash in 0..steps.len() {
        let mut rig = Rig::new();
        let mut run = Run::of(&refreshing("r0"));
        rig.rotates("a1", "r1");
        for step in &steps[..crash] {
            rig.until(&mut run, step);
            rig.one_more(&mut run);
        }
        drop(run);
        rig.rotates("a2", "r2");
        let before = rig.now();
        let mut next = refreshing("r0");
        rig.renew(&mut next).unwrap();
        assert!(rig.now().since(before).as_secs() < 32, "after the lease at the latest");
        let got = held(&next).unwrap();
        assert_eq!(tokens(&rig), pair(&got, &got.replace('a', "r")), "a crash before step {crash}");
        assert_eq!(rig.requests(), if steps[..crash].contains(&"send") && got == "a2" { 2 } else { 1 });
    }
}

/// A holder that died is waited for as long as its lease lasts, and no longer, by the clock of whoever waits: also where
/// that was set since.
#[test]
fn a_lease_whose_holder_died_ends_in_its_time_whatever_the_clock_does() {
    let set: [fn(&mut Rig); 4] = [|_| (), |rig| rig.pass(20), |rig| rig.pass(86_400), |rig| rig.set_back()];
    for (case, (set, waits)) in set.into_iter().zip([30, 10, 0, 30]).enumerate() {
        let mut rig = Rig::new();
        rig.pass(3600);
        let mut run = Run::of(&refreshing("r0"));
        rig.until(&mut run, "send");
        drop(run);
        set(&mut rig);
        let before = rig.now();
        rig.rotates("a1", "r1");
        rig.renew(&mut elsewhere()).unwrap();
        let waited = rig.now().since(before).as_secs();
        assert!((waits..=waits + 1).contains(&waited), "case {case}: {waited} seconds");
    }
}

/// ST-1, ST-2: a record that cannot be read, or that is another client's, is told and left as it is; nothing is sent.
#[test]
fn a_record_that_is_not_ours_or_none_is_told_and_kept() {
    let other = r#"{"version":1,"client_id":"other","refresh_token":"theirs"}"#;
    for bytes in ["", "{", "null", "[]", r#"{"version":2}"#, r#"{"version":1}"#, other, "\u{0}\u{ff}"] {
        let mut rig = Rig::new();
        rig.put(bytes.as_bytes());
        let error = rig.renew(&mut refreshing("r0")).unwrap_err();
        match bytes == other {
            true => assert_eq!(error.rule(), Some(valetkey_core::Rule::St1)),
            false => assert!(matches!(error, Error::Store(_)), "{bytes}: {error}"),
        }
        assert!(!format!("{error} {error:?}").contains("theirs"));
        assert_eq!(rig.done(), "load");
        let kept = rig.store.load(&valetkey_tests::renewing::key()).unwrap().unwrap();
        assert_eq!(kept.bytes.expose(), bytes.as_bytes());
    }
}

/// The error of a store is its own, and says so.
#[test]
fn a_store_error_names_the_store() {
    let error = Error::Store(StoreError::new("no permission"));
    assert_eq!(error.to_string(), "the token store failed: no permission");
}

/// A renewal that is dropped between its answer and its commit, by a panic in a store or the end of a runtime, leaves its
/// tokens to the session that settles it: the next renewal writes them, without a request.
#[test]
fn tokens_of_a_renewal_that_was_dropped_are_written_by_the_next_one() {
    for then in ["commit", "wait"] {
        let mut rig = Rig::new();
        let mut session = refreshing("r0");
        let mut run = Run::of(&session);
        rig.rotates("a1", "r1");
        rig.at("commit", Event::Fails);
        rig.until(&mut run, then);
        assert!(run.settle(&mut session, &rig).is_err());
        assert!(session.is_unsaved(), "{then}");
        assert_eq!(held(&session), None);

        rig.store_works_again();
        rig.pass(60);
        rig.renew(&mut session).unwrap();
        assert_eq!(rig.requests(), 1, "{then}");
        assert_eq!((tokens(&rig), held(&session).as_deref()), (pair("a1", "r1"), Some("a1")));
    }
}

/// Tokens of a login that are not in the store yet are not forgotten by a renewal that was dropped.
#[test]
fn a_login_outlives_a_renewal_that_was_dropped() {
    let mut rig = Rig::new();
    let mut session = refreshing("r0");
    rig.rotates("a1", "r1");
    commits_fail(&mut rig);
    assert!(rig.renew(&mut session).is_err());
    for step in ["load", "commit"] {
        rig.store_works_again();
        let mut run = Run::of(&session);
        rig.until(&mut run, step);
        assert!(run.settle(&mut session, &rig).is_err());
        assert!(session.is_unsaved(), "{step}");
    }
    rig.pass(60);
    rig.renew(&mut session).unwrap();
    assert_eq!((tokens(&rig), rig.requests()), (pair("a1", "r1"), 1));
}

fn login(access: &str, refresh: &str) -> Session {
    let body = world::token(access, 60, Some(refresh));
    let tokens = TokenResponse::parse(json(200, &body), NOW, &AuthorizationServer::new()).unwrap();
    kept(Session::from_tokens(&client(), &tokens))
}

/// TR-13: a login that was written, and whose answer was lost, is not written again over what others have renewed since.
#[test]
fn a_login_whose_answer_was_lost_does_not_undo_a_renewal() {
    let (mut rig, mut session) = (Rig::new(), login("a0", "r0"));
    let mut run = Run::of(&session);
    rig.until(&mut run, "commit");
    rig.at("commit", Event::AnswerLost);
    rig.one_more(&mut run);
    rig.pass(61);
    rig.rotates("a1", "r1");
    rig.renew(&mut elsewhere()).unwrap();
    rig.until(&mut run, "done");
    run.settle(&mut session, &rig).unwrap();
    assert_eq!((tokens(&rig), held(&session).as_deref()), (pair("a1", "r1"), Some("a1")));
    assert!(!session.is_unsaved());
}

/// A new login replaces what was there, whoever renewed it how often.
#[test]
fn another_login_replaces_a_renewed_one() {
    let mut rig = Rig::new();
    rig.renew(&mut login("a0", "r0")).unwrap();
    rig.pass(61);
    rig.rotates("a1", "r1");
    rig.renew(&mut elsewhere()).unwrap();
    rig.renew(&mut login("b0", "s0")).unwrap();
    assert_eq!(tokens(&rig), pair("b0", "s0"));
}

/// The write of a login is under way when its renewal is dropped. It arrives, somebody logs in after it, and that is not
/// written over by the login that does not know it was there.
#[test]
fn a_login_whose_write_arrived_after_its_renewal_was_dropped_is_not_written_again() {
    let login = |token: &str| {
        let tokens = TokenResponse::parse(
            json(200, &world::token(token, 3600, Some("r"))),
            NOW,
            &AuthorizationServer::new(),
        )
        .unwrap();
        kept(Session::from_tokens(&client(), &tokens))
    };
    for arrives in [true, false] {
        let mut rig = Rig::new();
        let mut first = login("first");
        let mut renewal = first.renewal().unwrap();
        let mut answer = None;
        let write = loop {
            match renewal.step(answer.take(), NOW).unwrap() {
                RenewalStep::Store(step @ StoreStep::Replace { .. }) => break step,
                RenewalStep::Store(step) => {
                    answer = Some(RenewalAnswer::Store(step.on(&rig.store, &key(), NOW)));
                }
                other => panic!("{other:?}"),
            }
        };
        assert!(matches!(first.settle(renewal, NOW), Err(Error::Unanswered)));
        assert!(first.is_unsaved());
        if arrives {
            let _ = write.on(&rig.store, &key(), NOW);
            rig.renew(&mut login("second")).unwrap();
        }
        rig.pass(60);
        rig.renew(&mut first).unwrap();
        let expected = if arrives { "second" } else { "first" };
        assert_eq!(rig.record()["access_token"], expected);
        assert_eq!(held(&first).as_deref(), Some(expected));
        assert!(!first.is_unsaved());
    }
}
