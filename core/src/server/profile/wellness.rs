//! What people wear and weigh.

use crate::ground::endpoint::Endpoint::{Authorization, Revocation, Token};
use crate::ground::quirk::Quirk;
use crate::server::profile::kind::{BLANK, Profile};

pub(super) const PROFILES: &[Profile] = &[Profile::NETATMO, Profile::STRAVA, Profile::WITHINGS];

impl Profile {
    /// Netatmo.
    pub const NETATMO: Self = Self {
        name: "netatmo",
        title: "Netatmo",
        endpoints: &[
            (Authorization, "https://api.netatmo.com/oauth2/authorize"),
            (Token, "https://api.netatmo.com/oauth2/token"),
        ],
        quirks: &[
            (Quirk::BadTokenBy403, "https://github.com/xperimental/netatmo-exporter/issues/55"),
            (Quirk::NoTokenType, "https://dev.netatmo.com/apidocumentation/oauth"),
            (Quirk::ScopeAsArray, "https://dev.netatmo.com/apidocumentation/oauth"),
        ],
        methods: &["client_secret_post"],
        remark: "its API answers an expired token with 403; a refresh token is replaced with each use",
        source: "https://dev.netatmo.com/apidocumentation/oauth",
        ..BLANK
    };

    /// Strava.
    pub const STRAVA: Self = Self {
        name: "strava",
        title: "Strava",
        endpoints: &[
            (Authorization, "https://www.strava.com/oauth/authorize"),
            (Revocation, "https://www.strava.com/oauth/revoke"),
            (Token, "https://www.strava.com/oauth/token"),
        ],
        methods: &["client_secret_post"],
        revocation_methods: &["client_secret_basic"],
        means: &[
            ("/errors/0/resource", "RefreshToken", "invalid_grant"),
            ("/errors/0/resource", "AuthorizationCode", "invalid_grant"),
        ],
        has_commas: true,
        margin: 3600,
        remark: "an access token is replaced within its last hour, and before that comes again as it is; the refresh token may change with it",
        source: "https://developers.strava.com/docs/authentication/",
        ..BLANK
    };

    /// Withings.
    pub const WITHINGS: Self = Self {
        name: "withings",
        title: "Withings",
        endpoints: &[
            (Authorization, "https://account.withings.com/oauth2_user/authorize2"),
            (Token, "https://wbsapi.withings.net/v2/oauth2"),
        ],
        quirks: &[(Quirk::ScopeWithCommas, "https://developer.withings.com/api-reference/#tag/oauth2")],
        token_parameters: &[("action", "requesttoken")],
        methods: &["client_secret_post"],
        tokens_at: "/body",
        means: &[
            ("error", "Invalid Params: invalid refresh_token", "invalid_grant"),
            ("error", "Invalid Params: invalid code", "invalid_grant"),
        ],
        has_commas: true,
        remark: "errors come with status 200 and a number of its own; its API says 401 there, too; a refresh token is replaced with each use, and the old one is good for eight hours, or until the new access token is used",
        source: "https://developer.withings.com/api-reference/#tag/oauth2",
        ..BLANK
    };
}
