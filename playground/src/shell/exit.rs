//! The exit codes: [`Exit`].

use std::fmt::Write as _;
use std::process::ExitCode;

/// How a subcommand ended, as the program that called it sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Success = 0,
    Failed = 1,
    Usage = 2,
    Authorize = 3,
    Refused = 4,
    Malformed = 5,
    Unanswered = 6,
    Store = 7,
    Status = 8,
}

/// Every exit code with its meaning, for the help and the manual.
const TABLE: [(Exit, &str); 9] = [
    (Exit::Success, "it worked"),
    (Exit::Failed, "something on this computer failed: a port, the terminal, a step of the tour"),
    (Exit::Usage, "the command line, the configuration or a secret is at fault"),
    (Exit::Authorize, "a person must authorize: `valetkey login`"),
    (Exit::Refused, "the authorization server said no"),
    (Exit::Malformed, "the answer breaks the protocol, and nothing of it was used"),
    (Exit::Unanswered, "no answer came"),
    (Exit::Store, "the store of the tokens failed, or others may write to the configuration"),
    (Exit::Status, "the API answered with a status of 400 or above"),
];

impl Exit {
    /// The table as text.
    pub(crate) fn table() -> String {
        let mut text = String::from("Exit codes:\n");
        for (exit, meaning) in TABLE {
            let _ = writeln!(text, "  {}  {meaning}", exit as u8);
        }
        text
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
