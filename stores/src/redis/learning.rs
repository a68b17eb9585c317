//! Who has what, asked of one server after the other: [`Learning`].

use std::sync::Arc;

use redis::Value;

use super::fleet::Fleet;
use super::server::Server;
use super::trouble::Trouble;

/// One errand learns for all who has what. When it is dropped, as with a task that is, others may.
pub(super) struct Learning<'a> {
    fleet: &'a Fleet,
    /// Whom to ask, the last first.
    candidates: Vec<Arc<Server>>,
    /// Whether the errand has met nothing wrong itself, and goes on by what was known if one server does not know better: who has failed is
    /// often one of those that would be asked, and one whose records are elsewhere need not wait for it.
    pub(super) is_aside: bool,
    /// Whether nothing that was met so far may be over in a moment.
    pub(super) is_hopeless: bool,
}

impl<'a> Learning<'a> {
    /// Nothing, if somebody else is at it.
    pub(super) fn begin(fleet: &'a Fleet, is_aside: bool) -> Option<Self> {
        {
            let mut known = fleet.known();
            if known.is_learning {
                return None;
            }
            known.is_learning = true;
        }
        let mut learning = Self { fleet, candidates: Vec::new(), is_aside, is_hopeless: true };
        learning.candidates = fleet.who_knows();
        if is_aside {
            let others = learning.candidates.len().saturating_sub(1);
            learning.candidates.drain(..others);
        }
        Some(learning)
    }

    /// Whom to ask next.
    pub(super) fn candidate(&self) -> Option<Arc<Server>> {
        self.candidates.last().map(Arc::clone)
    }

    /// Takes over what that one has answered.
    pub(super) fn learned(&mut self, came: Result<Value, Trouble>) -> Result<(), Trouble> {
        let learned = match (came, self.candidates.pop()) {
            (Ok(Value::ServerError(error)), _) => Err(match Trouble::refused(&error) {
                Trouble::Refused("ERR") => Trouble::Alone,
                trouble => trouble,
            }),
            (Ok(answer), Some(from)) => self.fleet.learn(&from, &answer),
            (Ok(_), None) => Err(Trouble::Strange),
            (Err(trouble), _) => Err(trouble),
        };
        learned.inspect_err(|trouble| self.is_hopeless &= !trouble.is_passing())
    }
}

impl Drop for Learning<'_> {
    fn drop(&mut self) {
        self.fleet.known().is_learning = false;
    }
}
