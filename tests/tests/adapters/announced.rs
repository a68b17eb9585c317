//! A web application's sessions: who is logged in is asked of the store, and a log-out that the server announces is one call.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use valetkey_core::jose::{Algorithm, JwtSigner, RustCrypto};
use valetkey_core::logout::BackChannel;
use valetkey_core::store::{Entry, MOST_FOUND, MemoryStore, Store as _, StoreKey, StoredBytes};
use valetkey_core::{Client, Quirk, Request, TokenResponse, UnixTime};
use valetkey_tests::jose::key_pair;
use valetkey_tests::openid;

use crate::face::Adapter as _;
use crate::for_both;

const SUB: &str = "248289761001";

/// The tokens of a login at this session of the server.
pub(crate) fn login_at(client: &Client, session_id: &str) -> TokenResponse {
    login_of(client, SUB, session_id)
}

fn login_of(client: &Client, subject: &str, session_id: &str) -> TokenResponse {
    let mut begun = openid::begun(client, |request| request).unwrap();
    let mut claims = openid::claims(Some(begun.nonce()));
    (claims["sub"], claims["sid"]) = (subject.into(), session_id.into());
    let answer = openid::tokens(&openid::id_token(Algorithm::Es256, &claims));
    // Each login is one of its own.
    let mut body: Value = serde_json::from_slice(answer.body()).unwrap();
    body["access_token"] = format!("a-{subject}-{session_id}").into();
    begun.finished(client, vec![valetkey_tests::json(200, &body.to_string())]).unwrap()
}

/// What the server posts.
fn posted(claims: &Value) -> Request {
    let signer = JwtSigner::new(key_pair(&RustCrypto, Algorithm::Es256), Some("logout+jwt"));
    let token = signer.write(claims).unwrap().sign().unwrap().ready().unwrap();
    http::Request::post("/logout/back-channel")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("logout_token={}", token.expose()).into_bytes())
        .unwrap()
}

/// That this login has ended at the server now.
fn ended(session_id: &str, jti: &str, now: UnixTime) -> Request {
    posted(&claims_of(session_id, jti, now))
}

fn claims_of(session_id: &str, jti: &str, now: UnixTime) -> Value {
    json!({
        "iss": "https://as.example",
        "aud": "s6BhdRkqt3",
        "iat": now.as_secs(),
        "exp": now.as_secs() + 120,
        "jti": jti,
        "sub": SUB,
        "sid": session_id,
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    })
}

for_both! {
    /// LO-16, LO-19: a plain login is found by whose it is, and over in every process when the server is answered.
    fn a_log_out_that_the_server_announces_ends_the_session_everywhere(adapter: A) {
        let (client, store) = (openid::client(), Arc::new(MemoryStore::new()));
        let here = adapter.sessions(&client, Arc::clone(&store));
        let elsewhere = adapter.sessions(&client, Arc::clone(&store));
        let receiver = BackChannel::new(&client).unwrap();
        adapter.login(&here, "first", &login_at(&client, "s1")).unwrap();
        adapter.login(&here, "second", &login_at(&client, "s2")).unwrap();
        for sessions in [&here, &elsewhere] {
            let who = adapter.logged_in(sessions, "first").unwrap().unwrap();
            assert_eq!(who, (Some(SUB.to_owned()), Some("s1".to_owned())));
        }
        let (status, came) = adapter.receive_logout(&elsewhere, &receiver, &ended("s1", "one", A::now()));
        assert_eq!((status, came.unwrap()), (200, 1));
        for sessions in [&here, &elsewhere] {
            assert_eq!(adapter.logged_in(sessions, "first").unwrap(), None);
            assert!(adapter.logged_in(sessions, "second").unwrap().is_some());
        }
        // LO-14, LO-8: a repeat is refused, and so is what is no logout token.
        let (status, came) = adapter.receive_logout(&here, &receiver, &ended("s1", "one", A::now()));
        assert_eq!(status, 400);
        assert!(came.unwrap_err().shown.contains("LO-14"));
        assert_eq!(adapter.receive_logout(&here, &receiver, &posted(&json!({}))).0, 400);
        // None found is no fault.
        let (status, came) = adapter.receive_logout(&here, &receiver, &ended("unknown", "two", A::now()));
        assert_eq!((status, came.unwrap()), (200, 0));
    }

    /// LO-10: a logout token without `exp` ends nothing, unless the server is one whose tokens may be so.
    fn a_logout_token_without_exp_is_for_who_admits_it(adapter: A) {
        let (strict, store) = (openid::client(), Arc::new(MemoryStore::new()));
        let server = openid::provider(Algorithm::Es256).admit(Quirk::LogoutWithoutExpiry);
        let admitting = valetkey_tests::client_of(server);
        adapter.login(&adapter.sessions(&strict, Arc::clone(&store)), "first", &login_at(&strict, "s1")).unwrap();
        let without_exp = || {
            let mut claims = claims_of("s1", "one", A::now());
            claims.as_object_mut().unwrap().remove("exp");
            posted(&claims)
        };
        for (client, status) in [(&strict, 400), (&admitting, 200), (&admitting, 400)] {
            let sessions = adapter.sessions(client, Arc::clone(&store));
            let receiver = BackChannel::new(client).unwrap();
            let is_in = adapter.logged_in(&sessions, "first").unwrap().is_some();
            let (answered, came) = adapter.receive_logout(&sessions, &receiver, &without_exp());
            assert_eq!(answered, status);
            match (status, is_in) {
                (200, _) => assert_eq!(came.unwrap(), 1),
                (_, true) => assert!(came.unwrap_err().shown.contains("LO-10")),
                (_, false) => assert!(came.unwrap_err().shown.contains("LO-14"), "it is used once"),
            }
        }
        assert_eq!(adapter.logged_in(&adapter.sessions(&strict, store), "first").unwrap(), None);
    }

    /// LO-15: all sessions of a person end, though they are more than a page of the store has.
    fn a_person_with_more_sessions_than_a_page_has_is_logged_out_of_all(adapter: A) {
        let (client, store) = (openid::client(), Arc::new(MemoryStore::new()));
        let sessions = adapter.sessions(&client, Arc::clone(&store));
        let tokens = login_at(&client, "s1");
        let many = MOST_FOUND + 2;
        for number in 0..many {
            adapter.login(&sessions, &number.to_string(), &tokens).unwrap();
        }
        let receiver = BackChannel::new(&client).unwrap();
        let (status, came) = adapter.receive_logout(&sessions, &receiver, &ended("s1", "one", A::now()));
        assert_eq!((status, came.unwrap()), (200, many));
        for number in 0..many {
            assert_eq!(adapter.logged_in(&sessions, &number.to_string()).unwrap(), None, "{number}");
        }
    }

    /// LO-16: it came while the login was under way, and nobody could find its session yet.
    fn a_login_that_the_server_has_ended_meanwhile_logs_nobody_in(adapter: A) {
        let (client, store) = (openid::client(), Arc::new(MemoryStore::new()));
        let sessions = adapter.sessions(&client, Arc::clone(&store));
        let receiver = BackChannel::new(&client).unwrap();
        let tokens = login_at(&client, "s1");
        assert_eq!(adapter.receive_logout(&sessions, &receiver, &ended("s1", "one", A::now())).0, 200);
        assert!(adapter.login(&sessions, "first", &tokens).unwrap_err().is_authorization_required);
        assert_eq!(adapter.logged_in(&sessions, "first").unwrap(), None);
        adapter.login(&sessions, "second", &login_at(&client, "s2")).unwrap();
        assert!(adapter.logged_in(&sessions, "second").unwrap().is_some());
    }

    /// Nobody's tokens stay in the store for ever: each page that asks who is logged in pushes the end out, by whatever process, and who has
    /// not come for the time and a half is nobody.
    fn a_session_is_kept_for_a_while_after_its_last_use(adapter: A) {
        let (client, store) = (openid::client(), Arc::new(MemoryStore::new()));
        let week = Duration::from_secs(7 * 24 * 60 * 60);
        let sessions = adapter.kept_for(adapter.sessions(&client, Arc::clone(&store)), week);
        adapter.login(&sessions, "alice", &login_at(&client, "s1")).unwrap();
        let key = StoreKey::of_user(&client, "alice");
        let record = || -> Value {
            serde_json::from_slice(store.load(&key).unwrap().unwrap().bytes.expose()).unwrap()
        };
        let until = || serde_json::from_value::<UnixTime>(record()["kept"]["until"].clone()).unwrap();
        let ends_at = |time: UnixTime| {
            let (mut record, there) = (record(), store.load(&key).unwrap().unwrap());
            record["kept"]["until"] = serde_json::to_value(time).unwrap();
            let entry = Entry::new(StoredBytes::new(record.to_string().into_bytes()));
            assert!(store.replace(&key, Some(&there.version), Some(&entry)).unwrap().is_done());
        };
        let begun = A::now();
        assert!(until() > begun.after(week), "it is kept for longer than the time");
        ends_at(begun.after(Duration::from_secs(60)));
        // Another process, which was told nothing: the record says it.
        let elsewhere = adapter.sessions(&client, Arc::clone(&store));
        assert!(adapter.logged_in(&elsewhere, "alice").unwrap().is_some());
        assert!(until() > begun.after(week), "a use pushes it out");
        let written = store.load(&key).unwrap().unwrap().version;
        assert!(adapter.logged_in(&sessions, "alice").unwrap().is_some());
        assert_eq!(store.load(&key).unwrap().unwrap().version, written, "not at each use");
        // Nor by a clock that is ahead by less than a quarter of the time.
        ends_at(begun);
        assert!(adapter.logged_in(&elsewhere, "alice").unwrap().is_some());
        ends_at(begun.before(week / 4));
        for sessions in [&sessions, &elsewhere] {
            assert_eq!(adapter.logged_in(sessions, "alice").unwrap(), None);
        }
        adapter.login(&sessions, "alice", &login_at(&client, "s2")).unwrap();
        assert!(adapter.logged_in(&elsewhere, "alice").unwrap().is_some());
    }

    /// A tombstone and nothing are nobody; a store that cannot say is an error, and no log-out.
    fn nobody_is_told_from_a_store_that_cannot_say(adapter: A) {
        let (client, store) = (openid::client(), Arc::new(MemoryStore::new()));
        let sessions = adapter.sessions(&client, Arc::clone(&store));
        assert_eq!(adapter.logged_in(&sessions, "first").unwrap(), None);
        adapter.login(&sessions, "first", &login_at(&client, "s1")).unwrap();
        adapter.logout(&adapter.sessions(&client, Arc::clone(&store)), "first").unwrap();
        assert_eq!(adapter.logged_in(&sessions, "first").unwrap(), None);
        let broken = Entry::new(StoredBytes::new(b"?".to_vec()));
        assert!(store.insert_if_absent(&StoreKey::of_user(&client, "broken"), &broken).unwrap());
        let failed = adapter.logged_in(&sessions, "broken").unwrap_err();
        assert!(!failed.is_authorization_required, "{}", failed.shown);
        // ST-4: a name that is empty is nobody's, and a record of another user is not this one's.
        assert!(adapter.logged_in(&sessions, "").unwrap_err().shown.contains("ST-4"));
        adapter.login(&sessions, "alice", &login_at(&client, "s2")).unwrap();
        let theirs = store.load(&StoreKey::of_user(&client, "alice")).unwrap().unwrap();
        let entry = Entry::new(theirs.bytes);
        assert!(store.insert_if_absent(&StoreKey::of_user(&client, "bob"), &entry).unwrap());
        assert!(adapter.logged_in(&sessions, "bob").unwrap_err().shown.contains("ST-4"));
    }

    /// A second login under one name: what an older one left in memory is not handed out.
    fn tokens_of_an_earlier_login_under_the_name_are_let_go(adapter: A) {
        let (client, store) = (openid::client(), Arc::new(MemoryStore::new()));
        let here = adapter.sessions(&client, Arc::clone(&store));
        let elsewhere = adapter.sessions(&client, Arc::clone(&store));
        adapter.login(&here, "alice", &login_at(&client, "s1")).unwrap();
        adapter.logout(&elsewhere, "alice").unwrap();
        let again = login_of(&client, "another", "s2");
        adapter.login(&elsewhere, "alice", &again).unwrap();
        let (subject, _) = adapter.logged_in(&here, "alice").unwrap().unwrap();
        assert_eq!(subject.as_deref(), Some("another"));
        assert_eq!(adapter.held_subject(&here, "alice").unwrap(), Some("another".to_owned()));
    }
}
