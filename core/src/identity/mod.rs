//! Who logged in, proven: ID tokens, and what they say (OpenID Connect Core §2, §3.1.3.7, §12.2).
//!
//! ```text
//!  AuthorizationRequest, scope openid ──▶ nonce ──────────────▶ in the URL, and in the PendingAuthorization
//!  PendingAuthorization::finish ──▶ TokenRequest
//!     ├── POST token endpoint: code ──▶ 200 access_token, id_token
//!     ├── GET jwks_uri, if no key that is held fits ──▶ 200 {"keys": […]}
//!     │ every check of §3.1.3.7
//!     └─▶ TokenResponse::login ──▶ Login: Identity (issuer, subject), when and how, and the claims
//! ```
//!
//! With the [response type](crate::AuthorizationRequest::response_type) `code id_token` an ID token comes through the browser too, and
//! with `id_token` it alone does: [`PendingAuthorization::open`](crate::PendingAuthorization::open) then verifies it, before
//! anything of the response is used.
//!
//! A program asks for the scope `openid` and reads [`TokenResponse::login`](crate::TokenResponse::login); there is nothing
//! to forget: an ID token that fails a check is an error, and claims can be read of a [`Login`] alone, which only the check
//! makes. A person is their [`Identity`], the pair of issuer and subject ([ID-37](crate::Rule::Id37)): two issuers may give
//! two people one subject, and anyone may have any email address.
//!
//! What the check needs is known of a server that was [discovered](crate::Discovery): its issuer, and where its keys are. The
//! cryptography is the program's choice, by a feature of this crate (`aws-lc-rs` or `rust-crypto`), or as
//! [`AuthorizationServer::keys`](crate::AuthorizationServer::keys) is told.
//!
//! ```
//! use valetkey_core::identity::Login;
//!
//! fn greeting(login: &Login) -> String {
//!     let claims = login.standard_claims();
//!     // What the account is found by; an email address or a name is never that.
//!     let key = (login.identity().issuer(), login.identity().subject());
//!     format!("Hello, {}", claims.name().unwrap_or(key.1))
//! }
//! # let _ = greeting;
//! ```

mod answer;
pub(crate) mod asked;
pub(crate) mod beside;
pub(crate) mod front_login;
pub(crate) mod hashes;
pub(crate) mod id_token;
pub(crate) mod known;
pub(crate) mod login;
mod members;
pub(crate) mod standard_claims;
pub(crate) mod verifiable;
pub(crate) mod verification;

pub use crate::identity::login::{Identity, Login};
pub use crate::identity::standard_claims::{Address, StandardClaims};
pub use crate::identity::verification::IdTokenVerification;
