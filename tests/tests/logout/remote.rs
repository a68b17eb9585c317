//! LO-7, LO-14, LO-15, LO-19: which sessions a logout token ends, in whatever process, and that it does so once.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use valetkey_core::logout::{
    LoggedOut, LoginUnderWay, LogoutAnswer, LogoutNotice, LogoutStep, RemoteLogout, indexes_of,
};
use valetkey_core::session::{Renewal, RenewalAnswer, RenewalStep};
use valetkey_core::store::{
    Entry, Found, Index, MOST_FOUND, MemoryStore, Store, StoreAnswer, StoreError, StoreKey, StoreStep,
    StoredBytes,
};
use valetkey_core::{Client, Error, Rule, Session, TokenResponse};
use valetkey_tests::openid::{begun, claims as login_claims, id_token, tokens};
use valetkey_tests::{NOW, client_of, json};

use crate::world::*;

/// The tokens of a login of this person, at this session of the server.
pub(crate) fn login(client: &Client, subject: &str, session_id: Option<&str>, scope: &str) -> TokenResponse {
    let mut begun = begun(client, |request| request).unwrap();
    let mut claims = login_claims(Some(begun.nonce()));
    claims["sub"] = subject.into();
    if let Some(session_id) = session_id {
        claims["sid"] = session_id.into();
    }
    let answer = tokens(&id_token(valetkey_core::jose::Algorithm::Es256, &claims));
    let mut body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
    body["scope"] = scope.into();
    // Each login is one of its own.
    static LOGINS: AtomicUsize = AtomicUsize::new(0);
    body["access_token"] = format!("a-{}", LOGINS.fetch_add(1, Ordering::Relaxed)).into();
    body["refresh_token"] = format!("r-{subject}-{}", session_id.unwrap_or("none")).into();
    begun.finished(client, vec![json(200, &body.to_string())]).unwrap()
}

/// Keeps a login in a store under this name.
pub(crate) fn keep(store: &MemoryStore, client: &Client, name: &str, tokens: &TokenResponse) {
    let key = StoreKey::of_user(client, name);
    let session = Session::from_tokens(client, tokens).with_indexes(indexes_of(tokens.login().unwrap()));
    let mut session = session.in_store(key.clone()).unwrap();
    let renewal = session.renewal().unwrap();
    let renewal = renewed(store, &key, renewal);
    session.settle(renewal, NOW).unwrap();
}

fn renewed(store: &MemoryStore, key: &StoreKey, mut renewal: Renewal) -> Renewal {
    let mut answer = None;
    loop {
        match renewal.step(answer.take(), NOW).unwrap() {
            RenewalStep::Store(step) => answer = Some(RenewalAnswer::Store(step.on(store, key, NOW))),
            RenewalStep::Done => return renewal,
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) fn is_in(store: &MemoryStore, client: &Client, name: &str) -> bool {
    let stored = store.load(&StoreKey::of_user(client, name)).unwrap().unwrap();
    let record: serde_json::Value = serde_json::from_slice(stored.bytes.expose()).unwrap();
    record.get("ended_at").is_none()
}

/// A store with the sessions of two people, one of them logged in twice, and of another client and issuer.
fn full(client: &Client) -> MemoryStore {
    let store = MemoryStore::new();
    keep(&store, client, "alice", &login(client, SUB, Some(SID), "openid"));
    keep(&store, client, "alice at home", &login(client, SUB, Some("other-sid"), "openid"));
    keep(&store, client, "alice without sid", &login(client, SUB, None, "openid"));
    keep(&store, client, "bob", &login(client, "bob", Some("bobs-sid"), "openid"));
    store
}

const NAMES: [&str; 4] = ["alice", "alice at home", "alice without sid", "bob"];

fn left(store: &MemoryStore, client: &Client) -> BTreeSet<&'static str> {
    NAMES.into_iter().filter(|name| is_in(store, client, name)).collect()
}

/// What came of it, and what was done, in order: `mark?`, `announce?`, `announce`, `find`, `load`, `write`, `mark`, `send …`.
pub(crate) fn carry(
    mut logout: RemoteLogout,
    store: &dyn Store,
    mut meet: impl FnMut(&str) -> Option<LogoutAnswer>,
) -> (Result<LoggedOut, Error>, Vec<String>) {
    let (mut log, mut now, mut answer) = (Vec::new(), NOW, None);
    // That of the token itself is looked at first.
    let mut used = None;
    for _ in 0..10_000 {
        let step = logout.step(answer.take(), now).unwrap();
        let again = logout.step(None, now).unwrap();
        assert_eq!(format!("{step:?}"), format!("{again:?}"), "asked twice");
        if let LogoutStep::Store(key, _) = &step {
            used.get_or_insert_with(|| key.clone());
        }
        let is_mark = |key: &StoreKey| key.as_str().starts_with("mark");
        let name = match &step {
            LogoutStep::Find(..) => "find".to_owned(),
            LogoutStep::Store(key, step) if is_mark(key) && used.as_ref() != Some(key) => match step {
                StoreStep::Load => "announce?".to_owned(),
                _ => "announce".to_owned(),
            },
            LogoutStep::Store(key, StoreStep::Load) if key.as_str().starts_with("mark") => "mark?".to_owned(),
            LogoutStep::Store(key, _) if key.as_str().starts_with("mark") => "mark".to_owned(),
            LogoutStep::Store(_, StoreStep::Load) => "load".to_owned(),
            LogoutStep::Store(..) => "write".to_owned(),
            LogoutStep::Send(request) => {
                let is_late = |step: &String| matches!(step.as_str(), "mark" | "wait");
                assert!(
                    log.iter().any(is_late),
                    "revocations come last, or after the store has failed: {log:?}"
                );
                let form: Vec<_> = form_urlencoded::parse(request.body()).collect();
                format!("send {}", form.iter().find(|(name, _)| name == "token").unwrap().1)
            }
            LogoutStep::Wait(time) => {
                now = now.after(*time);
                "wait".to_owned()
            }
            LogoutStep::Done => return (logout.finish(), log),
        };
        answer = meet(&name).or_else(|| match step {
            LogoutStep::Find(index, after) => Some(LogoutAnswer::Found(store.find(&index, after.as_ref()))),
            LogoutStep::Store(key, step) => Some(LogoutAnswer::Store(step.on(store, &key, now))),
            LogoutStep::Send(_) => Some(LogoutAnswer::Response(json(200, ""))),
            _ => None,
        });
        log.push(name);
    }
    panic!("it does not end: {log:?}");
}

fn notice(claims: &serde_json::Value) -> LogoutNotice {
    heard(claims).unwrap()
}

fn ended(claims: &serde_json::Value) -> (LoggedOut, BTreeSet<&'static str>) {
    let client = client();
    let store = full(&client);
    let (came, _) = carry(RemoteLogout::new(&client, notice(claims)), &store, |_| None);
    (came.unwrap(), left(&store, &client))
}

/// LO-15, LO-19: `sid` that login, `sub` all of that person, both those with both, none found is no fault.
#[test]
fn a_logout_token_ends_the_sessions_that_it_names_and_no_other() {
    let all = BTreeSet::from(NAMES);
    let but =
        |names: &[&str]| all.iter().copied().filter(|name| !names.contains(name)).collect::<BTreeSet<_>>();
    let (came, left) = ended(&claims());
    assert_eq!((came.ended, came.revoked, left), (1, 1, but(&["alice"])));
    assert_eq!(ended(&without(&["sub"])).1, but(&["alice"]));
    let (came, left) = ended(&without(&["sid"]));
    assert_eq!((came.ended, left), (3, BTreeSet::from(["bob"])));
    let (came, left) = ended(&claiming(|claims| claims["sid"] = "bobs-sid".into()));
    assert_eq!((came, left), (LoggedOut::default(), all.clone()), "of another person");
    let (came, left) = ended(&claiming(|claims| claims["sid"] = "unknown".into()));
    assert_eq!((came, left), (LoggedOut::default(), all));
}

/// LO-15: neither another issuer's session with that `sid`, nor another client's, ends.
#[test]
fn the_sessions_of_another_issuer_or_client_go_on() {
    let (ours, store) = (client(), MemoryStore::new());
    keep(&store, &ours, "alice", &login(&ours, SUB, Some(SID), "openid"));
    let other = Client::new(provider(), "another");
    let (came, _) = carry(RemoteLogout::new(&other, notice(&claims())), &store, |_| None);
    assert_eq!(came.unwrap().ended, 0);
    assert!(is_in(&store, &ours, "alice"));
    let elsewhere = client_of(provider().issuer("https://other.example").unwrap());
    let receiver = valetkey_core::logout::BackChannel::new(&elsewhere).unwrap();
    let theirs = token(&claiming(|claims| claims["iss"] = "https://other.example".into()));
    let (came, _) =
        carry(RemoteLogout::new(&elsewhere, heard_by(&receiver, &theirs).unwrap()), &store, |_| None);
    assert_eq!(came.unwrap().ended, 0);
    assert!(is_in(&store, &ours, "alice"));
}

/// LO-14: used once, at whatever process, and told as 400.
#[test]
fn a_logout_token_is_used_once() {
    let client = client();
    let store = full(&client);
    let (came, log) = carry(RemoteLogout::new(&client, notice(&claims())), &store, |_| None);
    assert_eq!(came.unwrap().ended, 1);
    assert_eq!(log.join(" "), format!("mark? announce? announce find load write mark send r-{SUB}-{SID}"));
    // The person logs in again, in the very same session at the server.
    keep(&store, &client, "alice", &login(&client, SUB, Some(SID), "openid"));
    let (came, log) = carry(RemoteLogout::new(&client, notice(&claims())), &store, |_| None);
    let error = came.unwrap_err();
    assert_eq!((error.rule(), log.join(" ").as_str()), (Some(Rule::Lo14), "mark?"));
    assert_eq!(valetkey_core::logout::refused(&error).status().as_u16(), 400);
    assert!(is_in(&store, &client, "alice"), "it ends nothing twice");
    let next = notice(&claiming(|claims| claims["jti"] = "another".into()));
    assert_eq!(carry(RemoteLogout::new(&client, next), &store, |_| None).0.unwrap().ended, 1);
}

/// LO-14: one that another process has used meanwhile is refused too. What ended here is revoked, since the other one could not.
#[test]
fn two_processes_that_hear_it_at_once_use_it_once() {
    let client = client();
    let store = full(&client);
    let (key, entry) = notice(&claims()).used(NOW);
    let (came, log) = carry(RemoteLogout::new(&client, notice(&claims())), &store, |step| {
        if step == "mark" {
            assert!(store.insert_if_absent(&key, &entry).unwrap());
        }
        None
    });
    assert_eq!(came.unwrap_err().rule(), Some(Rule::Lo14));
    assert_eq!(log.join(" "), format!("mark? announce? announce find load write mark send r-{SUB}-{SID}"));
}

/// LO-14: a token may be for several clients of one server, and each ends its own sessions by it.
#[test]
fn each_client_uses_a_token_once() {
    let (ours, store) = (client(), MemoryStore::new());
    keep(&store, &ours, "alice", &login(&ours, SUB, Some(SID), "openid"));
    let another = Client::new(provider(), "another").trusted_audience("s6BhdRkqt3");
    let both = claiming(|claims| claims["aud"] = serde_json::json!(["another", "s6BhdRkqt3"]));
    let theirs = valetkey_core::logout::BackChannel::new(&another).unwrap();
    let heard_there = heard_by(&theirs, &token(&both)).unwrap();
    carry(RemoteLogout::new(&another, heard_there), &store, |_| None).0.unwrap();
    let here = client().trusted_audience("another");
    let receiver = valetkey_core::logout::BackChannel::new(&here).unwrap();
    let heard_here = heard_by(&receiver, &token(&both)).unwrap();
    let (came, _) = carry(RemoteLogout::new(&ours, heard_here), &store, |_| None);
    assert_eq!(came.unwrap().ended, 1);
}

/// LO-7: a tombstone holds no tokens, so what has ended is revoked although the log-out as a whole has failed.
#[test]
fn what_has_ended_is_revoked_though_the_store_fails_then() {
    let client = client();
    for (broken, ended) in [("find", 0), ("mark", 1)] {
        let store = full(&client);
        let (came, log) = carry(RemoteLogout::new(&client, notice(&claims())), &store, |step| {
            let down = || StoreError::new("the store is down");
            (step == broken).then(|| match step {
                "find" => LogoutAnswer::Found(Err(down())),
                _ => LogoutAnswer::Store(StoreAnswer::Failed(down())),
            })
        });
        assert!(matches!(came, Err(Error::Store(_))), "{broken}");
        assert_eq!(log.iter().filter(|step| step.starts_with("send")).count(), ended, "{log:?}");
    }
}

/// A store that is back within half a minute has done no harm; and a mark whose answer was lost is our own.
#[test]
fn a_store_that_fails_for_a_moment_is_asked_again() {
    let client = client();
    for broken in ["mark?", "announce?", "announce", "find", "mark"] {
        let (store, mut failures) = (full(&client), 3);
        let (key, entry) = notice(&claims()).used(NOW);
        let (came, _) = carry(RemoteLogout::new(&client, notice(&claims())), &store, |step| {
            let fails = step == broken && failures > 0;
            failures -= i32::from(fails);
            if fails && step == "mark" {
                // It arrives, and nobody hears of it.
                let _ = store.insert_if_absent(&key, &entry).unwrap();
            }
            let lost = || StoreError::new("the answer was lost");
            fails.then(|| match step {
                "find" => LogoutAnswer::Found(Err(lost())),
                _ => LogoutAnswer::Store(StoreAnswer::Failed(lost())),
            })
        });
        let came = came.unwrap_or_else(|error| panic!("{broken}: {error}"));
        assert_eq!((came.ended, came.revoked), (1, 1), "{broken}");
    }
}

/// A store that says that there is more, and does not come further, hides what is behind it: that is told, and the token is not used.
#[test]
fn a_store_that_stands_still_is_no_log_out() {
    let client = client();
    let store = full(&client);
    let others: Vec<StoreKey> =
        (0..MOST_FOUND).map(|number| StoreKey::of_mark(&[&number.to_string()])).collect();
    for (keys, finds) in [(others, "find find"), (Vec::new(), "find")] {
        let (came, log) = carry(RemoteLogout::new(&client, notice(&claims())), &store, |step| {
            (step == "find").then(|| LogoutAnswer::Found(Ok(Found::new(keys.clone(), true))))
        });
        assert!(matches!(came, Err(Error::Store(_))));
        assert_eq!(log.join(" "), format!("mark? announce? announce {finds}"));
        assert!(is_in(&store, &client, "alice"));
    }
}

/// A page of other records alone is gone past: the session is on the next.
#[test]
fn a_page_of_others_alone_is_gone_past() {
    let client = client();
    let store = full(&client);
    let index = Index::of_login("https://as.example", SID);
    let before = StoreKey::from_name(&"-".repeat(43)).unwrap();
    let (mut finds, one) = (0, store.find(&index, None).unwrap());
    let (came, log) = carry(RemoteLogout::new(&client, notice(&claims())), &store, |step| {
        finds += i32::from(step == "find");
        let found = if finds == 1 { Found::new(vec![before.clone()], true) } else { one.clone() };
        (step == "find").then(|| LogoutAnswer::Found(Ok(found)))
    });
    assert_eq!(came.unwrap().ended, 1);
    assert_eq!(
        log.join(" "),
        format!("mark? announce? announce find load find load write mark send r-{SUB}-{SID}")
    );
}

/// LO-14: a log-out that failed may be sent again.
#[test]
fn a_logout_token_whose_log_out_failed_is_not_used() {
    let client = client();
    for broken in ["mark?", "find", "load", "write", "mark"] {
        let store = full(&client);
        let (came, _) = carry(RemoteLogout::new(&client, notice(&claims())), &store, |step| {
            let down = || StoreError::new("the store is down");
            (step == broken).then(|| match step {
                "find" => LogoutAnswer::Found(Err(down())),
                _ => LogoutAnswer::Store(StoreAnswer::Failed(down())),
            })
        });
        let error = came.unwrap_err();
        assert!(matches!(error, Error::Store(_)), "{broken}: {error:?}");
        let (came, _) = carry(RemoteLogout::new(&client, notice(&claims())), &store, |_| None);
        came.unwrap();
        assert!(!is_in(&store, &client, "alice"), "{broken}");
    }
}

/// LO-14: the mark lasts as long as the token could be taken, and no longer.
#[test]
fn that_a_token_was_used_is_remembered_while_it_could_be_taken() {
    let until = |claims: &serde_json::Value| notice(claims).used(NOW).1.lifetime().unwrap().until();
    assert_eq!(until(&claims()).as_secs(), NOW.as_secs() + 120 + 2 * 60 + 1);
    let for_years = claiming(|claims| claims["exp"] = (NOW.as_secs() + 1_000_000_000).into());
    assert_eq!(until(&for_years).as_secs(), NOW.as_secs() + 600 + 2 * 60 + 1, "it is then too old");
    let (key, _) = notice(&claims()).used(NOW);
    let elsewhere = client_of(provider().issuer("https://other.example").unwrap());
    let receiver = valetkey_core::logout::BackChannel::new(&elsewhere).unwrap();
    let theirs = token(&claiming(|claims| claims["iss"] = "https://other.example".into()));
    assert_ne!(heard_by(&receiver, &theirs).unwrap().used(NOW).0, key, "each issuer has its own");
}

/// LO-7: tokens of `offline_access` are left alone, unless the program asks; the session ends all the same.
#[test]
fn tokens_that_outlive_a_login_are_revoked_only_if_asked() {
    let client = client();
    for (revokes_all, sent) in [(false, 0), (true, 1)] {
        let store = MemoryStore::new();
        keep(&store, &client, "alice", &login(&client, SUB, Some(SID), "openid offline_access"));
        let logout = RemoteLogout::new(&client, notice(&claims()));
        let logout = if revokes_all { logout.revoking_offline_access() } else { logout };
        let (came, log) = carry(logout, &store, |_| None);
        let came = came.unwrap();
        assert_eq!((came.ended, came.revoked), (1, sent));
        assert_eq!(log.iter().filter(|step| step.starts_with("send")).count(), sent);
        assert!(!is_in(&store, &client, "alice"));
    }
}

/// A log-out wins: a renewal that was under way brings nothing back.
#[test]
fn a_renewal_under_way_brings_nothing_back() {
    let client = client();
    let store = full(&client);
    let key = StoreKey::of_user(&client, "alice");
    let late = NOW.after(std::time::Duration::from_secs(7200));
    let mut session = Session::from_store(&client).in_store(key.clone()).unwrap();
    let mut renewal = session.renewal().unwrap();
    let (mut answer, mut has_logged_out) = (None, false);
    loop {
        match renewal.step(answer.take(), late).unwrap() {
            RenewalStep::Store(step) => answer = Some(RenewalAnswer::Store(step.on(&store, &key, late))),
            RenewalStep::Send(request) if request.uri() == "https://as.example/token" => {
                let (came, _) = carry(RemoteLogout::new(&client, notice(&claims())), &store, |_| None);
                has_logged_out = came.unwrap().ended == 1;
                let body =
                    r#"{"access_token":"a1","token_type":"Bearer","expires_in":3600,"refresh_token":"r1"}"#;
                answer = Some(RenewalAnswer::Response(json(200, body)));
            }
            RenewalStep::Send(_) => answer = Some(RenewalAnswer::Response(json(200, ""))),
            RenewalStep::Wait(_) => panic!("nothing is waited for"),
            RenewalStep::Done => break,
        }
    }
    assert!(has_logged_out && session.settle(renewal, late).is_err());
    assert!(!is_in(&store, &client, "alice"));
}

/// A login that takes the place of the one that is meant, between the finding and the writing, goes on.
#[test]
fn a_login_that_came_in_between_goes_on() {
    let client = client();
    let store = full(&client);
    let (came, log) = carry(RemoteLogout::new(&client, notice(&claims())), &store, |step| {
        if step == "load" && is_in(&store, &client, "alice") {
            keep(&store, &client, "alice", &login(&client, SUB, Some("a-new-sid"), "openid"));
        }
        None
    });
    assert_eq!(came.unwrap().ended, 0);
    assert_eq!(log.join(" "), "mark? announce? announce find load mark");
    assert!(is_in(&store, &client, "alice"));
}

/// What nobody can read, and what is no session, is gone past and left as it is.
#[test]
fn records_that_cannot_be_read_are_gone_past() {
    let client = client();
    let store = full(&client);
    let index = Index::of_login("https://as.example", SID);
    let entry = |bytes: &[u8]| Entry::new(StoredBytes::new(bytes.to_vec())).indexed([index.clone()]);
    let broken = StoreKey::of_user(&client, "somebody");
    assert!(store.insert_if_absent(&broken, &entry(b"not JSON")).unwrap());
    assert!(store.insert_if_absent(&StoreKey::of_mark(&["x"]), &entry(b"x")).unwrap());
    let (came, _) = carry(RemoteLogout::new(&client, notice(&claims())), &store, |_| None);
    let came = came.unwrap();
    assert_eq!((came.ended, came.unreadable), (1, 1));
    assert_eq!(store.load(&broken).unwrap().unwrap().bytes.expose(), b"not JSON");
}

/// LO-15: all sessions of a person end, however many: page by page, of which no more than one is held at a time.
#[test]
fn more_sessions_than_a_page_has_all_end() {
    let client = client();
    let store = MemoryStore::new();
    let tokens = login(&client, SUB, Some(SID), "openid");
    let many = 20 * MOST_FOUND + 5;
    for number in 0..many {
        keep(&store, &client, &format!("alice {number}"), &tokens);
    }
    let (mut pages, mut largest, mut first_sent) = (0, 0, None);
    let (mut logout, mut answer) = (RemoteLogout::new(&client, notice(&without(&["sid"]))), None);
    loop {
        match logout.step(answer.take(), NOW).unwrap() {
            LogoutStep::Find(index, after) => {
                assert!(!logout.has_ended(), "the server is answered when the last has ended");
                let found = store.find(&index, after.as_ref()).unwrap();
                (pages, largest) = (pages + 1, largest.max(found.keys.len()));
                answer = Some(LogoutAnswer::Found(Ok(found)));
            }
            LogoutStep::Store(key, step) => answer = Some(LogoutAnswer::Store(step.on(&store, &key, NOW))),
            LogoutStep::Send(_) => {
                first_sent.get_or_insert(pages);
                answer = Some(LogoutAnswer::NoResponse);
            }
            LogoutStep::Wait(_) => panic!("nothing is waited for"),
            LogoutStep::Done => break,
        }
    }
    let came = logout.finish().unwrap();
    assert_eq!(first_sent, Some(10), "a thousand end before the first revocation");
    assert_eq!((came.ended, came.revoked, pages, largest), (many, 0, 21, MOST_FOUND));
    let all = Index::of_user("https://as.example", SUB);
    assert_eq!(store.find(&all, None).unwrap(), Found::default());
    assert!((0..many).all(|number| !is_in(&store, &client, &format!("alice {number}"))));
}

/// LO-16: while the pages are gone through, sessions are renewed and others end; and a login that comes meanwhile finds the mark.
#[test]
fn renewals_and_logins_between_two_pages_hide_no_session() {
    let client = client();
    let store = MemoryStore::new();
    let tokens = login(&client, SUB, Some(SID), "openid");
    let names: Vec<String> = (0..MOST_FOUND + 50).map(|number| format!("alice {number}")).collect();
    names.iter().for_each(|name| keep(&store, &client, name, &tokens));
    let mut finds = 0;
    let (mut logout, mut answer) = (RemoteLogout::new(&client, notice(&claims())), None);
    loop {
        answer = match logout.step(answer.take(), NOW).unwrap() {
            LogoutStep::Find(index, after) => {
                finds += 1;
                if finds == 2 {
                    // All that still go on are written anew, as renewals do it, the last first.
                    for name in names.iter().rev().filter(|name| is_in(&store, &client, name)) {
                        let key = StoreKey::of_user(&client, name);
                        let there = store.load(&key).unwrap().unwrap();
                        let entry = Entry::new(there.bytes).indexed(indexes_of(tokens.login().unwrap()));
                        assert!(store.replace(&key, Some(&there.version), Some(&entry)).unwrap().is_done());
                    }
                    keep(&store, &client, "too late", &tokens);
                }
                Some(LogoutAnswer::Found(store.find(&index, after.as_ref())))
            }
            LogoutStep::Store(key, step) => Some(LogoutAnswer::Store(step.on(&store, &key, NOW))),
            LogoutStep::Send(_) => Some(LogoutAnswer::NoResponse),
            LogoutStep::Wait(_) => panic!("nothing is waited for"),
            LogoutStep::Done => break,
        };
    }
    assert!(logout.finish().unwrap().ended >= names.len());
    assert!(names.iter().all(|name| !is_in(&store, &client, name)));
    let late = LoginUnderWay::of(&client, &tokens).unwrap();
    let told = late.keys().iter().map(|key| late.require_going_on(store.load(key).unwrap().as_ref()));
    assert!(told.into_iter().any(|told| told.is_err()), "the login is told, and ends itself");
}

/// Asked for its outcome before its time, it has failed; after the sessions have ended, it has not.
#[test]
fn what_came_of_it_is_known_once_the_sessions_have_ended() {
    let client = client();
    let store = full(&client);
    assert!(matches!(RemoteLogout::new(&client, notice(&claims())).finish(), Err(Error::Unanswered)));
    let mut logout = RemoteLogout::new(&client, notice(&claims()));
    let mut answer = None;
    while !logout.has_ended() {
        answer = match logout.step(answer.take(), NOW).unwrap() {
            LogoutStep::Find(index, after) => Some(LogoutAnswer::Found(store.find(&index, after.as_ref()))),
            LogoutStep::Store(key, step) => Some(LogoutAnswer::Store(step.on(&store, &key, NOW))),
            LogoutStep::Send(_) if logout.has_ended() => None,
            other => panic!("{other:?}"),
        };
    }
    let wrong = logout.step(Some(LogoutAnswer::Found(Ok(Found::default()))), NOW);
    assert!(matches!(wrong, Err(Error::Misuse(_))));
    let came = logout.finish().unwrap();
    assert_eq!((came.ended, came.revoked), (1, 0));
}
