//! What OpenID Connect has beside the login: what else the server says about the person, and which server knows them.
//!
//! ```text
//!  who@example.com ──▶ WebFinger ──▶ an issuer ──▶ Discovery ──▶ a login: `identity`
//!  a login, its access token ──▶ UserInfoRequest ──▶ UserInfo: claims about that very person
//!                                                       └─▶ elsewhere ──▶ ClaimSourceRequest ──▶ SourcedClaims
//!  another site sends a browser ──▶ ThirdPartyLogin ──▶ a login by a server of the program's
//! ```
//!
//! UserInfo is about the person of a login ([UI-5](crate::Rule::Ui5)) and never mixed with the claims of their ID token
//! ([UI-9](crate::Rule::Ui9)).
//!
//! ```
//! use valetkey_core::openid::UserInfoRequest;
//! use valetkey_core::{Client, Error, TokenResponse};
//!
//! fn about_the_person(client: &Client, tokens: &TokenResponse) -> Result<UserInfoRequest, Error> {
//!     // Run it as any flow; it ends with a `UserInfo`.
//!     UserInfoRequest::new(client, tokens)
//! }
//! # let _ = about_the_person;
//! ```

pub(crate) mod answer;
pub(crate) mod asking;
pub(crate) mod elsewhere;
pub(crate) mod source_request;
pub(crate) mod third_party;
pub(crate) mod user_info;
pub(crate) mod user_info_request;
pub(crate) mod web_finger;

pub use crate::openid::elsewhere::{ClaimPlace, ClaimSource};
pub use crate::openid::source_request::{ClaimSourceRequest, SourcedClaims};
pub use crate::openid::third_party::{ThirdPartyLogin, ThirdPartyStart};
pub use crate::openid::user_info::{UnverifiedUserInfo, UserInfo};
pub use crate::openid::user_info_request::{UnverifiedUserInfoRequest, UserInfoRequest};
pub use crate::openid::web_finger::WebFinger;
