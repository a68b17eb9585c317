//! Why a token is worth nothing: [`Inactive`].

/// Why a token is good for nothing here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Inactive {
    /// The server says so.
    Told,
    /// The server says it is active, and its `exp` has passed.
    Expired,
    /// The server says it is active, and its `nbf` is to come.
    NotYet,
    /// This member is missing, or is not what the API expects: the token is for something else.
    Unexpected(&'static str),
}
