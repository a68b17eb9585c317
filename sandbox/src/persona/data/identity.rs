//! Who tells who people are.

use valetkey_core::server::Endpoint;

use crate::persona::kind::{Denial, JSON, Offline, Persona, Pkce, Renewed, Revoked, Said, Shows, USUAL};

pub(super) const ALL: &[Persona] = &[
    Persona {
        name: "amazon",
        pkce: Pkce::Verified,
        scope: "profile",
        rotation: Renewed::Same,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"Atza|$ACCESS","token_type":"bearer","expires_in":3600,"refresh_token":"$REFRESH"}"#,
        ),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://developer.amazon.com/docs/login-with-amazon/authorization-code-grant.html",
        ),
        api: "https://api.amazon.com/user/profile",
        source: "https://developer.amazon.com/docs/login-with-amazon/authorization-code-grant.html",
        ..USUAL
    },
    Persona {
        name: "auth0",
        issuer: Some("https://tenant.eu.auth0.com/"),
        endpoints: &[
            (Endpoint::Authorization, "https://tenant.eu.auth0.com/authorize"),
            (Endpoint::Revocation, "https://tenant.eu.auth0.com/oauth/revoke"),
            (Endpoint::Token, "https://tenant.eu.auth0.com/oauth/token"),
        ],
        pkce: Pkce::Verified,
        scope: "read:appointments offline_access",
        offline: Offline::Scope("offline_access"),
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","refresh_token":"$REFRESH","scope":"read:appointments offline_access","expires_in":86400,"token_type":"Bearer"}"#,
        ),
        dead: Said(
            403,
            JSON,
            r#"{"error":"invalid_grant","error_description":"Unknown or invalid refresh token."}"#,
        ),
        used: Said(
            403,
            JSON,
            r#"{"error":"invalid_grant","error_description":"Invalid authorization code"}"#,
        ),
        denial: Denial::Said("error=access_denied&error_description=User did not authorize the request"),
        api: "https://tenant.eu.auth0.com/userinfo",
        source: "https://auth0.com/docs/secure/tokens/refresh-tokens/use-refresh-tokens",
        ..USUAL
    },
    Persona {
        name: "cognito",
        issuer: Some("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_EXAMPLE"),
        endpoints: &[
            (Endpoint::Authorization, "https://demo.auth.eu-west-1.amazoncognito.com/oauth2/authorize"),
            (Endpoint::Revocation, "https://demo.auth.eu-west-1.amazoncognito.com/oauth2/revoke"),
            (Endpoint::Token, "https://demo.auth.eu-west-1.amazoncognito.com/oauth2/token"),
        ],
        pkce: Pkce::Verified,
        scope: "email profile",
        rotation: Renewed::Kept,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","refresh_token":"$REFRESH","token_type":"Bearer","expires_in":3600}"#,
        ),
        api: "https://demo.auth.eu-west-1.amazoncognito.com/oauth2/userInfo",
        source: "https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html",
        ..USUAL
    },
    Persona {
        name: "entra",
        issuer: Some("https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/v2.0"),
        endpoints: &[
            (
                Endpoint::Authorization,
                "https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/oauth2/v2.0/authorize",
            ),
            (
                Endpoint::Token,
                "https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/oauth2/v2.0/token",
            ),
        ],
        pkce: Pkce::Verified,
        scope: "https://graph.microsoft.com/mail.read offline_access",
        offline: Offline::Scope("offline_access"),
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","token_type":"Bearer","expires_in":3599,"scope":"https://graph.microsoft.com/mail.read","refresh_token":"$REFRESH"}"#,
        ),
        dead: Said(
            400,
            JSON,
            r#"{"error":"invalid_grant","error_description":"AADSTS700082: The refresh token has expired due to inactivity.","error_codes":[700082],"timestamp":"2016-04-11 18:59:12Z","trace_id":"0000aaaa-11bb-cccc-dd22-eeeeee333333","correlation_id":"aaaa0000-bb11-2222-33cc-444444dddddd"}"#,
        ),
        denial: Denial::Said("error=access_denied&error_description=the user canceled the authentication"),
        revocation: Revoked::Otherwise(
            "it has no endpoint for it",
            "https://learn.microsoft.com/en-us/entra/identity-platform/refresh-tokens",
        ),
        api: "https://graph.microsoft.com/v1.0/me",
        refusal: Said(
            401,
            JSON,
            r#"{"error":{"code":"InvalidAuthenticationToken","message":"Access token has expired or is not yet valid."}}"#,
        ),
        source: "https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow",
        ..USUAL
    },
    Persona {
        name: "google",
        issuer: Some("https://accounts.google.com"),
        endpoints: &[
            (Endpoint::Authorization, "https://accounts.google.com/o/oauth2/v2/auth"),
            (Endpoint::Revocation, "https://oauth2.googleapis.com/revoke"),
            (Endpoint::Token, "https://oauth2.googleapis.com/token"),
        ],
        pkce: Pkce::Verified,
        scope: "https://www.googleapis.com/auth/drive.metadata.readonly https://www.googleapis.com/auth/calendar.readonly",
        offline: Offline::Parameter("access_type", "offline"),
        rotation: Renewed::Kept,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","expires_in":3920,"token_type":"Bearer","scope":"https://www.googleapis.com/auth/drive.metadata.readonly https://www.googleapis.com/auth/calendar.readonly","refresh_token":"$REFRESH"}"#,
        ),
        dead: Said(
            400,
            JSON,
            r#"{"error":"invalid_grant","error_description":"Token has been expired or revoked."}"#,
        ),
        api: "https://www.googleapis.com/drive/v3/files",
        refusal: Said(
            401,
            JSON,
            r#"{"error":{"code":401,"message":"Request had invalid authentication credentials.","status":"UNAUTHENTICATED"}}"#,
        ),
        source: "https://developers.google.com/identity/protocols/oauth2/web-server",
        ..USUAL
    },
    Persona {
        name: "kakao",
        issuer: Some("https://kauth.kakao.com"),
        endpoints: &[
            (Endpoint::Authorization, "https://kauth.kakao.com/oauth/authorize"),
            (Endpoint::Token, "https://kauth.kakao.com/oauth/token"),
        ],
        client: Shows::Body,
        has_commas: true,
        pkce: Pkce::Verified,
        scope: "account_email profile_nickname",
        rotation: Renewed::Kept,
        tokens: Said(
            200,
            JSON,
            r#"{"token_type":"bearer","access_token":"$ACCESS","expires_in":43199,"refresh_token":"$REFRESH","refresh_token_expires_in":5184000,"scope":"account_email profile_nickname"}"#,
        ),
        dead: Said(
            400,
            JSON,
            r#"{"error":"invalid_grant","error_description":"expired_or_invalid_refresh_token","error_code":"KOE322"}"#,
        ),
        used: Said(
            400,
            JSON,
            r#"{"error":"invalid_grant","error_description":"authorization code not found","error_code":"KOE320"}"#,
        ),
        denial: Denial::Said("error=access_denied&error_description=User denied access"),
        revocation: Revoked::Otherwise(
            "the API logs out",
            "https://developers.kakao.com/docs/latest/en/kakaologin/rest-api#logout",
        ),
        api: "https://kapi.kakao.com/v2/user/me",
        refusal: Said(401, JSON, r#"{"msg":"this access token does not exist","code":-401}"#),
        source: "https://developers.kakao.com/docs/latest/en/kakaologin/rest-api",
        ..USUAL
    },
    Persona {
        name: "keycloak",
        issuer: Some("https://keycloak.example/realms/demo"),
        endpoints: &[
            (Endpoint::Authorization, "https://keycloak.example/realms/demo/protocol/openid-connect/auth"),
            (Endpoint::Revocation, "https://keycloak.example/realms/demo/protocol/openid-connect/revoke"),
            (Endpoint::Token, "https://keycloak.example/realms/demo/protocol/openid-connect/token"),
        ],
        pkce: Pkce::Verified,
        scope: "profile email",
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","expires_in":300,"refresh_expires_in":1800,"refresh_token":"$REFRESH","token_type":"Bearer","not-before-policy":0,"session_state":"3b6b9b0a-1b0d-4f6b-8d0b-5f1f7c0c0a55","scope":"profile email"}"#,
        ),
        dead: Said(400, JSON, r#"{"error":"invalid_grant","error_description":"Token is not active"}"#),
        used: Said(400, JSON, r#"{"error":"invalid_grant","error_description":"Code not valid"}"#),
        api: "https://keycloak.example/realms/demo/protocol/openid-connect/userinfo",
        source: "https://www.keycloak.org/securing-apps/oidc-layers",
        ..USUAL
    },
    Persona {
        name: "line",
        client: Shows::Body,
        pkce: Pkce::Verified,
        scope: "profile",
        rotation: Renewed::Same,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","expires_in":2592000,"refresh_token":"$REFRESH","scope":"profile","token_type":"Bearer"}"#,
        ),
        dead: Said(400, JSON, r#"{"error":"invalid_grant","error_description":"invalid refresh token"}"#),
        denial: Denial::Said("error=access_denied&error_description=The resource owner denied the request."),
        revocation: Revoked::Otherwise(
            "the request calls the token `access_token`",
            "https://developers.line.biz/en/reference/line-login/#revoke-access-token",
        ),
        api: "https://api.line.me/v2/profile",
        source: "https://developers.line.biz/en/reference/line-login/",
        ..USUAL
    },
    Persona {
        name: "naver",
        client: Shows::Body,
        rotation: Renewed::Kept,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","refresh_token":"$REFRESH","token_type":"bearer","expires_in":"3600"}"#,
        ),
        revocation: Revoked::Otherwise(
            "the token endpoint has a grant `delete` for it",
            "https://developers.naver.com/docs/login/api/api.md",
        ),
        api: "https://openapi.naver.com/v1/nid/me",
        refusal: Said(401, JSON, r#"{"resultcode":"024","message":"Authentication failed"}"#),
        source: "https://developers.naver.com/docs/login/api/api.md",
        ..USUAL
    },
    Persona {
        name: "okta",
        issuer: Some("https://demo.okta.com/oauth2/default"),
        endpoints: &[
            (Endpoint::Authorization, "https://demo.okta.com/oauth2/default/v1/authorize"),
            (Endpoint::Revocation, "https://demo.okta.com/oauth2/default/v1/revoke"),
            (Endpoint::Token, "https://demo.okta.com/oauth2/default/v1/token"),
        ],
        pkce: Pkce::Verified,
        scope: "profile offline_access",
        offline: Offline::Scope("offline_access"),
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","token_type":"Bearer","expires_in":3600,"scope":"profile offline_access","refresh_token":"$REFRESH"}"#,
        ),
        dead: Said(
            400,
            JSON,
            r#"{"error":"invalid_grant","error_description":"The refresh token is invalid or expired."}"#,
        ),
        denial: Denial::Said(
            "error=access_denied&error_description=User is not assigned to the client application.",
        ),
        api: "https://demo.okta.com/oauth2/default/v1/userinfo",
        source: "https://developer.okta.com/docs/guides/refresh-tokens/main/",
        ..USUAL
    },
    Persona {
        name: "yahoo",
        issuer: Some("https://api.login.yahoo.com"),
        endpoints: &[
            (Endpoint::Authorization, "https://api.login.yahoo.com/oauth2/request_auth"),
            (Endpoint::Token, "https://api.login.yahoo.com/oauth2/get_token"),
        ],
        pkce: Pkce::Verified,
        rotation: Renewed::Same,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","refresh_token":"$REFRESH","expires_in":3600,"token_type":"bearer","xoauth_yahoo_guid":"JT4FACLQZI2OCE"}"#,
        ),
        dead: Said(
            400,
            JSON,
            r#"{"error":"INVALID_REFRESH_TOKEN","error_description":"Failed to decode/encode refresh token"}"#,
        ),
        revocation: Revoked::Otherwise(
            "its metadata call the endpoint `token_revocation_endpoint`",
            "https://api.login.yahoo.com/.well-known/openid-configuration",
        ),
        api: "https://api.login.yahoo.com/openid/v1/userinfo",
        source: "https://developer.yahoo.com/oauth2/guide/flows_authcode/",
        ..USUAL
    },
];
