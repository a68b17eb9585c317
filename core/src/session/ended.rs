//! What became of a session that was ended: [`Ended`].

use crate::ground::error::Error;

/// What became of a session that was ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Ended {
    /// It has ended, and its tokens at the authorization server too.
    Revoked,
    /// It has ended. Its tokens were not revoked: an access token may be good until it expires.
    Forgotten(NotRevoked),
    /// There was none, or it had ended before.
    Nothing,
}

/// Why tokens were not revoked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum NotRevoked {
    /// There was no token, or nobody can read what was stored.
    NoToken,
    /// They were granted `offline_access`, and the log-out
    /// [leaves such tokens alone](crate::session::SessionEnd::keeping_offline_access) ([LO-7](crate::Rule::Lo7)).
    OfflineAccess,
    /// The authorization server has no revocation endpoint (RFC 7009).
    NoEndpoint,
    /// The server refused, or did not answer; [`Error::Unanswered`] too if nobody waited for its answer.
    Failed(Error),
}
