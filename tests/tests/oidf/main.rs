//! The OpenID Foundation's test plans for clients, told again in this process: the sandbox stands for the suite's server,
//! misbehaves as the suite's modules do, and each module must come to what it must come to at a certified client.
//!
//! ```text
//! plan ── module ── response type
//!            │
//!            ▼
//!         Module::run ──▶ server: the sandbox, spoilt ◀──▶ the client, from discovery to UserInfo
//!            │
//!            ▼
//!         what came of it: accepted, or the rule that refuses it ──▶ a row of `tests/OIDF.md`
//! ```
//!
//! Nothing of this is a certification.

mod fapi1;
mod fapi2;
mod later;
mod logout;
mod module;
mod openid;
mod table;
