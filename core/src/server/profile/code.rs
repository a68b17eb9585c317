//! Where code is kept.

use super::{BLANK, Profile};
use crate::ground::endpoint::Endpoint::{Authorization, DeviceAuthorization, Token};
use crate::ground::quirk::Quirk;

pub(super) const PROFILES: &[Profile] = &[
    Profile::GITHUB,
    Profile::GITLAB,
];

impl Profile {
    /// GitHub, for OAuth apps and GitHub Apps.
    pub const GITHUB: Self = Self {
        name: "github",
        title: "GitHub",
        endpoints: &[
            (Authorization, "https://github.com/login/oauth/authorize"),
            (DeviceAuthorization, "https://github.com/login/device/code"),
            (Token, "https://github.com/login/oauth/access_token"),
        ],
        quirks: &[
            (
                Quirk::EmptyScope,
                "https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app",
            ),
            (
                Quirk::ScopeWithCommas,
                "https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps",
            ),
        ],
        methods: &["client_secret_post"],
        has_pkce: true,
        remark: "errors come with status 200; a GitHub App's tokens expire and are renewed, an OAuth app's do neither",
        source: "https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps",
        ..BLANK
    };

    /// GitLab, as a service or one's own.
    pub const GITLAB: Self = Self {
        name: "gitlab",
        title: "GitLab",
        issuer: "`https://gitlab.com`",
        has_pkce: true,
        remark: "a server of one's own is its own issuer",
        source: "https://docs.gitlab.com/integration/openid_connect_provider/",
        ..BLANK
    };
}
