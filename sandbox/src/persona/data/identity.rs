//! Who tells who people are.

use valetkey_core::server::Endpoint;

use crate::persona::kind::{
    Denial, JSON, Offline, Persona, Pkce, Renewed, Revoked, Said, Shows, TOLD, Told, USUAL,
};

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
        name: "apple",
        issuer: Some("https://appleid.apple.com"),
        endpoints: &[
            (Endpoint::Authorization, "https://appleid.apple.com/auth/authorize"),
            (Endpoint::Revocation, "https://appleid.apple.com/auth/revoke"),
            (Endpoint::Token, "https://appleid.apple.com/auth/token"),
            (Endpoint::Jwks, "https://appleid.apple.com/auth/keys"),
        ],
        client: Shows::Written("DEF123GHIJ", "https://appleid.apple.com"),
        scope: "openid",
        rotation: Renewed::Kept,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","token_type":"Bearer","expires_in":3600,"refresh_token":"$REFRESH"}"#,
        ),
        denial: Denial::Said("error=user_cancelled_authorize"),
        identity: Some(Told {
            iss: "https://appleid.apple.com",
            sub: "001234.0123456789abcdef0123456789abcdef.1234",
            claims: r#"{"nonce_supported":true,"email":"dpdcnf87nu@privaterelay.appleid.com","email_verified":"true","is_private_email":"true"}"#,
            user: Some(
                r#"{"name":{"firstName":"Jane","lastName":"Doe"},"email":"dpdcnf87nu@privaterelay.appleid.com"}"#,
            ),
            ..TOLD
        }),
        form_post_for: &["name", "email"],
        api: "https://api.apple.example/anything",
        source: "https://developer.apple.com/documentation/signinwithapplerestapi/generate-and-validate-tokens",
        ..USUAL
    },
    Persona {
        name: "google",
        issuer: Some("https://accounts.google.com"),
        endpoints: &[
            (Endpoint::Authorization, "https://accounts.google.com/o/oauth2/v2/auth"),
            (Endpoint::Revocation, "https://oauth2.googleapis.com/revoke"),
            (Endpoint::Token, "https://oauth2.googleapis.com/token"),
            (Endpoint::Jwks, "https://www.googleapis.com/oauth2/v3/certs"),
            (Endpoint::Userinfo, "https://openidconnect.googleapis.com/v1/userinfo"),
        ],
        pkce: Pkce::Verified,
        scope: "openid https://www.googleapis.com/auth/drive.metadata.readonly https://www.googleapis.com/auth/calendar.readonly",
        offline: Offline::Parameter("access_type", "offline"),
        rotation: Renewed::Kept,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","expires_in":3920,"token_type":"Bearer","scope":"openid https://www.googleapis.com/auth/drive.metadata.readonly https://www.googleapis.com/auth/calendar.readonly","refresh_token":"$REFRESH"}"#,
        ),
        dead: Said(
            400,
            JSON,
            r#"{"error":"invalid_grant","error_description":"Token has been expired or revoked."}"#,
        ),
        identity: Some(Told {
            iss: "accounts.google.com",
            sub: "110169484474386276334",
            claims: r#"{"hd":"example.com","email":"jsmith@example.com","email_verified":true,"name":"Jane Smith","picture":"https://lh3.googleusercontent.com/a/EXAMPLE"}"#,
            userinfo: r#"{"hd":"example.com","email":"jsmith@example.com","email_verified":true,"name":"Jane Smith","given_name":"Jane","family_name":"Smith"}"#,
            ..TOLD
        }),
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
            (Endpoint::Jwks, "https://kauth.kakao.com/.well-known/jwks.json"),
            (Endpoint::Userinfo, "https://kapi.kakao.com/v1/oidc/userinfo"),
        ],
        client: Shows::Body,
        has_commas: true,
        pkce: Pkce::Verified,
        scope: "openid account_email profile_nickname",
        rotation: Renewed::Kept,
        tokens: Said(
            200,
            JSON,
            r#"{"token_type":"bearer","access_token":"$ACCESS","expires_in":43199,"refresh_token":"$REFRESH","refresh_token_expires_in":5184000,"scope":"openid account_email profile_nickname"}"#,
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
        identity: Some(Told {
            iss: "https://kauth.kakao.com",
            sub: "166959",
            claims: r#"{"auth_time":1647183250,"nickname":"JordyTest","email":"jordy@example.com"}"#,
            userinfo: r#"{"name":"JordyTest","nickname":"JordyTest","email":"jordy@example.com","email_verified":true}"#,
            ..TOLD
        }),
        api: "https://kapi.kakao.com/v2/user/me",
        refusal: Said(401, JSON, r#"{"msg":"this access token does not exist","code":-401}"#),
        source: "https://developers.kakao.com/docs/latest/en/kakaologin/rest-api",
        ..USUAL
    },
    Persona {
        name: "line",
        client: Shows::Body,
        pkce: Pkce::Verified,
        scope: "openid profile",
        rotation: Renewed::Same,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","expires_in":2592000,"refresh_token":"$REFRESH","scope":"openid profile","token_type":"Bearer"}"#,
        ),
        dead: Said(400, JSON, r#"{"error":"invalid_grant","error_description":"invalid refresh token"}"#),
        denial: Denial::Said("error=access_denied&error_description=The resource owner denied the request."),
        revocation: Revoked::Otherwise(
            "the request calls the token `access_token`",
            "https://developers.line.biz/en/reference/line-login/#revoke-access-token",
        ),
        identity: Some(Told {
            iss: "https://access.line.me",
            sub: "U1234567890abcdef1234567890abcdef",
            claims: r#"{"amr":["pwd"],"name":"Taro Line","picture":"https://sample_line.me/aBcdefg123456"}"#,
            userinfo: r#"{"name":"Taro Line","picture":"https://sample_line.me/aBcdefg123456"}"#,
            is_by_secret: true,
            ..TOLD
        }),
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
        name: "yahoo",
        issuer: Some("https://api.login.yahoo.com"),
        endpoints: &[
            (Endpoint::Authorization, "https://api.login.yahoo.com/oauth2/request_auth"),
            (Endpoint::Token, "https://api.login.yahoo.com/oauth2/get_token"),
            (Endpoint::Jwks, "https://api.login.yahoo.com/openid/v1/certs"),
            (Endpoint::Userinfo, "https://api.login.yahoo.com/openid/v1/userinfo"),
        ],
        pkce: Pkce::Verified,
        scope: "openid",
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
        identity: Some(Told {
            iss: "https://api.login.yahoo.com",
            sub: "JT4FACLQZI2OCE",
            claims: r#"{"email":"yahoo@example.com","email_verified":true}"#,
            userinfo: r#"{"name":"Yahoo Name","email":"yahoo@example.com","email_verified":true}"#,
            ..TOLD
        }),
        api: "https://api.login.yahoo.com/openid/v1/userinfo",
        source: "https://developer.yahoo.com/oauth2/guide/flows_authcode/",
        ..USUAL
    },
];
