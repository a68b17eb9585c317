//! Grants, and the token endpoint.

pub(crate) mod assertion;
pub(crate) mod exchange;
pub(crate) mod form_answer;
pub(crate) mod grant;
pub(crate) mod grant_asks;
pub(crate) mod grant_elsewhere;
pub(crate) mod grant_extension;
pub(crate) mod grant_late;
pub(crate) mod grant_purpose;
pub(crate) mod granted;
pub(crate) mod jwt_assertions;
pub(crate) mod members;
pub(crate) mod proving;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod response_reading;
pub(crate) mod settled;

pub use crate::ground::token_type::TokenType;
pub use crate::token::assertion::{JwtAssertion, SamlAssertion};
pub use crate::token::exchange::{TokenExchange, TokenKind};
pub use crate::token::jwt_assertions::JwtAssertions;
