//! What goes wrong with a Redis, in our words: [`Trouble`]; and whether the question may have reached it all the same: [`Failed`].

use std::io;
use std::time::Duration;

#[cfg(feature = "redis-async")]
use redis::RedisError;
use redis::ServerError;
use valetkey_core::store::StoreError;

use crate::LARGEST_RECORD;

/// What went wrong. Nothing that a server said is in it: it may quote what it was sent, as tokens and passwords.
#[derive(Clone, Copy, Debug)]
pub(super) enum Trouble {
    /// There was no whole answer when the time was over.
    Late,
    /// A connection that had been idle turned out to be broken.
    Gone(io::ErrorKind),
    /// Nobody knows an address of the server.
    Unresolved,
    /// A connection was not made, or broke.
    Io(io::ErrorKind),
    /// The certificate is not accepted, or there is another trouble with TLS.
    #[cfg(feature = "redis-tls")]
    Tls(&'static str),
    /// An error of the server, by its code.
    Refused(&'static str),
    /// A record, or an answer, is larger than any.
    TooLarge,
    /// The answer does not fit the question.
    Strange,
    /// It knows of no others.
    Alone,
    /// No server is known that has the records.
    Nobody,
    /// The server is a replica now.
    NotMaster,
    /// The sentinels that answer know no master of the name.
    NoMaster,
    /// A server announces one at a host that the program has not named.
    Elsewhere,
    /// A change was made, and so many replicas have it, of those that it was to wait for.
    Unreplicated(i64, u32),
    /// Replicas are not to be waited for over a connection of the program's.
    #[cfg(feature = "redis-async")]
    NoWaiting,
}

/// What went wrong when a server was asked, and whether the question may have reached it.
pub(super) struct Failed {
    pub(super) trouble: Trouble,
    pub(super) was_sent: bool,
}

impl Failed {
    pub(super) fn sent(trouble: Trouble) -> Self {
        Self { trouble, was_sent: true }
    }

    pub(super) fn unsent(trouble: Trouble) -> Self {
        Self { trouble, was_sent: false }
    }

    /// On a connection that nobody had used for a while, or on a new one.
    pub(super) fn after(self, was_idle: bool) -> Self {
        let trouble = if was_idle { self.trouble.after_idling() } else { self.trouble };
        Self { trouble, ..self }
    }
}

/// The codes of errors that people meet. Another code may be any text of the server's, so it is not repeated.
const CODES: [&str; 21] = [
    "ASK",
    "BUSY",
    "CLUSTERDOWN",
    "CROSSSLOT",
    "ERR",
    "EXECABORT",
    "LOADING",
    "MASTERDOWN",
    "MISCONF",
    "MOVED",
    "NOAUTH",
    "NOPERM",
    "NOREPLICAS",
    "NOSCRIPT",
    "OOM",
    "READONLY",
    "TRYAGAIN",
    "UNKILLABLE",
    "WRONGPASS",
    "WRONGTYPE",
    "NOPROTO",
];

/// The codes of errors that say that nothing was done, and that it is worth asking again in a moment: another server is about to take
/// over, a slot is on its way to another, or the server is just starting.
const PASSING: [&str; 7] =
    ["CLUSTERDOWN", "LOADING", "MASTERDOWN", "MOVED", "NOREPLICAS", "READONLY", "TRYAGAIN"];

impl Trouble {
    /// Whether it may be over in a moment where one server takes another's place.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Refused(code) => PASSING.contains(code),
            Self::Late | Self::Gone(_) | Self::Io(_) | Self::Unresolved | Self::NotMaster | Self::Nobody => {
                true
            }
            // Its replicas come back, or it has been replaced.
            Self::Unreplicated(..) => true,
            _ => false,
        }
    }

    pub(super) fn refused(error: &ServerError) -> Self {
        let known = CODES.iter().find(|code| **code == error.code());
        Self::Refused(known.copied().unwrap_or("a code of its own"))
    }

    /// What it is if it came of a connection that had been idle before.
    pub(super) fn after_idling(self) -> Self {
        match self {
            Self::Io(kind) => Self::Gone(kind),
            other => other,
        }
    }

    /// What it is if it came of asking for an address.
    pub(super) fn of_resolver(error: io::Error) -> Self {
        match Self::from(error) {
            Self::Late => Self::Late,
            _ => Self::Unresolved,
        }
    }

    /// As the store's error.
    pub(super) fn into_error(self, deadline: Duration) -> StoreError {
        StoreError::new(match self {
            Self::Late => {
                format!(
                    "Redis has not answered within {deadline:?}: look whether it is up and how busy it is"
                )
            }
            Self::Unresolved => "the connection to Redis failed: its host's name has no address".to_owned(),
            Self::Gone(kind) | Self::Io(kind) => format!("the connection to Redis failed: {kind}"),
            #[cfg(feature = "redis-tls")]
            Self::Tls(what) => format!("the connection to Redis failed: {what}"),
            Self::Refused(code) => format!("Redis answered with an error: {code}"),
            Self::TooLarge => format!(
                "Redis has a record of more than {LARGEST_RECORD} bytes there, which is larger than any session's: delete it"
            ),
            Self::Alone => "the Redis that was asked where the others are is not one of a cluster, or not a sentinel: use \
                            connect for a single server"
                .to_owned(),
            Self::Nobody => "no server of the Redis Cluster is known that has the records: it is not whole just now, or its servers do \
                             not know their own names (cluster-announce-hostname)"
                .to_owned(),
            Self::NotMaster => "the Redis that the sentinels name is not the master: they have not agreed on another in time"
                .to_owned(),
            Self::NoMaster => "the sentinels know no master of that name: write it as they are configured with it, in the place \
                               of the host"
                .to_owned(),
            Self::Elsewhere => "a Redis announces another at a host that the program has not named, so nothing was sent \
                                there: name it among the URLs, or allow it by with_node_hosts"
                .to_owned(),
            Self::Unreplicated(count, wanted) => format!(
                "Redis has made the change, but {count} of the {wanted} replicas that it waits for have it: it may be lost if \
                 the server fails now"
            ),
            #[cfg(feature = "redis-async")]
            Self::NoWaiting => "replicas cannot be waited for over a connection of the program's own, which may send the \
                                question elsewhere: use connect, cluster or sentinels"
                .to_owned(),
            Self::Strange => "Redis answered with something else than was asked for: look whether it is a \
                              Redis"
                .to_owned(),
        })
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        #[cfg(feature = "redis-tls")]
        if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return Self::Tls(match error {
                rustls::Error::InvalidCertificate(_) => "its certificate was not accepted",
                rustls::Error::AlertReceived(_) => "it refused TLS with an alert",
                _ => "it does not speak TLS as it should",
            });
        }
        match error.kind() {
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Self::Late,
            kind => Self::Io(kind),
        }
    }
}

/// Of a connection that is the caller's.
#[cfg(feature = "redis-async")]
impl From<RedisError> for Trouble {
    fn from(error: RedisError) -> Self {
        if error.is_timeout() {
            return Self::Late;
        }
        // It may have been idle: nobody knows but the connection.
        if error.is_connection_dropped() && !error.is_connection_refusal() {
            return Self::Gone(io::ErrorKind::NotConnected);
        }
        if error.is_io_error() {
            return Self::Io(io::ErrorKind::Other);
        }
        let known = CODES.iter().find(|code| Some(**code) == error.code());
        match error.kind() {
            redis::ErrorKind::Parse | redis::ErrorKind::UnexpectedReturnType => Self::Strange,
            _ => Self::Refused(known.copied().unwrap_or("a code of its own")),
        }
    }
}
