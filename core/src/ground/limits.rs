//! How much is read.

/// The largest body of an authorization server's answer that core reads: 1 MiB, in bytes ([TR-2](crate::Rule::Tr2)).
///
/// A host should stop reading there; [`Flow::step`](crate::Flow::step) refuses a larger body in any case.
pub const MAX_BODY: usize = 1 << 20;
