//! How a person is reached: [`Way`].

use std::time::Duration;

use super::{remote, terminal};

/// How long a user may take by default.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// How the person is reached.
#[derive(Clone, Copy)]
pub(crate) struct Way {
    pub(crate) show: Show,
    /// Whether standard input may bring the URL at which the browser ended.
    pub(crate) takes_paste: bool,
    /// Whether the page of a device is drawn as a QR code.
    pub(crate) draws: bool,
    /// How long the person may take.
    pub(crate) within: Duration,
}

/// What becomes of the URL that the person is to open.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Show {
    /// A browser is opened with it.
    Opened,
    /// It is told, for the browser of another computer.
    Told,
    /// It is printed to standard output.
    Printed,
}

impl Way {
    /// That of a person who sits at this terminal, here or by SSH.
    pub(crate) fn usual() -> Self {
        let show = if remote::is_remote() { Show::Told } else { Show::Opened };
        let is_attended = terminal::is_attended();
        Self { show, takes_paste: is_attended, draws: terminal::is_told(), within: PATIENCE }
    }
}
