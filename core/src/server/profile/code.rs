//! Where code is kept.

use crate::ground::endpoint::Endpoint::{Authorization, DeviceAuthorization, Revocation, Token};
use crate::ground::quirk::Quirk;
use crate::server::profile::kind::{BLANK, Profile};

pub(super) const PROFILES: &[Profile] = &[
    Profile::BITBUCKET,
    Profile::CLOUDFLARE,
    Profile::DIGITALOCEAN,
    Profile::GITEA,
    Profile::GITHUB,
    Profile::GITLAB,
    Profile::HEROKU,
    Profile::HUGGING_FACE,
];

impl Profile {
    /// Bitbucket.
    pub const BITBUCKET: Self = Self {
        name: "bitbucket",
        title: "Bitbucket",
        endpoints: &[
            (Authorization, "https://bitbucket.org/site/oauth2/authorize"),
            (Token, "https://bitbucket.org/site/oauth2/access_token"),
        ],
        remark: "the scope is set where the consumer is registered; the redirect URI begins with the one that is registered",
        source: "https://support.atlassian.com/bitbucket-cloud/docs/use-oauth-on-bitbucket-cloud/",
        ..BLANK
    };

    /// Cloudflare.
    pub const CLOUDFLARE: Self = Self {
        name: "cloudflare",
        title: "Cloudflare",
        endpoints: &[
            (Authorization, "https://dash.cloudflare.com/oauth2/auth"),
            (Revocation, "https://dash.cloudflare.com/oauth2/revoke"),
            (Token, "https://dash.cloudflare.com/oauth2/token"),
        ],
        methods: &["client_secret_basic", "client_secret_post", "none"],
        has_pkce: true,
        remark: "how the client authenticates, its scopes, and whether it has the grant `refresh_token` are set where it is registered; a refresh token comes for the scope `offline_access`, and is good once",
        source: "https://developers.cloudflare.com/fundamentals/oauth/create-an-oauth-client/",
        ..BLANK
    };

    /// DigitalOcean.
    pub const DIGITALOCEAN: Self = Self {
        name: "digitalocean",
        title: "DigitalOcean",
        endpoints: &[
            (Authorization, "https://cloud.digitalocean.com/v1/oauth/authorize"),
            (Token, "https://cloud.digitalocean.com/v1/oauth/token"),
        ],
        methods: &["client_secret_post", "none"],
        has_pkce: true,
        remark: "a refresh token is good once; a public client registers itself; a token is ended by a request that has it as a bearer, too",
        source: "https://docs.digitalocean.com/reference/api/oauth/",
        ..BLANK
    };

    /// Gitea, and its kin: Forgejo, Codeberg. With the scope `openid` it tells who logged in.
    pub const GITEA: Self = Self {
        name: "gitea",
        title: "Gitea",
        issuer: "`https://HOST`, or `https://HOST/`",
        is_openid: true,
        means: &[
            ("error_description", "unable to parse refresh token", "invalid_grant"),
            ("error_description", "token was already used", "invalid_grant"),
            ("error_description", "client is not authorized", "invalid_grant"),
        ],
        has_pkce: true,
        remark: "before version 1.25, and in older versions of Forgejo, a slash at the end belongs to the issuer; a public client may use any port of 127.0.0.1; Forgejo and Codeberg are of the family",
        source: "https://docs.gitea.com/development/oauth2-provider",
        ..BLANK
    };

    /// GitHub, for OAuth apps and GitHub Apps.
    pub const GITHUB: Self = Self {
        name: "github",
        title: "GitHub",
        iss: "https://github.com/login/oauth",
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
        means: &[
            ("error", "bad_refresh_token", "invalid_grant"),
            ("error", "bad_verification_code", "invalid_grant"),
        ],
        has_pkce: true,
        remark: "errors come with status 200; any port of a loopback redirect URI will do; a device login needs no secret; a GitHub App's tokens expire and are renewed, an OAuth app's do neither; its API wants a `User-Agent`",
        source: "https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps",
        ..BLANK
    };

    /// GitLab, as a service or one's own. With the scope `openid` it tells who logged in.
    pub const GITLAB: Self = Self {
        name: "gitlab",
        title: "GitLab",
        issuer: "`https://gitlab.com`",
        is_openid: true,
        has_pkce: true,
        remark: "a server of one's own is its own issuer; a refresh token is good once; the metadata of newer servers has a device login",
        source: "https://docs.gitlab.com/integration/openid_connect_provider/",
        ..BLANK
    };

    /// Heroku.
    pub const HEROKU: Self = Self {
        name: "heroku",
        title: "Heroku",
        endpoints: &[
            (Authorization, "https://id.heroku.com/oauth/authorize"),
            (Token, "https://id.heroku.com/oauth/token"),
        ],
        methods: &["client_secret_post"],
        remark: "an authorization is ended over the API",
        source: "https://devcenter.heroku.com/articles/oauth",
        ..BLANK
    };

    /// Hugging Face. With the scope `openid` it tells who logged in.
    pub const HUGGING_FACE: Self = Self {
        name: "hugging-face",
        title: "Hugging Face",
        issuer: "`https://huggingface.co`",
        is_openid: true,
        has_pkce: true,
        remark: "an application without a secret is public; a code brings no refresh token, a device login does",
        source: "https://huggingface.co/docs/hub/oauth",
        ..BLANK
    };
}
