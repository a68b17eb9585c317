//! The end of a login at the server too, and what the server says when it ends there (OpenID Connect RP-Initiated Logout,
//! Back-Channel Logout, Front-Channel Logout).
//!
//! ```text
//!  the person logs out here        SessionEnd, then LogoutRequest ──▶ LogoutWay ──▶ the browser ──▶ server
//!                                  PendingLogout ◀── LogoutResponse ◀── the browser ◀───────────────┘
//!
//!  they logged out elsewhere:
//!   server ── POST logout_token ──▶ BackChannel ──▶ LogoutTokenVerification ──▶ LogoutNotice ──▶ RemoteLogout
//!   server ── iframe ── browser ──▶ FrontChannel ──▶ FrontChannelNotice: whether this browser's session ends
//! ```
//!
//! Everything here is a value: a web framework's request goes in, and a decision and the answer come out. How that looks
//! in a program is in the guide's page [`log_out`].
//!
//! - [`LogoutRequest`] sends the browser to the server, so that the login ends there too. **The program's own session ends
//!   first**: a browser that never arrives, or never comes back, leaves nobody logged in (Back-Channel Logout §2.7).
//! - [`BackChannel`] receives what the server itself posts, [`RemoteLogout`] ends the sessions that are meant, in every
//!   process: a tombstone is written in the place of each ([a log-out wins](crate::store#a-log-out-wins)).
//! - [`LoginUnderWay`] tells a login that was just stored whether such a log-out came meanwhile.
//! - [`FrontChannel`] receives what comes through an iframe in the person's browser. It is best effort: browsers keep a third
//!   party's cookies from an iframe, so that the program often does not know whose session it is about.
//!
//! Sessions are found by whose they are at the server: [`indexes_of`] says by what a login is found, for
//! [`Session::with_indexes`](crate::Session::with_indexes).
//!
//! Absent on purpose is session management by an iframe of the server's: the browsers that people use block the cookies
//! that it needs. What a server says for it (`session_state`, `check_session_iframe`) disturbs nothing.
//!
//! [`log_out`]: https://docs.rs/valetkey-async/latest/valetkey_async/guide/log_out/

mod answer;
mod back_channel;
mod claims;
mod ended;
mod front_channel;
mod held;
mod notice;
mod page;
mod pending;
mod remote;
mod request;
mod response;
mod step;
mod token;
mod under_way;

pub use crate::logout::answer::{accepted, refused};
pub use crate::logout::back_channel::BackChannel;
pub use crate::logout::ended::LoggedOut;
pub use crate::logout::front_channel::{FrontChannel, FrontChannelNotice};
pub use crate::logout::notice::{LogoutNotice, indexes_of};
pub use crate::logout::page::{LogoutForm, LogoutWay};
pub use crate::logout::pending::PendingLogout;
pub use crate::logout::remote::RemoteLogout;
pub use crate::logout::request::LogoutRequest;
pub use crate::logout::response::LogoutResponse;
pub use crate::logout::step::{LogoutAnswer, LogoutStep};
pub use crate::logout::token::LogoutTokenVerification;
pub use crate::logout::under_way::LoginUnderWay;
