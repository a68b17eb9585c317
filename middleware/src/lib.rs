//! Authorizes what other HTTP clients send: valetkey's tokens as their middleware.
//!
//! For programs that have a client of their own and want to keep it, with its retries, its tracing and its connections.
//! Who has none is better served by `ApiClient` of `valetkey-async` or `valetkey-blocking`.
//! [The guide](https://docs.rs/valetkey-async/latest/valetkey_async/guide/) tells how to get the tokens in the first place.
//!
//! | module | feature | authorizes | repeats a request after a 401 |
//! |---|---|---|---|
//! | [`tower`] | `tower` | any [`Service`](https://docs.rs/tower-service) of `http::Request<B>` | once, if its body can be had again |
//! | [`reqwest`] | `reqwest-middleware` | a `reqwest_middleware::ClientWithMiddleware`, over reqwest 0.13 | once, if its body is no stream |
//! | [`ureq`] | `ureq` | a ureq 3 `Agent` | never: ureq hands a request on once |
//!
//! No feature is on by default. All of them go by the same rules, which are those of [`Call`](valetkey_core::session::Call):
//!
//! - A request that goes to another origin than the session's APIs is refused and not sent
//!   ([WA-5](valetkey_core::Rule::Wa5)). So is one that has a credential already, or a header that leads it elsewhere, such
//!   as a `Host` that is not its URI's: the list is at [`Call::new`](valetkey_core::session::Call::new). Nothing is ever
//!   sent without a credential.
//! - How a body is framed is the client's matter. A `Content-Length` of the program's goes along if it is a plain number,
//!   and for a body whose length is known the right one, and so does a `Transfer-Encoding` of `chunked`, by itself.
//! - A credential that is good costs no lock. One that has expired is renewed before the request is sent, once for all
//!   that wait; if that fails, the request is not sent.
//! - After a 401 that a new token may cure, the token is renewed, whether the request can be repeated or not. A second 401
//!   is the answer ([WA-3](valetkey_core::Rule::Wa3)).
//! - A token that is bound to a key goes with a proof, and an API's demand for a nonce is answered once
//!   ([DP-5](valetkey_core::Rule::Dp5)).
//! - The credential is marked as sensitive. Middleware and services that come after see it: put those that write headers
//!   down before.
//!
//! What they refuse is an error of the client's own kind, with an `Error` of the adapter in it, to be had by
//! `downcast_ref`: whether a person must authorize again, for example.
//!
//! # Redirects
//!
//! reqwest and ureq follow redirects by themselves, after all middleware. Both leave the credential out where a redirect
//! leads to another origin, so that it goes there without one. Tell them to follow none, as the examples do, and a
//! redirect is an answer.
#![cfg_attr(
    not(all(feature = "reqwest-middleware", feature = "tower", feature = "ureq")),
    allow(
        rustdoc::broken_intra_doc_links,
        reason = "the table has the modules of all features; with all of them on, each link is checked"
    )
)]

#[cfg(feature = "reqwest-middleware")]
pub mod reqwest;
#[cfg(feature = "tower")]
pub mod tower;
#[cfg(feature = "ureq")]
pub mod ureq;
