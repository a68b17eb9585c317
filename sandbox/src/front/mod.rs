//! Real servers on loopback ports: a sandbox that answers over HTTP, and one that sends bytes that are no HTTP.

mod background;
mod raw_answer;
mod raw_front;
mod server;

pub use raw_answer::RawAnswer;
pub use raw_front::RawFront;
pub use server::Front;
