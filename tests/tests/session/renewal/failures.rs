//! What a renewal that failed leaves for whoever comes next, in this process and in others.

use std::time::Duration;

use valetkey_core::error::{Cause, Refused};
use valetkey_core::session::{AwaitedCredential, Call, CallStep, Readiness, RenewalAnswer};
use valetkey_core::store::{Replaced, StoreAnswer};
use valetkey_core::{Error, Grant, Session};
use valetkey_tests::renewing::{Event, Rig, Run, assertion, elsewhere, held, kept, refreshing, service};
use valetkey_tests::world::World;
use valetkey_tests::{client, get, heard, json};

/// Whether a person is needed because an answer was lost.
fn is_lost(error: &Error) -> bool {
    let Error::AuthorizationRequired(required) = error else {
        panic!("a person is needed, and it says: {error}")
    };
    match required.cause() {
        Cause::Lost(refused) | Cause::Refused(refused) => assert!(refused.is_invalid_grant()),
        other => panic!("{other:?}"),
    }
    matches!(required.cause(), Cause::Lost(_))
}

/// ER-7: the server's word ends the grant, for all who share the store, and nobody asks again.
#[test]
fn a_refused_grant_is_told_to_every_process_by_one_request() {
    let mut rig = Rig::new();
    rig.refuses(400, "invalid_grant");
    assert!(!is_lost(&rig.renew(&mut refreshing("r0")).unwrap_err()));
    assert!(rig.record()["refresh_token"].is_null());
    for _ in 0..3 {
        rig.pass(86_400);
        assert!(!is_lost(&rig.renew(&mut elsewhere()).unwrap_err()));
        assert!(!is_lost(&rig.renew(&mut refreshing("r0")).unwrap_err()), "it is that very token");
    }
    assert_eq!(rig.requests(), 1);
}

/// A new refresh token takes the place of one that was refused.
#[test]
fn another_refresh_token_is_tried_after_one_that_was_refused() {
    let mut rig = Rig::new();
    rig.refuses(400, "invalid_grant");
    rig.renew(&mut refreshing("r0")).unwrap_err();
    rig.pass(60);
    rig.rotates("a1", "r2");
    rig.renew(&mut refreshing("r1")).unwrap();
    assert_eq!(rig.record()["refresh_token"], "r2");
}

/// RF-1: `invalid_grant` after an answer that was lost says that the rotated token never came, and not that somebody
/// revoked it; the difference outlives the process.
#[test]
fn a_refusal_after_a_lost_answer_is_told_as_lost() {
    let silence: fn(&mut Rig) = |rig| {
        rig.answers(None);
        assert!(matches!(rig.renew(&mut refreshing("r0")), Err(Error::Unanswered)));
    };
    let crash: fn(&mut Rig) = |rig| {
        let mut run = Run::of(&refreshing("r0"));
        rig.rotates("a1", "r1");
        rig.until(&mut run, "send");
        rig.one_more(&mut run);
    };
    let unavailable_after_silence: fn(&mut Rig) = |rig| {
        rig.answers(None);
        rig.refuses(503, "temporarily_unavailable");
        rig.renew(&mut refreshing("r0")).unwrap_err();
        rig.pass(60);
        rig.renew(&mut elsewhere()).unwrap_err();
    };
    let refused_otherwise_after_silence: fn(&mut Rig) = |rig| {
        rig.answers(None);
        rig.refuses(400, "invalid_scope");
        rig.renew(&mut refreshing("r0")).unwrap_err();
        rig.pass(60);
        rig.renew(&mut elsewhere()).unwrap_err();
    };
    let cases = [silence, crash, unavailable_after_silence, refused_otherwise_after_silence];
    for (case, before) in cases.into_iter().enumerate() {
        let mut rig = Rig::new();
        before(&mut rig);
        assert_eq!(rig.record()["refresh_token"], "r0", "nothing is deleted");
        rig.pass(120);
        rig.refuses(400, "invalid_grant");
        assert!(is_lost(&rig.renew(&mut elsewhere()).unwrap_err()), "case {case}");
        assert!(is_lost(&rig.renew(&mut elsewhere()).unwrap_err()), "case {case}, by the record");
    }
}

/// A refusal in the server's own words says that nothing was given: a later `invalid_grant` is a plain one.
#[test]
fn a_refusal_after_a_plain_refusal_is_not_lost() {
    let mut rig = Rig::new();
    rig.refuses(400, "invalid_scope");
    rig.renew(&mut refreshing("r0")).unwrap_err();
    assert!(rig.record()["intent"].is_null());
    rig.pass(60);
    rig.refuses(400, "invalid_grant");
    assert!(!is_lost(&rig.renew(&mut elsewhere()).unwrap_err()));
}

/// RF-1: the same refresh token is sent again after a lost answer, and a server with a grace period gives a new one.
#[test]
fn a_lost_answer_is_replayed_with_the_same_token() {
    let mut rig = Rig::new();
    rig.answers(None);
    rig.renew(&mut refreshing("r0")).unwrap_err();
    rig.pass(60);
    rig.done();
    rig.rotates("a2", "r2");
    let mut next = elsewhere();
    rig.renew(&mut next).unwrap();
    assert_eq!(rig.done(), "load lease load intend send r0 commit release");
    assert_eq!(held(&next).as_deref(), Some("a2"));
}

/// RF-1: replays are bounded by a wait that grows in the record, however many processes ask, each for the first time.
#[test]
fn the_growing_wait_is_shared_by_all_processes() {
    let mut rig = Rig::new();
    rig.answers(None);
    rig.renew(&mut refreshing("r0")).unwrap_err();
    let mut attempts = vec![0];
    for second in 1..600_u64 {
        rig.pass(1);
        rig.answers(None);
        rig.done();
        rig.renew(&mut elsewhere()).unwrap_err();
        match rig.requests() {
            0 => rig.withdraw_answers(),
            _ => attempts.push(second),
        }
    }
    let waits: Vec<_> = attempts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(
        waits,
        [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60, 60, 60],
        "a second, doubled, a minute at most"
    );
}

/// A store that fails costs the authorization server nothing, and is asked again after five seconds at the latest.
#[test]
fn a_store_that_fails_is_waited_for_five_seconds_at_the_longest() {
    let (mut rig, mut session) = (Rig::new(), refreshing("r0"));
    let mut attempts = Vec::new();
    for second in 0..40_u64 {
        match session.provide(&mut AwaitedCredential::new(), rig.now()) {
            Ok(readiness) => {
                assert_eq!(readiness, Readiness::Wait);
                attempts.push(second);
                rig.at("load", Event::Fails);
                assert!(matches!(rig.renew(&mut session), Err(Error::Store(_))));
            }
            Err(error) => assert!(matches!(error, Error::Store(_)), "{error}"),
        }
        rig.pass(1);
    }
    let waits: Vec<_> = attempts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(waits, [1, 2, 4, 5, 5, 5, 5, 5, 5]);
    assert_eq!(rig.requests(), 0);
}

/// Whoever waits at one session and then at another, whose renewals are others, is told what that one has.
#[test]
fn a_wait_that_is_taken_to_another_session_begins_anew() {
    let mut rig = Rig::new();
    let mut session = refreshing("r0");
    rig.refuses(503, "temporarily_unavailable");
    rig.renew(&mut session).unwrap_err();
    rig.pass(60);
    let mut awaited = AwaitedCredential::new();
    assert_eq!(session.provide(&mut awaited, rig.now()).unwrap(), Readiness::Wait);
    assert_eq!(elsewhere().provide(&mut awaited, rig.now()).unwrap(), Readiness::Wait);
}

/// ER-5: what the server asked for is in the record, and another process keeps to it.
#[test]
fn retry_after_is_kept_by_another_process() {
    let mut rig = Rig::new();
    let mut busy = json(503, "");
    busy.headers_mut().insert("retry-after", "300".parse().unwrap());
    rig.answers(Some(busy));
    rig.renew(&mut refreshing("r0")).unwrap_err();
    rig.pass(299);
    let error = rig.renew(&mut elsewhere()).unwrap_err();
    assert_eq!(error.refused().and_then(Refused::status).map(|status| status.as_u16()), Some(503));
    assert_eq!(rig.requests(), 1);
    rig.pass(1);
    rig.rotates("a1", "r1");
    rig.renew(&mut elsewhere()).unwrap();
}

/// ER-5: a 400 that is not `invalid_grant` is neither hammered nor taken for the end of the grant.
#[test]
fn a_refusal_that_is_not_for_good_poisons_nothing() {
    for (status, code) in
        [(400, "invalid_scope"), (401, "invalid_client"), (400, "unauthorized_client"), (400, "x")]
    {
        let mut rig = Rig::new();
        rig.refuses(status, code);
        for _ in 0..200 {
            let error = rig.renew(&mut refreshing("r0")).unwrap_err();
            assert!(!error.is_authorization_required(), "{code}");
        }
        assert_eq!(rig.requests(), 1, "{code}");
        rig.pass(2);
        rig.rotates("a1", "r1");
        rig.renew(&mut elsewhere()).unwrap();
    }
}

/// TR-14: a refresh names no more than was granted, and an answer with more is refused.
#[test]
fn a_scope_that_grew_is_refused_and_the_refresh_token_kept() {
    let token = valetkey_core::RefreshToken::new("r0").unwrap();
    let mut session = kept(Session::from_refresh_token(&client(), token).with_scope("profile").unwrap());
    let mut rig = Rig::new();
    let wider = r#"{"access_token":"a1","token_type":"Bearer","expires_in":60,"scope":"profile admin"}"#;
    rig.answers(Some(json(200, wider)));
    let error = rig.renew(&mut session).unwrap_err();
    assert_eq!(error.rule(), Some(valetkey_core::Rule::Tr14), "{error}");
    assert_eq!((held(&session), &rig.record()["refresh_token"]), (None, &"r0".into()));
}

/// RF-1: who read the clock before the failure was noted, or at a computer whose clock is a little behind, keeps to the wait too.
#[test]
fn rf_1_a_clock_that_is_a_little_behind_ends_no_wait() {
    let mut rig = Rig::new();
    rig.pass(10);
    rig.refuses(503, "temporarily_unavailable");
    let mut session = refreshing("r0");
    rig.renew(&mut session).unwrap_err();
    rig.set_back();
    for session in [&mut session, &mut elsewhere()] {
        let error = rig.renew(session).unwrap_err();
        assert!(error.is_transient(), "{error}");
    }
    assert_eq!(rig.requests(), 1);
}

/// A clock that was set back makes no wait longer.
#[test]
fn a_clock_that_was_set_back_ends_the_wait() {
    let mut rig = Rig::new();
    rig.pass(86_400);
    rig.refuses(503, "temporarily_unavailable");
    rig.renew(&mut refreshing("r0")).unwrap_err();
    rig.set_back();
    rig.rotates("a1", "r1");
    rig.renew(&mut elsewhere()).unwrap();
    assert_eq!(rig.requests(), 2);
}

/// An answer to something that was not asked is this program's fault, and changes nothing.
#[test]
fn an_answer_that_was_not_asked_for_changes_nothing() {
    let mut rig = Rig::new();
    let session = refreshing("r0");
    rig.rotates("a1", "r1");
    let mut run = Run::of(&session);
    for step in ["load", "lease", "load", "intend", "send", "commit", "release", "done"] {
        rig.until(&mut run, step);
        let wrong = [
            (!matches!(step, "load"), RenewalAnswer::Store(StoreAnswer::Loaded(None))),
            (!matches!(step, "lease"), RenewalAnswer::Store(StoreAnswer::Leased(None))),
            (
                !matches!(step, "intend" | "commit"),
                RenewalAnswer::Store(StoreAnswer::Replaced(Replaced::Conflict)),
            ),
            (step != "release", RenewalAnswer::Store(StoreAnswer::Released)),
            (step != "send", RenewalAnswer::Response(json(200, "{}"))),
            (step != "send", RenewalAnswer::NoResponse),
        ];
        for (is_wrong, answer) in wrong {
            if is_wrong {
                run.refuses(answer, rig.now());
            }
        }
        if step != "done" {
            rig.one_more(&mut run);
        }
    }
    assert_eq!(rig.done(), "load lease load intend send r0 commit release");
}

/// WA-3, RF-1: a single 401 is answered with a renewal; an API that refuses every token does not make a token request of
/// every call.
#[test]
fn an_api_that_refuses_every_token_causes_few_renewals() {
    let mut world = World::of(Session::from_grant(&client(), Grant::client_credentials()));
    world.grants("a0", 3600);
    world.calls(1);
    world.sent();
    for token in 1..200 {
        world.grants(&format!("a{token}"), 3600);
    }
    let mut renewals = Vec::new();
    for second in 0..600_u64 {
        // Ten callers each second, and none of them is let in.
        for _ in 0..10 {
            world.api_answers(401);
            world.api_answers(401);
            assert_eq!(world.call().unwrap(), 401);
            world.forget_api_answers();
        }
        let sent = world.sent().iter().filter(|line| line.starts_with("renew")).count();
        renewals.extend(std::iter::repeat_n(second, sent));
        world.pass(1);
    }
    assert!((8..30).contains(&renewals.len()), "{renewals:?}");
    assert_eq!(renewals[0], 0, "the first is answered at once");

    // Refusals long after are the first ones again.
    world.pass(3600);
    world.calls(1);
    world.sent();
    world.api_answers(401);
    assert_eq!(world.call().unwrap(), 200);
    assert_eq!(world.sent().iter().filter(|line| line.starts_with("renew")).count(), 1);
}

/// RF-1: a token that lives shorter than the margin is renewed when it is due, and not by each caller.
#[test]
fn a_token_shorter_than_the_margin_is_not_renewed_by_each_caller() {
    let session = || {
        let margin = valetkey_core::session::Margin::of(Duration::from_secs(3600));
        service().with_margin(margin)
    };
    let mut rig = Rig::new();
    rig.answers(Some(json(200, r#"{"access_token":"a1","token_type":"Bearer","expires_in":30}"#)));
    for _ in 0..100 {
        let mut session = session();
        rig.renew(&mut session).unwrap();
        assert_eq!(held(&session).as_deref(), Some("a1"));
    }
    assert_eq!(rig.requests(), 1);
}

/// A store that shows a refused token again and again, a replica that lags or a backup, does not make a request of each
/// look: one is sent in its place, and then it is told, until it is time to try again.
#[test]
fn a_store_that_brings_a_refused_token_back_is_not_believed_for_ever() {
    let mut rig = Rig::new();
    let mut session = refreshing("r0").with_grant(assertion()).unwrap();
    for _ in 0..30 {
        rig.refuses(400, "invalid_grant");
        rig.before("load", |rig| {
            if !rig.record().is_null() {
                rig.edit(|record| record["refresh_token"] = "r0".into());
            }
        });
    }
    assert!(!is_lost(&rig.renew(&mut session).unwrap_err()));
    assert_eq!(rig.requests(), 2);

    rig.store_works_again();
    rig.withdraw_answers();
    rig.edit(|record| {
        record.as_object_mut().unwrap().remove("refresh_token");
    });
    rig.pass(2);
    rig.grants("a1");
    rig.renew(&mut session).unwrap();
    assert_eq!(held(&session).as_deref(), Some("a1"));
}

/// WA-3: the API may refuse the credential while a renewal is under way that does not know of it, and finds that very
/// token in the store. The call waits for another renewal; nobody is asked to authorize again.
#[test]
fn a_token_that_is_refused_during_a_renewal_is_renewed_once_more() {
    let (mut rig, mut session) = (Rig::new(), refreshing("r0"));
    rig.rotates("a1", "r1");
    rig.renew(&mut session).unwrap();
    let mut run = Run::of(&session);

    let mut call = refused(&mut session, &rig);

    rig.until(&mut run, "done");
    run.settle(&mut session, &rig).unwrap();
    assert_eq!((rig.requests(), held(&session)), (1, None), "a1 is not believed again");
    assert_eq!(session.authorize(&mut call, rig.now()).unwrap(), Readiness::Wait);
    rig.rotates("a2", "r2");
    rig.renew(&mut session).unwrap();
    assert_eq!(session.authorize(&mut call, rig.now()).unwrap(), Readiness::Ready);
    assert_eq!((rig.requests(), held(&session)), (2, Some("a2".to_owned())));
}

/// A call of this session whose credential the API has refused.
fn refused(session: &mut Session, rig: &Rig) -> Call {
    let mut call = Call::new(session.shared(), &get("https://api.example/me")).unwrap();
    assert!(call.use_fresh(session.shared(), rig.now()));
    assert!(matches!(call.step(None), Ok(CallStep::Send(_))));
    assert!(matches!(call.step(Some(heard(&json(401, "")))), Ok(CallStep::Authorize)));
    assert_eq!(session.authorize(&mut call, rig.now()).unwrap(), Readiness::Wait);
    call
}

/// WA-3: a refused token is believed again when its server grants it to us, and not when it comes from the store, though
/// somebody else was granted it since; a commit that has to wait for its store changes nothing about that.
#[test]
fn a_refused_token_is_believed_from_its_server_and_not_from_the_store() {
    for store_fails in [false, true] {
        let (mut rig, mut session) = (Rig::new(), elsewhere());
        rig.rotates("a1", "r1");
        rig.renew(&mut refreshing("r0")).unwrap();
        rig.renew(&mut session).unwrap();
        let mut call = refused(&mut session, &rig);
        // Somebody else has it from the server once more.
        rig.edit(|record| record["generation"] = 2.into());
        rig.rotates("a1", "r2");
        if store_fails {
            for _ in 0..100 {
                rig.at("commit", Event::Fails);
            }
            rig.renew(&mut session).unwrap_err();
            assert_eq!(held(&session), None, "it is not in the store");
            rig.store_works_again();
            call = Call::new(session.shared(), &get("https://api.example/me")).unwrap();
        }
        rig.renew(&mut session).unwrap();
        assert_eq!((rig.requests(), held(&session).as_deref()), (2, Some("a1")));
        assert_eq!(session.authorize(&mut call, rig.now()).unwrap(), Readiness::Ready);
        assert!(matches!(call.step(None), Ok(CallStep::Send(_))));
    }
}

/// S26: one answer stops nobody for a day: what a server asks for is obeyed for an hour, by all processes of the store, and
/// the refusal still has the server's own number.
#[test]
fn s26_a_day_that_a_server_asks_for_is_an_hour() {
    let mut rig = Rig::new();
    let mut busy = json(503, "");
    busy.headers_mut().insert("retry-after", "86400".parse().unwrap());
    rig.answers(Some(busy));
    let told = rig.renew(&mut refreshing("r0")).unwrap_err();
    let told = told.refused().and_then(Refused::retry_after);
    assert_eq!(told, Some(Duration::from_secs(86_400)));
    rig.pass(3599);
    rig.renew(&mut elsewhere()).unwrap_err();
    assert_eq!(rig.requests(), 1);
    rig.pass(1);
    rig.rotates("a1", "r1");
    rig.renew(&mut elsewhere()).unwrap();
    assert_eq!(rig.requests(), 2);
}

/// S26: nor does a record in which somebody has written a longer wait.
#[test]
fn s26_a_record_makes_nobody_wait_for_a_day() {
    let mut rig = Rig::new();
    rig.refuses(503, "temporarily_unavailable");
    rig.renew(&mut refreshing("r0")).unwrap_err();
    rig.edit(|record| record["failure"]["until"] = u64::MAX.into());
    rig.pass(4499);
    rig.renew(&mut elsewhere()).unwrap_err();
    rig.pass(1);
    rig.rotates("a1", "r1");
    rig.renew(&mut elsewhere()).unwrap();
}
