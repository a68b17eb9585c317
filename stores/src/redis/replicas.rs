//! Replicas that a change waits for: [`Replicas`].

use std::time::Duration;

use redis::{ServerError, Value};

use super::question::{Question, millis};
use super::trouble::Trouble;

/// What a change waits for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Replicas {
    pub(super) count: u32,
    pub(super) within: Duration,
}

impl Replicas {
    /// How many replicas have all that was written on this connection: once there are enough, or when it was waited long enough. `left` is what
    /// is left of all of the operation's time.
    pub(super) fn wait(self, left: Duration) -> Question {
        // The answer must be here before the deadline.
        let time = self.within.min(left - left / 8);
        let mut command = redis::cmd("WAIT");
        // One millisecond at least: none would be all the time there is.
        command.arg(self.count).arg(millis(time, u64::MAX));
        Question::plain(command)
    }

    /// What is answered to that.
    pub(super) fn reached(self, answer: &Value) -> Result<(), Trouble> {
        match answer {
            Value::Int(count) if *count >= i64::from(self.count) => Ok(()),
            Value::Int(count) => Err(Trouble::Unreplicated(*count, self.count)),
            // Another has taken its place since the change was made: it has no replicas any more.
            Value::ServerError(error) if is_of_replica(error) => Err(Trouble::Unreplicated(0, self.count)),
            Value::ServerError(error) => Err(Trouble::refused(error)),
            _ => Err(Trouble::Strange),
        }
    }
}

/// Whether a `WAIT` was refused, or ended, because the server is a replica now.
fn is_of_replica(error: &ServerError) -> bool {
    let details = error.details().unwrap_or_default();
    error.code() == "UNBLOCKED" || error.code() == "ERR" && details.contains("replica instances")
}
