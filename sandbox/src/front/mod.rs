//! Real servers on loopback ports: a sandbox that answers over HTTP, and one that sends bytes that are no HTTP.

pub(crate) mod background;
mod raw_answer;
mod raw_front;
pub(crate) mod server;

pub use raw_answer::RawAnswer;
pub use raw_front::RawFront;
pub use server::Front;
