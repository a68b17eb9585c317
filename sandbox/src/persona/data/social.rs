//! Where people talk.

use crate::persona::kind::{
    Denial, JSON, Offline, Persona, Pkce, Renewed, Revoked, Said, Shows, TOLD, Told, USUAL,
};

const TIKTOK_VERIFIER: Said = Said(
    400,
    JSON,
    r#"{"error":"invalid_request","error_description":"Code verifier or code challenge is invalid.","log_id":"202206221854370101130062072500FFA2"}"#,
);

/// What its two kinds of application have alike.
const TIKTOK: Persona = Persona {
    name: "tiktok",
    client: Shows::Body,
    id_in: "client_key",
    pkce: Pkce::Refused(TIKTOK_VERIFIER),
    has_commas: true,
    scope: "user.info.basic video.list",
    tokens: Said(
        200,
        JSON,
        r#"{"access_token":"$ACCESS","expires_in":86400,"open_id":"afd97af1-b87b-48b9-ac98-410aghda5344","refresh_expires_in":31536000,"refresh_token":"$REFRESH","scope":"user.info.basic,video.list","token_type":"Bearer"}"#,
    ),
    dead: Said(
        400,
        JSON,
        r#"{"error":"invalid_grant","error_description":"Refresh token is invalid or expired.","log_id":"202206221854370101130062072500FFA2"}"#,
    ),
    api: "https://open.tiktokapis.com/v2/user/info/",
    refusal: Said(
        401,
        JSON,
        r#"{"error":{"code":"access_token_invalid","message":"The access token is invalid or not found in the request.","log_id":"202206221854370101130062072500FFA2"}}"#,
    ),
    source: "https://developers.tiktok.com/doc/oauth-user-access-token-management",
    ..USUAL
};

pub(super) const ALL: &[Persona] = &[
    Persona {
        name: "facebook",
        client: Shows::Body,
        has_commas: true,
        pkce: Pkce::Refused(Said(
            400,
            JSON,
            r#"{"error":{"message":"code_verifier param is provided without a code_challenge in authorization request.","type":"OAuthException","code":1}}"#,
        )),
        scope: "public_profile email",
        offline: Offline::Never(
            "a token is exchanged for one that lasts, by a grant of its own",
            "https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived",
        ),
        tokens: Said(200, JSON, r#"{"access_token":"$ACCESS","token_type":"bearer","expires_in":5183944}"#),
        used: Said(
            400,
            JSON,
            r#"{"error":{"message":"This authorization code has been used.","type":"OAuthException","code":100,"fbtrace_id":"A"}}"#,
        ),
        denial: Denial::Said(
            "error_reason=user_denied&error=access_denied&error_description=Permissions error.",
        ),
        revocation: Revoked::Otherwise(
            "a person's permissions are deleted over the API",
            "https://developers.facebook.com/docs/facebook-login/guides/permissions/request-revoke",
        ),
        api: "https://graph.facebook.com/v26.0/me",
        refusal: Said(
            400,
            JSON,
            r#"{"error":{"message":"Error validating access token: Session has expired.","type":"OAuthException","code":190,"fbtrace_id":"A"}}"#,
        ),
        source: "https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow",
        ..USUAL
    },
    Persona {
        name: "instagram",
        client: Shows::Body,
        has_commas: true,
        scope: "instagram_business_basic instagram_business_content_publish",
        offline: Offline::Never(
            "a token is made to last over the API",
            "https://developers.facebook.com/documentation/instagram-platform/instagram-api-with-instagram-login/business-login",
        ),
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","user_id":1020,"permissions":["instagram_business_basic","instagram_business_content_publish"]}"#,
        ),
        used: Said(
            400,
            JSON,
            r#"{"error_type":"OAuthException","code":400,"error_message":"This authorization code has been used"}"#,
        ),
        denial: Denial::Said(
            "error=access_denied&error_reason=user_denied&error_description=The user denied your request",
        ),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://developers.facebook.com/documentation/instagram-platform/instagram-api-with-instagram-login/business-login",
        ),
        api: "https://graph.instagram.com/me",
        refusal: Said(
            401,
            JSON,
            r#"{"error":{"message":"Invalid OAuth access token","type":"OAuthException","code":190}}"#,
        ),
        source: "https://developers.facebook.com/documentation/instagram-platform/instagram-api-with-instagram-login/business-login",
        ..USUAL
    },
    Persona {
        name: "linkedin",
        client: Shows::Body,
        scope: "openid r_basicprofile w_member_social",
        rotation: Renewed::Same,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","expires_in":5184000,"refresh_token":"$REFRESH","refresh_token_expires_in":31536000,"scope":"openid,r_basicprofile,w_member_social"}"#,
        ),
        denial: Denial::Said(
            "error=user_cancelled_authorize&error_description=The user cancelled the authorization",
        ),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow",
        ),
        identity: Some(Told {
            iss: "https://www.linkedin.com/oauth",
            sub: "782bbtaQ",
            claims: r#"{"name":"John Doe","locale":"en-US","email":"doe@email.com","email_verified":"true"}"#,
            userinfo: r#"{"name":"John Doe","given_name":"John","family_name":"Doe","locale":"en-US","email":"doe@email.com","email_verified":true}"#,
            has_nonce: false,
            ..TOLD
        }),
        api: "https://api.linkedin.com/v2/me",
        source: "https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens",
        ..USUAL
    },
    Persona {
        name: "pinterest",
        client: Shows::Basic,
        has_commas: true,
        scope: "boards:read pins:read",
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","refresh_token":"$REFRESH","response_type":"authorization_code","token_type":"bearer","expires_in":2592000,"refresh_token_expires_in":5184000,"scope":"boards:read pins:read"}"#,
        ),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://developers.pinterest.com/docs/getting-started/set-up-authentication-and-authorization/",
        ),
        api: "https://api.pinterest.com/v5/user_account",
        source: "https://developers.pinterest.com/docs/getting-started/set-up-authentication-and-authorization/",
        ..USUAL
    },
    Persona {
        name: "snapchat",
        client: Shows::Body,
        scope: "snapchat-marketing-api",
        rotation: Renewed::Same,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","token_type":"Bearer","expires_in":3600,"refresh_token":"$REFRESH","scope":"snapchat-marketing-api"}"#,
        ),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://developers.snap.com/api/marketing-api/Ads-API/authentication",
        ),
        api: "https://adsapi.snapchat.com/v1/me",
        source: "https://developers.snap.com/api/marketing-api/Ads-API/authentication",
        ..USUAL
    },
    Persona {
        name: "threads",
        client: Shows::Body,
        has_commas: true,
        scope: "threads_basic threads_content_publish",
        offline: Offline::Never(
            "a token is made to last over the API",
            "https://developers.facebook.com/docs/threads/get-started/long-lived-tokens",
        ),
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","token_type":"bearer","user_id":17841405793187218}"#,
        ),
        denial: Denial::Said(
            "error=access_denied&error_reason=user_denied&error_description=The user denied your request",
        ),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://developers.facebook.com/documentation/threads/get-started/get-access-tokens-and-permissions",
        ),
        api: "https://graph.threads.com/v1.0/me",
        source: "https://developers.facebook.com/documentation/threads/get-started/get-access-tokens-and-permissions",
        ..USUAL
    },
    TIKTOK,
    Persona {
        name: "tiktok-desktop",
        pkce: Pkce::Hex(TIKTOK_VERIFIER),
        source: "https://developers.tiktok.com/doc/login-kit-desktop",
        ..TIKTOK
    },
    Persona {
        name: "x",
        client: Shows::Basic,
        pkce: Pkce::Required,
        scope: "tweet.read users.read offline.access",
        offline: Offline::Scope("offline.access"),
        tokens: Said(
            200,
            JSON,
            r#"{"token_type":"bearer","expires_in":7200,"access_token":"$ACCESS","scope":"tweet.read users.read offline.access","refresh_token":"$REFRESH"}"#,
        ),
        dead: Said(
            400,
            JSON,
            r#"{"error":"invalid_request","error_description":"Value passed for the token was invalid."}"#,
        ),
        used: Said(
            400,
            JSON,
            r#"{"error":"invalid_request","error_description":"Value passed for the authorization code was invalid."}"#,
        ),
        api: "https://api.x.com/2/users/me",
        source: "https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code",
        ..USUAL
    },
];
