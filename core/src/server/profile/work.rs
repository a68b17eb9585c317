//! What teams work with.

use super::{BLANK, Profile};
use crate::ground::endpoint::Endpoint::{Authorization, Token};
use crate::ground::quirk::Quirk;

pub(super) const PROFILES: &[Profile] = &[
    Profile::DROPBOX,
    Profile::SLACK,
];

impl Profile {
    /// Dropbox.
    pub const DROPBOX: Self = Self {
        name: "dropbox",
        title: "Dropbox",
        endpoints: &[
            (Authorization, "https://www.dropbox.com/oauth2/authorize"),
            (Token, "https://api.dropboxapi.com/oauth2/token"),
        ],
        parameters: &[("token_access_type", "offline")],
        has_pkce: true,
        remark: "the refresh token is not replaced when it is used",
        source: "https://developers.dropbox.com/oauth-guide",
        ..BLANK
    };

    /// Slack, for apps that are installed to a workspace.
    pub const SLACK: Self = Self {
        name: "slack",
        title: "Slack",
        endpoints: &[
            (Authorization, "https://slack.com/oauth/v2/authorize"),
            (Token, "https://slack.com/api/oauth.v2.access"),
        ],
        quirks: &[
            (Quirk::ScopeWithCommas, "https://docs.slack.dev/reference/methods/oauth.v2.access"),
            (Quirk::SubjectAsTokenType, "https://docs.slack.dev/reference/methods/oauth.v2.access"),
        ],
        has_commas: true,
        remark: "errors come with status 200; tokens expire where token rotation is turned on; a person's token is in the member `authed_user`",
        source: "https://docs.slack.dev/authentication/installing-with-oauth",
        ..BLANK
    };
}
