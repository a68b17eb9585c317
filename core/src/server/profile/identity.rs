//! Who tells who people are.

use crate::ground::endpoint::Endpoint::{Authorization, Token};
use crate::ground::quirk::Quirk;
use crate::server::profile::kind::{BLANK, Profile};

pub(super) const PROFILES: &[Profile] = &[
    Profile::AMAZON,
    Profile::AUTH0,
    Profile::COGNITO,
    Profile::ENTRA,
    Profile::GOOGLE,
    Profile::KAKAO,
    Profile::KEYCLOAK,
    Profile::LINE,
    Profile::NAVER,
    Profile::OKTA,
    Profile::YAHOO,
];

impl Profile {
    /// Login with Amazon.
    pub const AMAZON: Self = Self {
        name: "amazon",
        title: "Login with Amazon",
        endpoints: &[
            (Authorization, "https://www.amazon.com/ap/oa"),
            (Token, "https://api.amazon.com/auth/o2/token"),
        ],
        methods: &["client_secret_basic", "client_secret_post", "none"],
        has_pkce: true,
        remark: "the redirect URI is https, and registered as an allowed return URL; a client without a secret gets no refresh token; its device login is not that of RFC 8628, and not met",
        source: "https://developer.amazon.com/docs/login-with-amazon/authorization-code-grant.html",
        ..BLANK
    };

    /// Auth0.
    pub const AUTH0: Self = Self {
        name: "auth0",
        title: "Auth0",
        issuer: "`https://TENANT.REGION.auth0.com/`",
        has_pkce: true,
        remark: "the slash at the end belongs to the issuer; an API is named by the parameter `audience`; a refresh token comes for `offline_access`",
        source: "https://auth0.com/docs/get-started/applications/configure-applications-with-oidc-discovery",
        ..BLANK
    };

    /// Amazon Cognito.
    pub const COGNITO: Self = Self {
        name: "cognito",
        title: "Amazon Cognito",
        issuer: "`https://cognito-idp.REGION.amazonaws.com/POOL`",
        has_pkce: true,
        remark: "its endpoints are on the domain of the user pool, another origin than the issuer (DI-7); a refresh token comes without `offline_access`, which it refuses",
        source: "https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html",
        ..BLANK
    };

    /// Microsoft Entra ID.
    pub const ENTRA: Self = Self {
        name: "entra",
        title: "Microsoft Entra ID",
        issuer: "`https://login.microsoftonline.com/TENANT-ID/v2.0`",
        means: &[("error", "authorization_declined", "access_denied")],
        has_pkce: true,
        remark: "a tenant's identifier and no name of it, nor `common`: their metadata names another issuer (DI-4); any port of `http://localhost` will do; a refresh token comes for `offline_access`",
        source: "https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc",
        ..BLANK
    };

    /// Google.
    pub const GOOGLE: Self = Self {
        name: "google",
        title: "Google",
        issuer: "`https://accounts.google.com`",
        quirks: &[(
            Quirk::VerificationUrl,
            "https://developers.google.com/identity/protocols/oauth2/limited-input-device",
        )],
        parameters: &[("access_type", "offline")],
        has_pkce: true,
        remark: "its endpoints are on other origins than its issuer (DI-7); a refresh token comes at a person's first yes only: `prompt=consent` asks again; a desktop application sends its secret, too",
        source: "https://developers.google.com/identity/protocols/oauth2/web-server",
        ..BLANK
    };

    /// Kakao.
    pub const KAKAO: Self = Self {
        name: "kakao",
        title: "Kakao",
        issuer: "`https://kauth.kakao.com`",
        methods: &["client_secret_post", "none"],
        has_commas: true,
        has_pkce: true,
        remark: "the REST API key is the client identifier; a secret is sent where it is turned on; a refresh token is replaced in its last month only",
        source: "https://developers.kakao.com/docs/latest/en/kakaologin/rest-api",
        ..BLANK
    };

    /// Keycloak.
    pub const KEYCLOAK: Self = Self {
        name: "keycloak",
        title: "Keycloak",
        issuer: "`https://HOST/realms/REALM`",
        has_pkce: true,
        remark: "the realm is part of the issuer; before version 17 a path `/auth` was too",
        source: "https://www.keycloak.org/securing-apps/oidc-layers",
        ..BLANK
    };

    /// LINE Login.
    pub const LINE: Self = Self {
        name: "line",
        title: "LINE",
        endpoints: &[
            (Authorization, "https://access.line.me/oauth2/v2.1/authorize"),
            (Token, "https://api.line.me/oauth2/v2.1/token"),
        ],
        methods: &["client_secret_post"],
        has_pkce: true,
        remark: "a channel for mobile apps needs no secret to renew its tokens; a refresh token is not replaced, and lasts 90 days; a token is ended by a request that calls it `access_token`",
        source: "https://developers.line.biz/en/reference/line-login/",
        ..BLANK
    };

    /// Naver.
    pub const NAVER: Self = Self {
        name: "naver",
        title: "Naver",
        endpoints: &[
            (Authorization, "https://nid.naver.com/oauth2.0/authorize"),
            (Token, "https://nid.naver.com/oauth2.0/token"),
        ],
        methods: &["client_secret_post"],
        remark: "`expires_in` comes as text; no scope is asked for",
        source: "https://developers.naver.com/docs/login/api/api.md",
        ..BLANK
    };

    /// Okta, with a custom authorization server or the organization's.
    pub const OKTA: Self = Self {
        name: "okta",
        title: "Okta",
        issuer: "`https://DOMAIN/oauth2/SERVER`, or `https://DOMAIN`",
        has_pkce: true,
        remark: "each authorization server of a domain is an issuer of its own; a refresh token comes for `offline_access`",
        source: "https://developer.okta.com/docs/concepts/auth-servers/",
        ..BLANK
    };

    /// Yahoo.
    pub const YAHOO: Self = Self {
        name: "yahoo",
        title: "Yahoo",
        issuer: "`https://api.login.yahoo.com`",
        has_pkce: true,
        means: &[("error", "INVALID_REFRESH_TOKEN", "invalid_grant")],
        remark: "the redirect URI is https; the scope is set where the application is registered; its metadata call the revocation endpoint `token_revocation_endpoint`, so a program names it itself",
        source: "https://developer.yahoo.com/oauth2/guide/flows_authcode/",
        ..BLANK
    };
}
