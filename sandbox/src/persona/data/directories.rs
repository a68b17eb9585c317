//! Directories of people that programs rent or run.

use valetkey_core::server::Endpoint;

use crate::persona::kind::{Denial, JSON, Offline, Persona, Pkce, Renewed, Revoked, Said, TOLD, Told, USUAL};

pub(super) const ALL: &[Persona] = &[
    Persona {
        name: "auth0",
        issuer: Some("https://tenant.eu.auth0.com/"),
        endpoints: &[
            (Endpoint::Authorization, "https://tenant.eu.auth0.com/authorize"),
            (Endpoint::Revocation, "https://tenant.eu.auth0.com/oauth/revoke"),
            (Endpoint::Token, "https://tenant.eu.auth0.com/oauth/token"),
            (Endpoint::Jwks, "https://tenant.eu.auth0.com/.well-known/jwks.json"),
            (Endpoint::Userinfo, "https://tenant.eu.auth0.com/userinfo"),
        ],
        pkce: Pkce::Verified,
        scope: "openid read:appointments offline_access",
        offline: Offline::Scope("offline_access"),
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","refresh_token":"$REFRESH","scope":"openid read:appointments offline_access","expires_in":86400,"token_type":"Bearer"}"#,
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
        identity: Some(Told {
            iss: "https://tenant.eu.auth0.com/",
            sub: "auth0|5f7c8ec7c33c6c004bbafe82",
            claims: r#"{"name":"Jane Doe","updated_at":"2026-11-20T08:57:12.000Z"}"#,
            userinfo: r#"{"name":"Jane Doe","email":"janedoe@exampleco.com","email_verified":true,"updated_at":"2026-11-20T08:57:12.000Z"}"#,
            ..TOLD
        }),
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
            (
                Endpoint::Jwks,
                "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_EXAMPLE/.well-known/jwks.json",
            ),
            (Endpoint::Userinfo, "https://demo.auth.eu-west-1.amazoncognito.com/oauth2/userInfo"),
        ],
        pkce: Pkce::Verified,
        scope: "openid email profile",
        rotation: Renewed::Kept,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","refresh_token":"$REFRESH","token_type":"Bearer","expires_in":3600}"#,
        ),
        identity: Some(Told {
            iss: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_EXAMPLE",
            sub: "973db890-092c-49e4-a9d0-912a4c0a20c7",
            claims: r#"{"token_use":"id","cognito:username":"bob","email":"bob@example.com"}"#,
            userinfo: r#"{"email_verified":"true","given_name":"Bob","email":"bob@example.com","username":"bob"}"#,
            ..TOLD
        }),
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
            (
                Endpoint::Jwks,
                "https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/discovery/v2.0/keys",
            ),
            (Endpoint::Userinfo, "https://graph.microsoft.com/oidc/userinfo"),
        ],
        pkce: Pkce::Verified,
        scope: "openid https://graph.microsoft.com/mail.read offline_access",
        offline: Offline::Scope("offline_access"),
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","token_type":"Bearer","expires_in":3599,"scope":"openid https://graph.microsoft.com/mail.read","refresh_token":"$REFRESH"}"#,
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
        identity: Some(Told {
            iss: "https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/v2.0",
            sub: "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
            claims: r#"{"ver":"2.0","tid":"aaaabbbb-0000-cccc-1111-dddd2222eeee","oid":"00000000-0000-0000-66f3-3332eca7ea81","preferred_username":"abeli@example.com","name":"Abe Lincoln"}"#,
            userinfo: r#"{"family_name":"Lincoln","given_name":"Abe","name":"Abe Lincoln","email":"abeli@example.com","picture":"https://graph.microsoft.com/v1.0/me/photo/$value"}"#,
            key_issuer: Some("https://login.microsoftonline.com/{tenantid}/v2.0"),
            ..TOLD
        }),
        naming: &[
            (
                "https://login.microsoftonline.com/common/v2.0",
                "https://login.microsoftonline.com/{tenantid}/v2.0",
            ),
            (
                "https://login.microsoftonline.com/organizations/v2.0",
                "https://login.microsoftonline.com/{tenantid}/v2.0",
            ),
        ],
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
        name: "keycloak",
        issuer: Some("https://keycloak.example/realms/demo"),
        endpoints: &[
            (Endpoint::Authorization, "https://keycloak.example/realms/demo/protocol/openid-connect/auth"),
            (Endpoint::Revocation, "https://keycloak.example/realms/demo/protocol/openid-connect/revoke"),
            (Endpoint::Token, "https://keycloak.example/realms/demo/protocol/openid-connect/token"),
            (Endpoint::Jwks, "https://keycloak.example/realms/demo/protocol/openid-connect/certs"),
            (Endpoint::Userinfo, "https://keycloak.example/realms/demo/protocol/openid-connect/userinfo"),
        ],
        pkce: Pkce::Verified,
        scope: "openid profile email",
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","expires_in":300,"refresh_expires_in":1800,"refresh_token":"$REFRESH","token_type":"Bearer","not-before-policy":0,"session_state":"3b6b9b0a-1b0d-4f6b-8d0b-5f1f7c0c0a55","scope":"openid profile email"}"#,
        ),
        dead: Said(400, JSON, r#"{"error":"invalid_grant","error_description":"Token is not active"}"#),
        used: Said(400, JSON, r#"{"error":"invalid_grant","error_description":"Code not valid"}"#),
        identity: Some(Told {
            iss: "https://keycloak.example/realms/demo",
            sub: "f3fa1bd0-8e1c-4d5c-a3a8-6d0b6d9a2f3e",
            claims: r#"{"typ":"ID","sid":"3b6b9b0a-1b0d-4f6b-8d0b-5f1f7c0c0a55","acr":"1","email_verified":true,"preferred_username":"alice","email":"alice@example.com"}"#,
            userinfo: r#"{"email_verified":true,"preferred_username":"alice","email":"alice@example.com"}"#,
            ..TOLD
        }),
        api: "https://keycloak.example/realms/demo/protocol/openid-connect/userinfo",
        source: "https://www.keycloak.org/securing-apps/oidc-layers",
        ..USUAL
    },
    Persona {
        name: "okta",
        issuer: Some("https://demo.okta.com/oauth2/default"),
        endpoints: &[
            (Endpoint::Authorization, "https://demo.okta.com/oauth2/default/v1/authorize"),
            (Endpoint::Revocation, "https://demo.okta.com/oauth2/default/v1/revoke"),
            (Endpoint::Token, "https://demo.okta.com/oauth2/default/v1/token"),
            (Endpoint::Jwks, "https://demo.okta.com/oauth2/default/v1/keys"),
            (Endpoint::Userinfo, "https://demo.okta.com/oauth2/default/v1/userinfo"),
        ],
        pkce: Pkce::Verified,
        scope: "openid profile offline_access",
        offline: Offline::Scope("offline_access"),
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","token_type":"Bearer","expires_in":3600,"scope":"openid profile offline_access","refresh_token":"$REFRESH"}"#,
        ),
        dead: Said(
            400,
            JSON,
            r#"{"error":"invalid_grant","error_description":"The refresh token is invalid or expired."}"#,
        ),
        denial: Denial::Said(
            "error=access_denied&error_description=User is not assigned to the client application.",
        ),
        identity: Some(Told {
            iss: "https://demo.okta.com/oauth2/default",
            sub: "00uid4BxXw6I6TV4m0g3",
            claims: r#"{"ver":1,"amr":["pwd"],"idp":"00ok1u7AsAkrwdZL3z0g3","auth_time":1600000000,"preferred_username":"john.doe@example.com"}"#,
            userinfo: r#"{"name":"John Doe","preferred_username":"john.doe@example.com","updated_at":1311280970}"#,
            ..TOLD
        }),
        api: "https://demo.okta.com/oauth2/default/v1/userinfo",
        source: "https://developer.okta.com/docs/guides/refresh-tokens/main/",
        ..USUAL
    },
];
