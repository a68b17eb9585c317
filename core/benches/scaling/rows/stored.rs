//! What outlives a call: records written and read, and the store that keeps them in memory.

use std::hint::black_box;
use std::time::Duration;

use valetkey_core::authorize::StoredAuthorization;
use valetkey_core::session::SessionRecord;
use valetkey_core::store::{Entry, Index, MemoryStore, Store, StoreKey, StoredBytes};
use valetkey_core::{
    AuthorizationRequest, Entropy, Flow, Grant, Resource, Session, Step, TokenRequest, TokenResponse,
};

use crate::rows::{NOW, REDIRECT_URI, answer, client, many, mixed};
use crate::{Round, Row};

pub(crate) const ROWS: &[Row] = &[
    Row { name: "session record written: scope", round: |n| written(&with_scope(n)) },
    Row { name: "session record read: scope", round: |n| read(&with_scope(n)) },
    Row { name: "session record written: resources", round: |n| written(&with_resources(n)) },
    Row { name: "session record read: resources", round: |n| read(&with_resources(n)) },
    Row { name: "session record written: access token", round: |n| written(&with_token(n)) },
    Row { name: "session record read: access token", round: |n| read(&with_token(n)) },
    Row { name: "session taken up from a record: resources", round: taken_up },
    Row { name: "pending authorization written: scope", round: pending_written },
    Row { name: "pending authorization read: scope", round: pending_read },
    Row { name: "memory store: so many records put there", round: |n| put(n, None) },
    Row { name: "memory store: so many records that end", round: |n| put(n, Some(Duration::from_secs(600))) },
    Row { name: "memory store: one of so many found by an index", round: found },
    Row { name: "store key of an application: resources", round: key },
];

fn tokens(grant: Grant, access_token: &str) -> TokenResponse {
    let mut flow = TokenRequest::new(&client(), grant).expect("a request");
    let Ok(Step::Send(_)) = flow.step(None, NOW) else { unreachable!("a request") };
    let body = format!(r#"{{"access_token":"{access_token}","token_type":"Bearer","expires_in":3600}}"#);
    let Ok(Step::Done(tokens)) = flow.step(Some(answer(200, body)), NOW) else { unreachable!("tokens") };
    tokens
}

fn session(grant: Grant, access_token: &str) -> Session {
    Session::from_tokens(&client(), &tokens(grant, access_token))
}

fn scope(count: usize) -> String {
    many(count, " ", |one| format!("{:x>6}", mixed(one)))
}

fn with_scope(count: usize) -> Session {
    session(Grant::client_credentials().scope(scope(count)).expect("a grant"), "2YotnFZFEjr1zCsicMWpAA")
}

/// A grant for so many resources, in one order or the other.
fn resources(count: usize, backwards: bool) -> Grant {
    let place = |one| if backwards { count - 1 - one } else { one };
    (0..count).fold(Grant::client_credentials(), |grant, one| {
        let resource = Resource::new(format!("https://{}.example", mixed(place(one)))).expect("a resource");
        grant.resource(resource).expect("a grant")
    })
}

fn with_resources(count: usize) -> Session {
    session(resources(count, false), "2YotnFZFEjr1zCsicMWpAA")
}

fn with_token(length: usize) -> Session {
    session(Grant::client_credentials(), &"x".repeat(length))
}

fn written(session: &Session) -> Round {
    let record = session.record().expect("a record");
    Box::new(move || {
        black_box(serde_json::to_vec(&record).expect("a text"));
    })
}

fn read(session: &Session) -> Round {
    let text = serde_json::to_vec(&session.record().expect("a record")).expect("a text");
    Box::new(move || {
        black_box(serde_json::from_slice::<SessionRecord>(&text).expect("a record"));
    })
}

/// As a program does that finds it in its store and compares whose it is.
fn taken_up(count: usize) -> Round {
    let record = with_resources(count).record().expect("a record");
    let (client, grant) = (client(), resources(count, true));
    Box::new(move || {
        let session = Session::from_record(&client, record).and_then(|session| session.with_grant(grant));
        black_box(session.expect("a session"));
    })
}

fn pending(count: usize) -> valetkey_core::PendingAuthorization {
    let request = AuthorizationRequest::new(&client(), REDIRECT_URI).expect("a request");
    let request = request.scope(scope(count)).expect("a scope");
    request.begin_unbound(Entropy::from_seed([7; 32]), NOW).expect("a pending authorization").1
}

fn pending_written(count: usize) -> Round {
    let pending = pending(count);
    Box::new(move || {
        black_box(serde_json::to_vec(&pending).expect("a text"));
    })
}

fn pending_read(count: usize) -> Round {
    let text = serde_json::to_vec(&pending(count)).expect("a text");
    Box::new(move || {
        black_box(serde_json::from_slice::<StoredAuthorization>(&text).expect("a pending authorization"));
    })
}

fn entry(number: usize) -> (StoreKey, Entry) {
    let key = StoreKey::of_mark(&[&number.to_string()]);
    let entry = Entry::new(StoredBytes::new(b"seen".to_vec()));
    (key, entry.indexed([Index::of_name(&number.to_string())]))
}

fn put(count: usize, lifetime: Option<Duration>) -> Round {
    let with_end = |(key, entry): (StoreKey, Entry)| match lifetime {
        Some(time) => (key, entry.kept_for(time, NOW)),
        None => (key, entry),
    };
    let entries: Vec<_> = (0..count).map(entry).map(with_end).collect();
    let store = MemoryStore::new();
    Box::new(move || {
        for (key, entry) in &entries {
            assert!(store.insert_if_absent(key, entry).expect("a store"), "a new record");
        }
    })
}

fn found(count: usize) -> Round {
    let store = MemoryStore::new();
    for (key, entry) in (0..count).map(entry) {
        assert!(store.insert_if_absent(&key, &entry).expect("a store"), "a new record");
    }
    let index = Index::of_name("0");
    Box::new(move || assert_eq!(store.find(&index, None).expect("a store").keys.len(), 1, "one record"))
}

fn key(count: usize) -> Round {
    let (client, grant) = (client(), resources(count, false));
    Box::new(move || {
        black_box(StoreKey::of_application(&client, &grant));
    })
}
