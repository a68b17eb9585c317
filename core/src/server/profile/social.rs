//! Where people talk.

use crate::ground::endpoint::Endpoint::{Authorization, Jwks, Revocation, Token, Userinfo};
use crate::ground::quirk::Quirk;
use crate::server::profile::kind::{BLANK, Profile};

pub(super) const PROFILES: &[Profile] = &[
    Profile::FACEBOOK,
    Profile::INSTAGRAM,
    Profile::LINKEDIN,
    Profile::PINTEREST,
    Profile::SNAPCHAT,
    Profile::THREADS,
    Profile::TIKTOK,
    Profile::TIKTOK_DESKTOP,
    Profile::X,
];

impl Profile {
    /// Facebook. With the scope `openid` it tells who logged in, but only to a client without a secret.
    pub const FACEBOOK: Self = Self {
        name: "facebook",
        title: "Facebook",
        iss: "https://www.facebook.com",
        endpoints: &[
            (Authorization, "https://www.facebook.com/v26.0/dialog/oauth"),
            (Jwks, "https://www.facebook.com/.well-known/oauth/openid/jwks/"),
            (Token, "https://graph.facebook.com/v26.0/oauth/access_token"),
        ],
        quirks: &[(Quirk::NoCodeChallenge, "https://github.com/NangoHQ/nango/pull/7156")],
        methods: &["client_secret_post", "none"],
        has_commas: true,
        is_openid: true,
        remark: "the redirect URI is https; PKCE is documented for logins with the scope `openid` only, and without it the token endpoint refuses a code verifier: so a client without a secret asks for `openid`; a version of the Graph API is in the paths; a token is made to last by the grant `fb_exchange_token`, and none is refreshed",
        source: "https://developers.facebook.com/documentation/facebook-login/guides/advanced/oidc-token",
        ..BLANK
    };

    /// Instagram.
    pub const INSTAGRAM: Self = Self {
        name: "instagram",
        title: "Instagram",
        endpoints: &[
            (Authorization, "https://www.instagram.com/oauth/authorize"),
            (Token, "https://api.instagram.com/oauth/access_token"),
        ],
        quirks: &[(
            Quirk::NoTokenType,
            "https://developers.facebook.com/documentation/instagram-platform/instagram-api-with-instagram-login/business-login",
        )],
        methods: &["client_secret_post"],
        has_commas: true,
        remark: "for professional accounts; the redirect URI is https; where the tokens come in a list, as one guide has it, `tokens_at(\"/data/0\")` reads them; `#_` is appended to the redirect; a token is made to last by the API, and none is refreshed",
        source: "https://developers.facebook.com/documentation/instagram-platform/instagram-api-with-instagram-login/business-login",
        ..BLANK
    };

    /// LinkedIn. With the scope `openid` it tells who logged in, by an ID token without a `nonce`.
    pub const LINKEDIN: Self = Self {
        name: "linkedin",
        title: "LinkedIn",
        iss: "https://www.linkedin.com/oauth",
        endpoints: &[
            (Authorization, "https://www.linkedin.com/oauth/v2/authorization"),
            (Jwks, "https://www.linkedin.com/oauth/openid/jwks"),
            (Token, "https://www.linkedin.com/oauth/v2/accessToken"),
            (Userinfo, "https://api.linkedin.com/v2/userinfo"),
        ],
        quirks: &[
            (
                Quirk::NoTokenType,
                "https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow",
            ),
            (Quirk::NoNonce, "https://github.com/authlib/authlib/issues/763"),
        ],
        is_openid: true,
        methods: &["client_secret_post"],
        means: &[
            ("error", "user_cancelled_authorize", "access_denied"),
            ("error", "user_cancelled_login", "access_denied"),
        ],
        remark: "refresh tokens are for applications that were approved for them; PKCE has an authorization endpoint of its own, for native applications that were approved for it",
        source: "https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow",
        ..BLANK
    };

    /// Pinterest.
    pub const PINTEREST: Self = Self {
        name: "pinterest",
        title: "Pinterest",
        endpoints: &[
            (Authorization, "https://www.pinterest.com/oauth/"),
            (Token, "https://api.pinterest.com/v5/oauth/token"),
        ],
        methods: &["client_secret_basic"],
        has_commas: true,
        remark: "the secret is taken in the header only; a refresh token lasts 60 days and is replaced with each use, which applications from before September 2025 ask for by `continuous_refresh=true`",
        source: "https://developers.pinterest.com/docs/getting-started/set-up-authentication-and-authorization/",
        ..BLANK
    };

    /// Snapchat, for its Marketing API.
    pub const SNAPCHAT: Self = Self {
        name: "snapchat",
        title: "Snapchat",
        endpoints: &[
            (Authorization, "https://accounts.snapchat.com/login/oauth2/authorize"),
            (Token, "https://accounts.snapchat.com/login/oauth2/access_token"),
        ],
        methods: &["client_secret_post"],
        remark: "for the Marketing API, by the scope `snapchat-marketing-api`; the redirect URI is one that the application has in the Business Manager; a Login Kit has other endpoints",
        source: "https://developers.snap.com/api/marketing-api/Ads-API/authentication",
        ..BLANK
    };

    /// Threads.
    pub const THREADS: Self = Self {
        name: "threads",
        title: "Threads",
        endpoints: &[
            (Authorization, "https://threads.com/oauth/authorize"),
            (Token, "https://graph.threads.com/oauth/access_token"),
        ],
        methods: &["client_secret_post"],
        has_commas: true,
        remark: "the redirect URI is https; `#_` is appended to the redirect; a token is made to last by the API, and none is refreshed",
        source: "https://developers.facebook.com/documentation/threads/get-started/get-access-tokens-and-permissions",
        ..BLANK
    };

    /// TikTok, for a web application.
    pub const TIKTOK: Self = Self {
        name: "tiktok",
        title: "TikTok",
        endpoints: &[
            (Authorization, "https://www.tiktok.com/v2/auth/authorize/"),
            (Revocation, "https://open.tiktokapis.com/v2/oauth/revoke/"),
            (Token, "https://open.tiktokapis.com/v2/oauth/token/"),
        ],
        quirks: &[
            (Quirk::NoCodeChallenge, "https://developers.tiktok.com/doc/login-kit-desktop"),
            (Quirk::ScopeWithCommas, "https://developers.tiktok.com/doc/oauth-user-access-token-management"),
        ],
        methods: &["client_secret_post"],
        id_in: "client_key",
        has_commas: true,
        remark: "the client identifier is the client key; the redirect URI is https; a web application has no PKCE; `tiktok-desktop` is for a desktop application",
        source: "https://developers.tiktok.com/doc/oauth-user-access-token-management",
        ..BLANK
    };

    /// TikTok, for a desktop application.
    pub const TIKTOK_DESKTOP: Self = Self {
        name: "tiktok-desktop",
        title: "TikTok, on a desktop",
        quirks: &[(
            Quirk::ScopeWithCommas,
            "https://developers.tiktok.com/doc/oauth-user-access-token-management",
        )],
        has_pkce: true,
        has_hex_challenge: true,
        remark: "the client identifier is the client key, and the secret is wanted, too; the redirect URI is on `localhost` or 127.0.0.1, with a port or `*` where it is registered; PKCE is required",
        source: "https://developers.tiktok.com/doc/login-kit-desktop",
        ..Self::TIKTOK
    };

    /// X, which was Twitter.
    pub const X: Self = Self {
        name: "x",
        title: "X",
        endpoints: &[
            (Authorization, "https://x.com/i/oauth2/authorize"),
            (Revocation, "https://api.x.com/2/oauth2/revoke"),
            (Token, "https://api.x.com/2/oauth2/token"),
        ],
        methods: &["client_secret_basic", "none"],
        means: &[
            ("error_description", "Value passed for the authorization code was invalid.", "invalid_grant"),
            ("error_description", "Value passed for the token was invalid.", "invalid_grant"),
        ],
        has_pkce: true,
        remark: "PKCE is required; a refresh token comes for the scope `offline.access`, and is good once",
        source: "https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code",
        ..BLANK
    };
}
