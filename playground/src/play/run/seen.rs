//! What can be seen of a run.

use valetkey_core::{Error, Session, UnixTime};

use super::{Run, Stage};
use crate::play::step::{Kind, Step};
use crate::play::{Held, Setup};

impl Run {
    /// What it was begun with.
    #[must_use]
    pub const fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The seed, a secret of this run.
    #[must_use]
    pub const fn seed(&self) -> [u8; 32] {
        self.seed
    }

    /// When it was begun.
    #[must_use]
    pub const fn begun_at(&self) -> UnixTime {
        self.begun_at
    }

    /// The steps so far; the last one may be open.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The tokens that it has held, the newest last.
    #[must_use]
    pub fn held(&self) -> &[Held] {
        &self.held
    }

    /// The session, once there is one.
    #[must_use]
    pub const fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// The error that came last, if the last outcome was one.
    #[must_use]
    pub fn failure(&self) -> Option<&Error> {
        let outcome = self.steps.iter().rev().find_map(|step| step.outcome.as_ref())?;
        outcome.reading.error.as_ref()
    }

    /// Whether its authorization request had this `state`, answered or not.
    #[must_use]
    pub fn sent(&self, state: &str) -> bool {
        let mut asked = self.steps.iter().filter(|step| step.kind == Kind::Authorization);
        asked.any(|step| step.request.query().iter().any(|(name, value)| name == "state" && value == state))
    }

    /// Whether it waits for a browser to come back.
    #[must_use]
    pub const fn awaits_browser(&self) -> bool {
        matches!(self.stage, Stage::Authorization(_))
    }
}

/// The method and how far it got.
impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run").field("setup", &self.setup).field("steps", &self.steps).finish_non_exhaustive()
    }
}
