//! What teams work with.

use crate::ground::endpoint::Endpoint::{Authorization, Revocation, Token};
use crate::ground::quirk::Quirk;
use crate::server::profile::kind::{BLANK, Profile};

pub(super) const PROFILES: &[Profile] = &[
    Profile::AIRTABLE,
    Profile::ASANA,
    Profile::ATLASSIAN,
    Profile::CLICKUP,
    Profile::HARVEST,
    Profile::LINEAR,
    Profile::MONDAY,
    Profile::NOTION,
    Profile::SLACK,
    Profile::SLACK_USER,
    Profile::TODOIST,
];

impl Profile {
    /// Airtable.
    pub const AIRTABLE: Self = Self {
        name: "airtable",
        title: "Airtable",
        endpoints: &[
            (Authorization, "https://airtable.com/oauth2/v1/authorize"),
            (Token, "https://airtable.com/oauth2/v1/token"),
        ],
        methods: &["client_secret_basic", "none"],
        has_pkce: true,
        remark: "PKCE, `state` and a scope are required; a refresh token is good once, within 60 days",
        source: "https://airtable.com/developers/web/api/oauth-reference",
        ..BLANK
    };

    /// Asana.
    pub const ASANA: Self = Self {
        name: "asana",
        title: "Asana",
        endpoints: &[
            (Authorization, "https://app.asana.com/-/oauth_authorize"),
            (Revocation, "https://app.asana.com/-/oauth_revoke"),
            (Token, "https://app.asana.com/-/oauth_token"),
        ],
        methods: &["client_secret_post"],
        has_pkce: true,
        remark: "a refresh token is not replaced, and is what the revocation endpoint takes",
        source: "https://developers.asana.com/docs/oauth",
        ..BLANK
    };

    /// Atlassian.
    pub const ATLASSIAN: Self = Self {
        name: "atlassian",
        title: "Atlassian",
        endpoints: &[
            (Authorization, "https://auth.atlassian.com/authorize"),
            (Token, "https://auth.atlassian.com/oauth/token"),
        ],
        parameters: &[("audience", "api.atlassian.com"), ("prompt", "consent")],
        methods: &["client_secret_post"],
        means: &[("error_description", "refresh_token is invalid", "invalid_grant")],
        remark: "for Jira, Confluence and the others; a refresh token comes for the scope `offline_access`, and is replaced with each use; the API is at api.atlassian.com, with the site in the path",
        source: "https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/",
        ..BLANK
    };

    /// ClickUp.
    pub const CLICKUP: Self = Self {
        name: "clickup",
        title: "ClickUp",
        endpoints: &[
            (Authorization, "https://app.clickup.com/api"),
            (Token, "https://api.clickup.com/api/v2/oauth/token"),
        ],
        quirks: &[(Quirk::NoTokenType, "https://developer.clickup.com/docs/authentication")],
        methods: &["client_secret_post"],
        remark: "its tokens do not expire; a person chooses workspaces, not scopes",
        source: "https://developer.clickup.com/docs/authentication",
        ..BLANK
    };

    /// Harvest.
    pub const HARVEST: Self = Self {
        name: "harvest",
        title: "Harvest",
        endpoints: &[
            (Authorization, "https://id.getharvest.com/oauth2/authorize"),
            (Token, "https://id.getharvest.com/api/v2/oauth2/token"),
        ],
        methods: &["client_secret_post"],
        remark: "its API wants a `User-Agent` and the account in the header `Harvest-Account-Id`",
        source: "https://help.getharvest.com/api-v2/authentication-api/authentication/authentication/",
        ..BLANK
    };

    /// Linear.
    pub const LINEAR: Self = Self {
        name: "linear",
        title: "Linear",
        endpoints: &[
            (Authorization, "https://linear.app/oauth/authorize"),
            (Token, "https://api.linear.app/oauth/token"),
        ],
        has_commas: true,
        has_pkce: true,
        remark: "the parameter `actor=app` asks in the name of the application; a refresh token is replaced with each use, and the old one is good for 30 minutes",
        source: "https://linear.app/developers/oauth-2-0-authentication",
        ..BLANK
    };

    /// monday.com.
    pub const MONDAY: Self = Self {
        name: "monday",
        title: "monday.com",
        endpoints: &[
            (Authorization, "https://auth.monday.com/oauth2/authorize"),
            (Revocation, "https://auth.monday.com/oauth_ms/oauth/revoke"),
            (Token, "https://auth.monday.com/oauth_ms/oauth/token"),
        ],
        methods: &["client_secret_post"],
        has_pkce: true,
        remark: "the new OAuth flow is turned on in the Developer Center, and the older one ended in October 2026; a refresh token is good once; an answer does not say how long the access token is good",
        source: "https://developer.monday.com/apps/docs/migrating-to-the-new-oauth-flow",
        ..BLANK
    };

    /// Notion.
    pub const NOTION: Self = Self {
        name: "notion",
        title: "Notion",
        endpoints: &[
            (Authorization, "https://api.notion.com/v1/oauth/authorize"),
            (Token, "https://api.notion.com/v1/oauth/token"),
        ],
        parameters: &[("owner", "user")],
        methods: &["client_secret_basic"],
        remark: "its API wants the header `Notion-Version`; the documentation shows JSON requests, and forms are taken as well; a refresh token is replaced with each use",
        source: "https://developers.notion.com/guides/get-started/authorization",
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
            (Quirk::NoCodeChallenge, "https://docs.slack.dev/authentication/using-pkce"),
            (Quirk::ScopeWithCommas, "https://docs.slack.dev/reference/methods/oauth.v2.access"),
            (Quirk::SubjectAsTokenType, "https://docs.slack.dev/reference/methods/oauth.v2.access"),
        ],
        means: &[
            ("error", "invalid_refresh_token", "invalid_grant"),
            ("error", "invalid_code", "invalid_grant"),
        ],
        has_commas: true,
        remark: "the redirect URI is https; errors come with status 200; tokens expire where token rotation is turned on; PKCE is turned on in the app's settings, for a client without a secret, and refused without that (`pkce_not_allowed`); a person's token is in the member `authed_user`",
        source: "https://docs.slack.dev/authentication/installing-with-oauth",
        ..BLANK
    };

    /// Slack, for a person's tokens.
    pub const SLACK_USER: Self = Self {
        name: "slack-user",
        title: "Slack, for a person",
        endpoints: &[
            (Authorization, "https://slack.com/oauth/v2_user/authorize"),
            (Token, "https://slack.com/api/oauth.v2.user.access"),
        ],
        quirks: &[
            (Quirk::NoCodeChallenge, "https://docs.slack.dev/authentication/using-pkce"),
            (Quirk::ScopeWithCommas, "https://docs.slack.dev/reference/methods/oauth.v2.user.access"),
            (Quirk::SubjectAsTokenType, "https://docs.slack.dev/reference/methods/oauth.v2.user.access"),
        ],
        means: &[
            ("error", "invalid_refresh_token", "invalid_grant"),
            ("error", "invalid_code", "invalid_grant"),
        ],
        has_commas: true,
        remark: "the tokens are a person's; errors come with status 200; PKCE is turned on in the app's settings, and refused without that (`pkce_not_allowed`); with it, a client needs no secret, and the redirect URI may be on `localhost` or of a scheme of its own",
        source: "https://docs.slack.dev/authentication/using-pkce",
        ..BLANK
    };

    /// Todoist.
    pub const TODOIST: Self = Self {
        name: "todoist",
        title: "Todoist",
        endpoints: &[
            (Authorization, "https://app.todoist.com/oauth/authorize"),
            (Revocation, "https://api.todoist.com/api/v1/revoke"),
            (Token, "https://api.todoist.com/oauth/access_token"),
        ],
        methods: &["client_secret_post", "none"],
        revocation_methods: &["client_secret_basic"],
        has_commas: true,
        has_pkce: true,
        remark: "a refresh token is replaced with each use; an older application has none, and its tokens do not expire; what is ended is an access token: the revocation endpoint refuses a refresh token (403)",
        source: "https://developer.todoist.com/api/v1/#tag/Authorization/OAuth",
        ..BLANK
    };
}
