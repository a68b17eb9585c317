//! What came of a log-out that the server announced: [`LoggedOut`].

/// What came of a log-out that the server announced. All sessions that were meant have ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoggedOut {
    /// How many sessions have ended by it; none is no fault ([LO-15](crate::Rule::Lo15)).
    pub ended: usize,
    /// How many of them have had their tokens revoked. The others had none, keep theirs
    /// ([LO-7](crate::Rule::Lo7)), or the server did not do it.
    pub revoked: usize,
    /// How many records that were found could not be read: they were left as they are, and nobody is logged in by them.
    pub unreadable: usize,
}
