//! Who tells who people are.

use crate::ground::endpoint::Endpoint::{Authorization, Jwks, Token, Userinfo};
use crate::ground::quirk::Quirk;
use crate::server::profile::kind::{BLANK, Profile};

pub(super) const PROFILES: &[Profile] = &[
    Profile::AMAZON,
    Profile::APPLE,
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

    /// Sign in with Apple.
    ///
    /// A login gets the scope `openid`, and `name` and `email` where the program wants them: the response then comes by a form, so
    /// that the redirect URI takes a POST. The name comes with a person's first login alone, by
    /// [`user_said_by_browser`](crate::PendingAuthorization::user_said_by_browser), and nobody vouches for it. `is_private_email` is read
    /// by [`Login::flag`](crate::identity::Login::flag). The secret is written for each request:
    ///
    /// ```
    /// # #[cfg(feature = "rust-crypto")] {
    /// # use std::sync::Arc;
    /// # use valetkey_core::{Client, Entropy};
    /// # use valetkey_core::jose::{Algorithm, KeyPair, PrivateJwk, RustCrypto};
    /// # use valetkey_core::server::Profile;
    /// use valetkey_core::token::JwtAssertions;
    ///
    /// let flow = Profile::APPLE.discovery("https://appleid.apple.com")?; // … run it
    /// # let key = PrivateJwk::generate(&RustCrypto, Algorithm::Es256, Entropy::from_seed([7; 32]))?;
    /// # let (entropy, server) = (Entropy::from_seed([8; 32]), valetkey_core::AuthorizationServer::new());
    /// let key = Arc::new(KeyPair::new(&RustCrypto, Algorithm::Es256, &key)?.with_key_id("ABC123DEFG"));
    /// let secret = JwtAssertions::new(key, entropy, "TEAM123456", "com.example.web", "https://appleid.apple.com");
    /// let client = Client::new(server, "com.example.web").secret_written_by(secret)?;
    /// # let _ = (flow, client);
    /// # }
    /// # Ok::<(), valetkey_core::Error>(())
    /// ```
    pub const APPLE: Self = Self {
        name: "apple",
        title: "Sign in with Apple",
        issuer: "`https://appleid.apple.com`",
        quirks: &[(
            Quirk::BooleanAsText,
            "https://developer.apple.com/documentation/signinwithapple/authenticating-users-with-sign-in-with-apple",
        )],
        methods: &["client_secret_post"],
        means: &[("error", "user_cancelled_authorize", "access_denied")],
        is_openid: true,
        form_post_for: &["name", "email"],
        remark: "the secret is a JWT that the program signs with its key of the developer account, by ES256 (`Client::secret_written_by`), and none that is stored; the redirect URI is https, and gets a POST where `name` or `email` is asked for; a person's name comes at their first login only; a refresh token is not replaced",
        source: "https://developer.apple.com/documentation/signinwithapplerestapi",
        ..BLANK
    };

    /// Auth0. With the scope `openid` it tells who logged in.
    pub const AUTH0: Self = Self {
        name: "auth0",
        title: "Auth0",
        issuer: "`https://TENANT.REGION.auth0.com/`",
        is_openid: true,
        has_pkce: true,
        remark: "the slash at the end belongs to the issuer; an API is named by the parameter `audience`; a refresh token comes for `offline_access`",
        source: "https://auth0.com/docs/get-started/applications/configure-applications-with-oidc-discovery",
        ..BLANK
    };

    /// Amazon Cognito. With the scope `openid` it tells who logged in.
    pub const COGNITO: Self = Self {
        name: "cognito",
        title: "Amazon Cognito",
        issuer: "`https://cognito-idp.REGION.amazonaws.com/POOL`",
        is_openid: true,
        has_pkce: true,
        remark: "its endpoints are on the domain of the user pool, another origin than the issuer (DI-7); a refresh token comes without `offline_access`, which it refuses",
        source: "https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html",
        ..BLANK
    };

    /// Microsoft Entra ID.
    ///
    /// With the scope `openid` it tells who logged in. An issuer with a tenant's identifier is of that tenant alone, and
    /// `consumers` of Microsoft accounts. `organizations`, and `common` (both), stand for many tenants: the program says whose
    /// people may log in:
    ///
    /// ```
    /// # use valetkey_core::server::Profile;
    /// let flow = Profile::ENTRA.discovery("https://login.microsoftonline.com/organizations/v2.0")?; // … run it, and then:
    /// # let metadata = valetkey_core::AuthorizationServer::new().issuer("https://login.microsoftonline.com/{tenantid}/v2.0")?;
    /// let server = metadata.tenants(["aaaabbbb-0000-cccc-1111-dddd2222eeee"])?; // or `any_tenant`
    /// # let _ = (flow, server);
    /// # Ok::<(), valetkey_core::Error>(())
    /// ```
    ///
    /// A person is known by issuer and `sub`, which is another at each application; `oid` and `tid` together are the same at all
    /// applications of a tenant. Neither `email` nor `preferred_username` says who somebody is: a tenant's administrator sets them. What
    /// has a domain of its own, External ID and Azure AD B2C, names its issuer by the tenant's identifier, which
    /// [`Discovery::naming_issuer`](crate::Discovery::naming_issuer) is told.
    pub const ENTRA: Self = Self {
        name: "entra",
        title: "Microsoft Entra ID",
        issuer: "`https://login.microsoftonline.com/TENANT-ID/v2.0`",
        means: &[("error", "authorization_declined", "access_denied")],
        has_pkce: true,
        is_openid: true,
        naming: &[
            (
                "https://login.microsoftonline.com/common/v2.0",
                "https://login.microsoftonline.com/{tenantid}/v2.0",
            ),
            (
                "https://login.microsoftonline.com/consumers/v2.0",
                "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
            ),
            (
                "https://login.microsoftonline.com/organizations/v2.0",
                "https://login.microsoftonline.com/{tenantid}/v2.0",
            ),
        ],
        remark: "a tenant is named by its identifier: metadata that are asked for by a domain name another issuer (DI-4); for `common` and `organizations` the program says whose people may log in (`AuthorizationServer::tenants`); a person's `sub` is another at each application, `oid` with `tid` is not; any port of `http://localhost` will do; a refresh token comes for `offline_access`",
        source: "https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc",
        // The consent page of the first login, or an administrator, grants it; `prompt=consent` would ask each time, and those too
        // who may not consent: https://learn.microsoft.com/en-us/entra/identity-platform/scopes-oidc
        consents_once: true,
        ..BLANK
    };

    /// Google.
    ///
    /// With the scope `openid` it tells who logged in. The parameter `hd` limits the login to people of one domain of Google
    /// Workspace, and is compared with what the ID token says ([ID-57](crate::Rule::Id57)):
    ///
    /// ```
    /// # use valetkey_core::{AuthorizationRequest, AuthorizationServer, Client, Entropy, UnixTime};
    /// # use valetkey_core::server::Profile;
    /// let flow = Profile::GOOGLE.discovery("https://accounts.google.com")?; // … run it
    /// # let server = AuthorizationServer::new().authorization_endpoint("https://accounts.google.com/o/oauth2/v2/auth")?;
    /// # let client = Client::new(server, "s6BhdRkqt3");
    /// let request = AuthorizationRequest::new(&client, "https://app.example/callback")?
    ///     .scope("openid email")?
    ///     .parameter("hd", "example.com")?;
    /// # let _ = (flow, request);
    /// # Ok::<(), valetkey_core::Error>(())
    /// ```
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
        is_openid: true,
        is_without_scheme: true,
        limited_by: &["hd"],
        remark: "its endpoints are on other origins than its issuer (DI-7); a refresh token comes at a person's first yes only: `prompt=consent` asks again; a desktop application sends its secret, too",
        source: "https://developers.google.com/identity/protocols/oauth2/web-server",
        ..BLANK
    };

    /// Kakao. With the scope `openid` it tells who logged in, where OpenID Connect is turned on for the application.
    pub const KAKAO: Self = Self {
        name: "kakao",
        title: "Kakao",
        issuer: "`https://kauth.kakao.com`",
        is_openid: true,
        methods: &["client_secret_post", "none"],
        has_commas: true,
        has_pkce: true,
        remark: "the REST API key is the client identifier; a secret is sent where it is turned on; a refresh token is replaced in its last month only",
        source: "https://developers.kakao.com/docs/latest/en/kakaologin/rest-api",
        ..BLANK
    };

    /// Keycloak. With the scope `openid` it tells who logged in.
    pub const KEYCLOAK: Self = Self {
        name: "keycloak",
        title: "Keycloak",
        issuer: "`https://HOST/realms/REALM`",
        is_openid: true,
        has_pkce: true,
        remark: "the realm is part of the issuer; before version 17 a path `/auth` was too",
        source: "https://www.keycloak.org/securing-apps/oidc-layers",
        ..BLANK
    };

    /// LINE Login. With the scope `openid` it tells who logged in, by an ID token that is signed with the channel secret.
    pub const LINE: Self = Self {
        name: "line",
        title: "LINE",
        iss: "https://access.line.me",
        endpoints: &[
            (Authorization, "https://access.line.me/oauth2/v2.1/authorize"),
            (Jwks, "https://api.line.me/oauth2/v2.1/certs"),
            (Token, "https://api.line.me/oauth2/v2.1/token"),
            (Userinfo, "https://api.line.me/oauth2/v2.1/userinfo"),
        ],
        is_openid: true,
        has_secret_id_tokens: true,
        signed_by: &["ES256", "HS256"],
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

    /// Okta, with a custom authorization server or the organization's. With the scope `openid` it tells who logged in.
    pub const OKTA: Self = Self {
        name: "okta",
        title: "Okta",
        issuer: "`https://DOMAIN/oauth2/SERVER`, or `https://DOMAIN`",
        is_openid: true,
        has_pkce: true,
        remark: "each authorization server of a domain is an issuer of its own; a refresh token comes for `offline_access`",
        source: "https://developer.okta.com/docs/concepts/auth-servers/",
        ..BLANK
    };

    /// Yahoo. With the scope `openid` it tells who logged in.
    pub const YAHOO: Self = Self {
        name: "yahoo",
        title: "Yahoo",
        issuer: "`https://api.login.yahoo.com`",
        is_openid: true,
        has_pkce: true,
        means: &[("error", "INVALID_REFRESH_TOKEN", "invalid_grant")],
        remark: "the redirect URI is https; the scope is set where the application is registered; its metadata call the revocation endpoint `token_revocation_endpoint`, so a program names it itself",
        source: "https://developer.yahoo.com/oauth2/guide/flows_authcode/",
        ..BLANK
    };
}
