//! The name of a session among what `tower-sessions` keeps for a browser.
//!
//! Only its name is there. Stores of `tower-sessions` write without a look at what is there: a request that was under way beside a log-out may
//! write back what the log-out took away. So whether somebody is logged in by the name, our store says, which knows a log-out from a
//! late write; and renewals need its leases.

use http::Extensions;
use tower_sessions::Session;
use valetkey_async::store::StoreError;

use crate::failure::Failure;

/// Under which key the name is.
const NAME: &str = "valetkey-axum";

pub(crate) async fn name(extensions: &Extensions) -> Result<Option<String>, Failure> {
    Ok(session(extensions)?.get(NAME).await?)
}

/// The session's id is another from here on, so that one which was planted is nobody's (LG-3). What else is kept in it may stay: the
/// basket of somebody who was not logged in yet, say.
pub(crate) async fn give(extensions: &Extensions, name: &str, keeps_others: bool) -> Result<(), Failure> {
    let session = session(extensions)?;
    // `cycle_id` deletes the record of the old id, and writes none of the new one. A store that takes no writes now would have logged
    // out who is logged in: so it has to take one before.
    if session.id().is_some() {
        session.save().await?;
    }
    if !keeps_others {
        session.clear().await;
    }
    // After `flush` it would be kept under the same id again.
    session.cycle_id().await?;
    session.insert(NAME, name).await?;
    // The layer does so too, and after the answer, where nobody is told that it failed.
    Ok(session.save().await?)
}

pub(crate) async fn take(extensions: &Extensions) -> Result<(), Failure> {
    Ok(session(extensions)?.flush().await?)
}

fn session(extensions: &Extensions) -> Result<&Session, Failure> {
    extensions.get().ok_or_else(|| {
        Failure::broken(
            "the session of tower-sessions is missing: put `WebLogin::session_layer` around the routes and the handlers",
        )
    })
}

impl From<tower_sessions::session::Error> for Failure {
    fn from(error: tower_sessions::session::Error) -> Self {
        Self::from(StoreError::new(error))
    }
}
