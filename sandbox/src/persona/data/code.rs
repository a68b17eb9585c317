//! Where code is kept.

use valetkey_core::server::Endpoint;

use crate::persona::kind::{
    Denial, JSON, Offline, Persona, Pkce, Renewed, Revoked, Said, Shows, TOLD, Told, USUAL,
};

pub(super) const ALL: &[Persona] = &[
    Persona {
        name: "bitbucket",
        rotation: Renewed::Same,
        tokens: Said(
            200,
            JSON,
            r#"{"scopes":"repository account","access_token":"$ACCESS","expires_in":7200,"token_type":"bearer","state":"authorization_code","refresh_token":"$REFRESH"}"#,
        ),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://support.atlassian.com/bitbucket-cloud/docs/use-oauth-on-bitbucket-cloud/",
        ),
        api: "https://api.bitbucket.org/2.0/user",
        source: "https://support.atlassian.com/bitbucket-cloud/docs/use-oauth-on-bitbucket-cloud/",
        ..USUAL
    },
    Persona {
        name: "cloudflare",
        pkce: Pkce::Verified,
        scope: "workers-platform.read offline_access",
        offline: Offline::Scope("offline_access"),
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","expires_in":3600,"refresh_token":"$REFRESH","scope":"workers-platform.read offline_access","token_type":"bearer"}"#,
        ),
        api: "https://api.cloudflare.com/client/v4/user",
        source: "https://developers.cloudflare.com/fundamentals/oauth/create-an-oauth-client/",
        ..USUAL
    },
    Persona {
        name: "digitalocean",
        client: Shows::Body,
        pkce: Pkce::Verified,
        scope: "read write",
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","token_type":"bearer","expires_in":2592000,"refresh_token":"$REFRESH","scope":"read write","info":{"name":"Sammy the Shark","email":"sammy@digitalocean.com","uuid":"e028b1b918853eca7fba208a9d7e9d29a6e93c57"}}"#,
        ),
        revocation: Revoked::Otherwise(
            "the request has the token as a bearer, too",
            "https://docs.digitalocean.com/reference/api/oauth/",
        ),
        api: "https://api.digitalocean.com/v2/account",
        refusal: Said(401, JSON, r#"{"id":"unauthorized","message":"Unable to authenticate you"}"#),
        source: "https://docs.digitalocean.com/reference/api/oauth/",
        ..USUAL
    },
    Persona {
        name: "gitea",
        issuer: Some("https://gitea.example"),
        endpoints: &[
            (Endpoint::Authorization, "https://gitea.example/login/oauth/authorize"),
            (Endpoint::Token, "https://gitea.example/login/oauth/access_token"),
            (Endpoint::Jwks, "https://gitea.example/login/oauth/keys"),
            (Endpoint::Userinfo, "https://gitea.example/login/oauth/userinfo"),
        ],
        pkce: Pkce::Verified,
        scope: "openid",
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","token_type":"bearer","expires_in":3600,"refresh_token":"$REFRESH"}"#,
        ),
        dead: Said(
            400,
            JSON,
            r#"{"error":"unauthorized_client","error_description":"unable to parse refresh token"}"#,
        ),
        used: Said(
            400,
            JSON,
            r#"{"error":"unauthorized_client","error_description":"client is not authorized"}"#,
        ),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://docs.gitea.com/development/oauth2-provider",
        ),
        identity: Some(Told {
            iss: "https://gitea.example",
            sub: "1",
            userinfo: r#"{"name":"Alice","preferred_username":"alice","email":"alice@example.com","picture":"https://gitea.example/avatars/1"}"#,
            ..TOLD
        }),
        api: "https://gitea.example/api/v1/user",
        source: "https://docs.gitea.com/development/oauth2-provider",
        ..USUAL
    },
    // A GitHub App whose user tokens expire.
    Persona {
        name: "github",
        iss: Some("https://github.com/login/oauth"),
        client: Shows::Body,
        pkce: Pkce::Verified,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"ghu_$ACCESS","expires_in":28800,"refresh_token":"$REFRESH","refresh_token_expires_in":15897600,"scope":"","token_type":"bearer"}"#,
        ),
        dead: Said(
            200,
            JSON,
            r#"{"error":"bad_refresh_token","error_description":"The refresh token passed is incorrect or expired."}"#,
        ),
        used: Said(
            200,
            JSON,
            r#"{"error":"bad_verification_code","error_description":"The code passed is incorrect or expired."}"#,
        ),
        wants_agent: true,
        revocation: Revoked::Otherwise(
            "a token is deleted over the API",
            "https://docs.github.com/en/rest/apps/oauth-applications",
        ),
        api: "https://api.github.com/user",
        refusal: Said(401, JSON, r#"{"message":"Bad credentials","status":"401"}"#),
        source: "https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens",
        ..USUAL
    },
    Persona {
        name: "gitlab",
        issuer: Some("https://gitlab.com"),
        endpoints: &[
            (Endpoint::Authorization, "https://gitlab.com/oauth/authorize"),
            (Endpoint::Revocation, "https://gitlab.com/oauth/revoke"),
            (Endpoint::Token, "https://gitlab.com/oauth/token"),
            (Endpoint::Jwks, "https://gitlab.com/oauth/discovery/keys"),
            (Endpoint::Userinfo, "https://gitlab.com/oauth/userinfo"),
        ],
        pkce: Pkce::Verified,
        scope: "openid api read_user",
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","token_type":"bearer","expires_in":7200,"refresh_token":"$REFRESH","created_at":1607635748}"#,
        ),
        dead: Said(
            400,
            JSON,
            r#"{"error":"invalid_grant","error_description":"The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client."}"#,
        ),
        denial: Denial::Said(
            "error=access_denied&error_description=The resource owner or authorization server denied the request.",
        ),
        identity: Some(Told {
            iss: "https://gitlab.com",
            sub: "90",
            claims: r#"{"auth_time":1607635700,"sub_legacy":"5b0a1b6e","email":"alice@example.com","email_verified":true}"#,
            userinfo: r#"{"sub_legacy":"5b0a1b6e","name":"Alice","nickname":"alice","email":"alice@example.com","email_verified":true,"groups":["demo"]}"#,
            ..TOLD
        }),
        api: "https://gitlab.com/api/v4/user",
        refusal: Said(
            401,
            JSON,
            r#"{"error":"invalid_token","error_description":"Token was revoked. You have to re-authorize from the user."}"#,
        ),
        source: "https://docs.gitlab.com/api/oauth2/",
        ..USUAL
    },
    Persona {
        name: "heroku",
        client: Shows::Body,
        scope: "identity read",
        rotation: Renewed::Same,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","expires_in":28799,"refresh_token":"$REFRESH","token_type":"Bearer","user_id":"01234567-89ab-cdef-0123-456789abcdef","session_nonce":null}"#,
        ),
        revocation: Revoked::Otherwise(
            "an authorization is deleted over the API",
            "https://devcenter.heroku.com/articles/platform-api-reference#oauth-authorization-delete",
        ),
        api: "https://api.heroku.com/account",
        refusal: Said(401, JSON, r#"{"id":"unauthorized","message":"Invalid credentials provided."}"#),
        source: "https://devcenter.heroku.com/articles/oauth",
        ..USUAL
    },
    Persona {
        name: "hugging-face",
        issuer: Some("https://huggingface.co"),
        endpoints: &[
            (Endpoint::Authorization, "https://huggingface.co/oauth/authorize"),
            (Endpoint::Token, "https://huggingface.co/oauth/token"),
            (Endpoint::Jwks, "https://huggingface.co/oauth/jwks"),
            (Endpoint::Userinfo, "https://huggingface.co/oauth/userinfo"),
        ],
        pkce: Pkce::Verified,
        scope: "openid profile",
        offline: Offline::Never(
            "a code brings no refresh token, a device login does",
            "https://huggingface.co/docs/hub/oauth",
        ),
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"hf_oauth_$ACCESS","expires_in":28800,"scope":"openid profile","token_type":"bearer"}"#,
        ),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://huggingface.co/docs/hub/oauth",
        ),
        identity: Some(Told {
            iss: "https://huggingface.co",
            sub: "62f264b9f3c90f4b6514a269",
            claims: r#"{"name":"Alice","preferred_username":"alice"}"#,
            userinfo: r#"{"name":"Alice","preferred_username":"alice","isPro":false,"orgs":[]}"#,
            ..TOLD
        }),
        api: "https://huggingface.co/api/whoami-v2",
        source: "https://huggingface.co/docs/hub/oauth",
        ..USUAL
    },
];
