//! The OAuth 2.0 client core (being laid out).
mod time;
pub use time::UnixTime;
/// An HTTP request, its whole body in memory.
pub type Request = http::Request<Vec<u8>>;
/// An HTTP response, its whole body in memory.
pub type Response = http::Response<Vec<u8>>;
