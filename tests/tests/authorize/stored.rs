//! AR-12 in a store: of all who read a pending authorization there, the one who deletes it goes on. For both kinds.

#![expect(deprecated, reason = "the deprecated kind is stored too")]

use std::collections::HashMap;
use std::sync::{Barrier, Mutex};
use std::thread;

use valetkey_core::authorize::{
    ImplicitRequest, PendingImplicit, ResponseMode, StoredAuthorization, StoredImplicit,
};
use valetkey_core::{AuthorizationRequest, AuthorizationResponse, Error, PendingAuthorization, Rule};
use valetkey_tests::stored::{Record, taken_out};
use valetkey_tests::{NOW, client, entropy};

const CALLBACK: &str = "https://app.example/callback";
const SESSION: &str = "the value of a browser's session cookie";

/// A web application's store, which answers a delete as stores do.
#[derive(Default)]
struct Store(Mutex<HashMap<String, String>>);

impl Store {
    fn put(&self, state: &str, record: &impl Record) {
        self.0.lock().unwrap().insert(state.to_owned(), serde_json::to_string(record).unwrap());
    }

    fn read(&self, state: &str) -> Option<String> {
        self.0.lock().unwrap().get(state).cloned()
    }

    /// Whether there was something to delete.
    fn delete(&self, state: &str) -> bool {
        self.0.lock().unwrap().remove(state).is_some()
    }
}

/// Begins a login in the session, and says what the callback's URL will be.
fn begin(store: &Store) -> AuthorizationResponse {
    let request = AuthorizationRequest::new(&client(), CALLBACK).unwrap();
    let (_, pending) = request.begin(SESSION, entropy(1), NOW).unwrap();
    store.put(pending.state(), &pending);
    AuthorizationResponse::from_url(&format!("{CALLBACK}?code=c&state={}", pending.state())).unwrap()
}

fn begin_implicit(store: &Store) -> AuthorizationResponse {
    let request = ImplicitRequest::new(&client(), CALLBACK).unwrap();
    let (_, pending) = request.begin(SESSION, entropy(1), NOW).unwrap();
    store.put(pending.state(), &pending);
    let url = format!("{CALLBACK}#access_token=t&token_type=bearer&state={}", pending.state());
    AuthorizationResponse::from_url(&url).unwrap()
}

fn stored(store: &Store, response: &AuthorizationResponse) -> Option<StoredAuthorization> {
    let record = store.read(&response.state().unwrap())?;
    Some(serde_json::from_str(&record).unwrap())
}

fn stored_implicit(store: &Store, response: &AuthorizationResponse) -> Option<StoredImplicit> {
    let record = store.read(&response.state().unwrap())?;
    Some(serde_json::from_str(&record).unwrap())
}

/// What the callback does once it has read the record.
fn finish(store: &Store, stored: StoredAuthorization, response: AuthorizationResponse) -> Result<(), Error> {
    let is_deleted = store.delete(stored.state());
    stored.taken_out(is_deleted)?.finish(&client(), &response.received_in(SESSION), NOW).map(drop)
}

fn finish_implicit(
    store: &Store,
    stored: StoredImplicit,
    response: AuthorizationResponse,
) -> Result<(), Error> {
    let is_deleted = store.delete(stored.state());
    stored.taken_out(is_deleted)?.finish(&client(), &response.received_in(SESSION), NOW).map(drop)
}

fn require_too_late(outcome: Result<(), Error>) {
    let error = outcome.unwrap_err();
    assert!(matches!(error, Error::Misuse(_)) && error.rule() == Some(Rule::Ar12), "{error}");
    let text = error.to_string();
    for says in ["another request took", "is reloaded", "send this browser on to where a login ends"] {
        assert!(text.contains(says), "{text}");
    }
}

#[test]
fn s10_two_tabs_that_have_both_read_the_record_redeem_the_code_once() {
    let store = Store::default();
    let response = begin(&store);
    let (one, two) = (stored(&store, &response).unwrap(), stored(&store, &response).unwrap());
    finish(&store, one, response.clone()).unwrap();
    require_too_late(finish(&store, two, response));

    let response = begin_implicit(&store);
    let (one, two) =
        (stored_implicit(&store, &response).unwrap(), stored_implicit(&store, &response).unwrap());
    finish_implicit(&store, one, response.clone()).unwrap();
    require_too_late(finish_implicit(&store, two, response));
}

/// However many come at once, one of them goes on.
#[test]
fn s10_of_many_tabs_at_once_one_goes_on() {
    const TABS: usize = 16;
    let store = Store::default();
    let response = begin(&store);
    let (all_have_read, outcomes) = (Barrier::new(TABS), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..TABS {
            scope.spawn(|| {
                let read = stored(&store, &response).unwrap();
                all_have_read.wait();
                let outcome = finish(&store, read, response.clone());
                outcomes.lock().unwrap().push(outcome);
            });
        }
    });
    let (good, late): (Vec<_>, Vec<_>) = outcomes.into_inner().unwrap().into_iter().partition(Result::is_ok);
    assert_eq!((good.len(), late.len()), (1, TABS - 1));
    late.into_iter().for_each(require_too_late);
}

#[test]
fn s10_a_reload_finds_nothing_to_finish() {
    let store = Store::default();
    let response = begin(&store);
    let read = stored(&store, &response).unwrap();
    finish(&store, read, response.clone()).unwrap();
    assert!(stored(&store, &response).is_none());

    let response = begin_implicit(&store);
    let read = stored_implicit(&store, &response).unwrap();
    finish_implicit(&store, read, response.clone()).unwrap();
    assert!(stored_implicit(&store, &response).is_none());
}

/// AR-14: a callback URL out of a log, finished in another browser, gives nothing. It takes the login of the person away
/// that it was for, who begins another: what is out of the store is never put back.
#[test]
fn s10_a_replayed_callback_url_is_good_in_no_other_session() {
    let store = Store::default();
    let response = begin(&store);
    let read = stored(&store, &response).unwrap();
    assert!(store.delete(read.state()));
    let mut pending = read.taken_out(true).unwrap();
    let error = pending.finish(&client(), &response.received_in("a thief's session"), NOW).unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Ar14));

    let response = begin_implicit(&store);
    let mut pending = stored_implicit(&store, &response).unwrap().taken_out(true).unwrap();
    let error = pending.finish(&client(), &response.received_in("a thief's session"), NOW).unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Ar14));
}

/// One that was used and then written back, as programs did before, is used up in the store too.
#[test]
fn s10_a_record_that_was_used_up_stays_so() {
    let store = Store::default();
    let response = begin(&store).received_in(SESSION);
    let mut pending = stored(&store, &response).unwrap().taken_out(true).unwrap();
    pending.finish(&client(), &response, NOW).unwrap();
    let mut again: PendingAuthorization = taken_out(&serde_json::to_string(&pending).unwrap());
    assert_eq!(again.finish(&client(), &response, NOW).unwrap_err().rule(), Some(Rule::Ar12));
}

/// The form of a record is a promise: version 1, these members, whatever type reads it.
#[test]
fn s10_a_record_of_version_1_is_read_and_written_as_ever() {
    let code = r#"{"version":1,"client_id":"s6BhdRkqt3","issuer":"https://as.example","token_endpoint":"https://as.example/token","redirect_uri":"https://app.example/callback","response_mode":"query","state":"xyz","expires_at":1700000600000,"session":"1bEF","spent":false,"code_verifier":"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk","scope":"a b","resources":["https://api.example/"],"authorization_details":"[{\"type\":\"x\"}]","dpop_jkt":"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs","request_expires_at":1700000060000}"#;
    let pending: PendingAuthorization = taken_out(code);
    assert_eq!(serde_json::to_string(&pending).unwrap(), code);
    let implicit = r#"{"version":1,"client_id":"s6BhdRkqt3","issuer":"https://as.example","token_endpoint":"https://as.example/token","redirect_uri":"https://app.example/callback","response_mode":"fragment","state":"xyz","expires_at":1700000600000,"session":"1bEF","spent":true,"begun_at":1700000000000,"scope":"a b"}"#;
    let pending: PendingImplicit = taken_out(implicit);
    assert!(pending.is_spent());
    assert_eq!(serde_json::to_string(&pending).unwrap(), implicit);
    for (mine, other) in [(code, implicit), (implicit, code)] {
        assert!(PendingAuthorization::read(mine).is_ok() != PendingAuthorization::read(other).is_ok());
        assert!(PendingImplicit::read(mine).is_ok() != PendingImplicit::read(other).is_ok());
    }
}

/// A stored one shows nothing of itself, as everything else that may hold a secret.
#[test]
fn s10_what_is_stored_shows_no_secret() {
    let store = Store::default();
    let response = begin(&store);
    let shown = format!("{:?}", stored(&store, &response).unwrap());
    assert!(shown.contains("StoredAuthorization") && !shown.contains(&response.state().unwrap()));
    let response = begin_implicit(&store);
    let shown = format!("{:?}", stored_implicit(&store, &response).unwrap());
    assert!(shown.contains("StoredImplicit") && !shown.contains(&response.state().unwrap()));
}

/// What a response says its `state` is finds the record, wherever the response has it.
#[test]
fn s10_a_response_names_the_record_that_it_may_answer() {
    let of = |url: &str| AuthorizationResponse::from_url(url).unwrap().state();
    assert_eq!(of("https://app.example/cb?code=c&state=a%20b").as_deref(), Some("a b"));
    assert_eq!(of("https://app.example/cb#access_token=t&state=s").as_deref(), Some("s"));
    // The payload is {"state":"s","code":"c"}; nothing of it is proven.
    let signed = "https://app.example/cb?response=eyJhbGciOiJFUzI1NiJ9.eyJzdGF0ZSI6InMiLCJjb2RlIjoiYyJ9.c2ln";
    assert_eq!(of(signed).as_deref(), Some("s"));
    for none in ["?code=c", "?state=a&state=b", "?state=a#state=b", "?response=x", ""] {
        assert_eq!(of(&format!("https://app.example/cb{none}")), None, "{none}");
    }
    let post = http::Request::post("/cb")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(b"code=c&state=s".to_vec())
        .unwrap();
    let response = AuthorizationResponse::from_request("https://app.example/cb", &post).unwrap();
    assert_eq!(response.state().as_deref(), Some("s"));
    let (_, pending) = AuthorizationRequest::new(&client(), CALLBACK)
        .unwrap()
        .response_mode(ResponseMode::FormPost)
        .begin_unbound(entropy(1), NOW)
        .unwrap();
    assert!(!pending.recognizes(&response), "it is named, and not believed");
}

/// Nothing makes two of one, but reading a record twice: neither is a copy made of it, nor is it read as it was written.
/// A type that could would not compile here: there would be two ways to call `neither`.
#[test]
fn s10_there_is_no_copy_of_a_pending_authorization() {
    trait Neither<A> {
        fn neither() {}
    }
    struct Copies;
    struct Reads;
    impl<T> Neither<()> for T {}
    impl<T: Clone> Neither<Copies> for T {}
    impl<T: serde::de::DeserializeOwned> Neither<Reads> for T {}
    <PendingAuthorization as Neither<_>>::neither();
    <PendingImplicit as Neither<_>>::neither();

    trait NoCopy<A> {
        fn no_copy() {}
    }
    impl<T> NoCopy<()> for T {}
    impl<T: Clone> NoCopy<Copies> for T {}
    <StoredAuthorization as NoCopy<_>>::no_copy();
    <StoredImplicit as NoCopy<_>>::no_copy();
}
