//! How an authorization response is to come: [`ResponseMode`].

use serde::{Deserialize, Serialize};

/// Where the authorization server puts the parameters of its response, and whether it signs them.
///
/// A signed response (JARM: JWT Secured Authorization Response Mode) is one parameter, `response`: a JWT whose claims
/// are the parameters. Before it is finished it is
/// [opened](crate::PendingAuthorization::open).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ResponseMode {
    /// In the query of the redirect URI: the default of the code flow (RFC 6749 §4.1.2).
    #[default]
    Query,
    /// In the fragment of the redirect URI, which only the browser sees (RFC 6749 §4.2.2).
    Fragment,
    /// In the body of a POST to the redirect URI (OAuth 2.0 Form Post Response Mode).
    FormPost,
    /// Signed, in the place that is the flow's default, which is the query for a code (JARM §2.3.4).
    Jwt,
    /// Signed, in the query of the redirect URI (JARM §2.3.1).
    #[serde(rename = "query.jwt")]
    QueryJwt,
    /// Signed, in the fragment of the redirect URI (JARM §2.3.2).
    #[serde(rename = "fragment.jwt")]
    FragmentJwt,
    /// Signed, in the body of a POST to the redirect URI (JARM §2.3.3).
    #[serde(rename = "form_post.jwt")]
    FormPostJwt,
}

impl ResponseMode {
    /// The value of `response_mode`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
            Self::Jwt => "jwt",
            Self::QueryJwt => "query.jwt",
            Self::FragmentJwt => "fragment.jwt",
            Self::FormPostJwt => "form_post.jwt",
        }
    }

    /// Whether the response is a signed one.
    #[must_use]
    pub const fn is_signed(self) -> bool {
        matches!(self, Self::Jwt | Self::QueryJwt | Self::FragmentJwt | Self::FormPostJwt)
    }

    /// Where the parameters are, signed or not.
    pub(crate) const fn place(self) -> Place {
        match self {
            Self::Query | Self::Jwt | Self::QueryJwt => Place::Query,
            Self::Fragment | Self::FragmentJwt => Place::Fragment,
            Self::FormPost | Self::FormPostJwt => Place::Form,
        }
    }
}

/// The part of a response that holds its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Query,
    Fragment,
    Form,
}
