//! State that was stored, by us or by somebody who would like to be us.

use std::time::Duration;

use serde_json::Value;
use valetkey_core::authorize::StoredAuthorization;
use valetkey_core::authorize::receiver::Receiver;
use valetkey_core::session::SessionRecord;
use valetkey_core::{AuthorizationResponse, Error, PendingAuthorization, Session};

use crate::stored::Record as _;
use crate::{NOW, client};

/// A record in JSON.
///
/// What is taken up is written so that it is taken up again, the same; another version than the first is refused; and
/// whatever was taken up does its work or refuses it.
pub fn persisted_state(data: &[u8]) {
    pending(data);
    session(data);
}

fn pending(data: &[u8]) {
    let Ok(stored) = serde_json::from_slice::<StoredAuthorization>(data) else { return };
    let Ok(again) = serde_json::from_slice::<StoredAuthorization>(data) else { panic!("it was read") };
    let stored_under = stored.state().to_owned();
    let shown = format!("{stored:?}");
    assert!(stored_under.len() < 24 || !shown.contains(&stored_under));
    assert!(matches!(again.taken_out(false), Err(Error::Misuse(_))), "somebody else took it out (AR-12)");
    let Ok(mut pending) = stored.taken_out(true) else { panic!("it is out of the store") };
    assert_eq!(pending.state(), stored_under);
    is_first_version(data);
    let written = json(serde_json::to_value(&pending));
    let Ok(again) = PendingAuthorization::read(&written.to_string()) else {
        panic!("what was written is read")
    };
    assert_eq!(json(serde_json::to_value(&again)), written);
    let shown = format!("{pending:?}");
    let state = pending.state().to_owned();
    assert!(state.len() < 24 || pending.redirect_uri().contains(&state) || !shown.contains(&state));

    let _ = Receiver::new(&pending, NOW.after(Duration::from_secs(60)));
    let url = format!("{}?code=SplxlOBeZQQYbYS6WxSbIA&state={state}", pending.redirect_uri());
    let Ok(response) = AuthorizationResponse::from_url(&url) else { return };
    let was_spent = pending.is_spent();
    let outcome = pending.finish(&client(), &response, NOW);
    assert!(!was_spent || outcome.is_err(), "what was used up stays so in the store");
    assert!(outcome.is_err() || pending.is_spent());
}

fn session(data: &[u8]) {
    let Ok(record) = serde_json::from_slice::<SessionRecord>(data) else { return };
    is_first_version(data);
    let written = json(serde_json::to_value(&record));
    let belongs = record.belongs_to(&client());
    let restored = Session::from_record(&client(), record);
    assert!(restored.is_err() || belongs, "nobody's session is taken for another client's");
    let Ok(session) = restored else { return };
    let Some(record) = session.record() else { panic!("a restored session can be stored") };
    // Times without an access token say nothing, and are dropped.
    if session.credential().is_some() {
        assert_eq!(json(serde_json::to_value(&record)), written);
    }
}

fn is_first_version(data: &[u8]) {
    // A member that is not ours may hold what a record skips and a `Value` refuses, such as a number out of range.
    if let Ok(record) = serde_json::from_slice::<Value>(data) {
        // Serde reads a list for a record too, as its formats without names need it; the version is the first of it.
        assert!(
            [1, 2]
                .map(Value::from)
                .iter()
                .any(|known| record.get("version").or(record.get(0)) == Some(known))
        );
    }
}

fn json(written: serde_json::Result<Value>) -> Value {
    let Ok(written) = written else { panic!("a record serializes") };
    written
}
