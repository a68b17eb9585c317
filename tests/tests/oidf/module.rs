//! A module of a plan, and what it must come to: [`Module`].

use std::fmt;

use valetkey_core::{Error, Rule};

/// What a module must come to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expected {
    /// The client takes what the server says.
    Accepted,
    /// The client refuses it by this rule.
    Refused(Rule),
    /// The suite has the client take it; this one never does, and this rule says so.
    Declined(Rule, &'static str),
}

use Expected::{Accepted, Declined, Refused};

/// As the table tells it.
impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Accepted => f.write_str("passes"),
            Refused(rule) => write!(f, "passes: refused by {}", rule.id()),
            Declined(rule, why) => write!(f, "absent: {why}; refused by {}", rule.id()),
        }
    }
}

/// A module: what the client does at a server of the suite, and what must come of that.
pub(crate) struct Module<S> {
    pub(crate) id: &'static str,
    pub(crate) run: fn(&mut S) -> Result<(), Error>,
    pub(crate) expected: Expected,
}

/// A server of the suite, and a client at it.
pub(crate) trait Server: Sized + fmt::Debug {
    /// Whether everything that was to go wrong went wrong, and the client did nothing after it.
    fn require_ended(&self, error: Option<&Error>);
}

/// Holds each module to what it must come to, at each of these servers.
pub(crate) fn hold<S: Server>(servers: impl Fn() -> Vec<S>, modules: &[&Module<S>]) {
    for module in modules {
        for mut server in servers() {
            let outcome = (module.run)(&mut server);
            let (id, error) = (module.id, outcome.as_ref().err());
            match module.expected {
                Accepted => assert!(error.is_none(), "{id} {server:?}: {error:?}"),
                Refused(rule) | Declined(rule, _) => {
                    assert_eq!(error.and_then(Error::rule), Some(rule), "{id} {server:?}: {error:?}");
                }
            }
            server.require_ended(error);
        }
    }
}
