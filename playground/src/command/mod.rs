//! The subcommands, one a file.

pub(crate) mod call;
pub(crate) mod completions;
pub(crate) mod inspect;
pub(crate) mod list;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod man;
pub(crate) mod playground;
pub(crate) mod sandbox;
mod servers;
pub(crate) mod token;
pub(crate) mod tour;
pub(crate) mod whoami;

use std::fmt;

/// Why a subcommand did not get to its end, as people read it.
#[derive(Debug)]
pub(crate) struct Failed(String);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Writes a line that a program waits for, at once.
pub(crate) fn say(line: &str) -> Result<(), Failed> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    let written = writeln!(out, "{line}").and_then(|()| out.flush());
    // A reader that stops listening is served all the same.
    match written {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}
