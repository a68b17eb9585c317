//! Where documents, meetings and files are.

use crate::persona::kind::{Denial, JSON, Offline, Persona, Pkce, Renewed, Revoked, Said, Shows, USUAL};

pub(super) const ALL: &[Persona] = &[
    Persona {
        name: "box",
        client: Shows::Body,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","expires_in":3600,"restricted_to":[],"refresh_token":"$REFRESH","token_type":"bearer"}"#,
        ),
        dead: Said(400, JSON, r#"{"error":"invalid_grant","error_description":"Refresh token has expired"}"#),
        used: Said(
            400,
            JSON,
            r#"{"error":"invalid_grant","error_description":"The authorization code has expired"}"#,
        ),
        denial: Denial::Said(
            "error=access_denied&error_description=The user denied access to your application",
        ),
        api: "https://api.box.com/2.0/users/me",
        source: "https://developer.box.com/reference/post-oauth2-token/",
        ..USUAL
    },
    Persona {
        name: "calendly",
        client: Shows::Basic,
        at_revocation: Some(Shows::Body),
        pkce: Pkce::Verified,
        scope: "users:read",
        tokens: Said(
            200,
            JSON,
            r#"{"token_type":"Bearer","expires_in":7200,"created_at":1548689183,"refresh_token":"$REFRESH","access_token":"$ACCESS","scope":"users:read","owner":"https://api.calendly.com/users/EBHAAFHDCAEQTSEZ","organization":"https://api.calendly.com/organizations/EBHAAFHDCAEQTSEZ"}"#,
        ),
        dead: Said(
            400,
            JSON,
            r#"{"error":"invalid_grant","error_description":"The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client."}"#,
        ),
        api: "https://api.calendly.com/users/me",
        source: "https://developer.calendly.com/api-docs/calendly-o-auth/o-auth/post-oauth-refresh-token",
        ..USUAL
    },
    Persona {
        name: "canva",
        pkce: Pkce::Required,
        scope: "asset:read design:meta:read",
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","refresh_token":"$REFRESH","token_type":"Bearer","expires_in":14400,"scope":"asset:read design:meta:read"}"#,
        ),
        api: "https://api.canva.com/rest/v1/users/me",
        source: "https://www.canva.dev/docs/connect/authentication/",
        ..USUAL
    },
    Persona {
        name: "docusign",
        pkce: Pkce::Verified,
        scope: "signature extended",
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","token_type":"Bearer","refresh_token":"$REFRESH","expires_in":28800,"scope":"signature extended"}"#,
        ),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://developers.docusign.com/platform/auth/authcode",
        ),
        api: "https://account.docusign.com/oauth/userinfo",
        source: "https://developers.docusign.com/platform/auth/authcode/public-authcode-get-token",
        ..USUAL
    },
    Persona {
        name: "dropbox",
        pkce: Pkce::Verified,
        scope: "account_info.read files.content.read",
        offline: Offline::Parameter("token_access_type", "offline"),
        rotation: Renewed::Kept,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"sl.$ACCESS","expires_in":14400,"token_type":"bearer","scope":"account_info.read files.content.read","refresh_token":"$REFRESH","account_id":"dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc","uid":"12345"}"#,
        ),
        dead: Said(
            400,
            JSON,
            r#"{"error":"invalid_grant","error_description":"refresh token is invalid or revoked"}"#,
        ),
        revocation: Revoked::Otherwise(
            "a token is ended over the API",
            "https://www.dropbox.com/developers/documentation/http/documentation#auth-token-revoke",
        ),
        api: "https://api.dropboxapi.com/2/users/get_current_account",
        refusal: Said(
            401,
            JSON,
            r#"{"error_summary":"expired_access_token/","error":{".tag":"expired_access_token"}}"#,
        ),
        source: "https://developers.dropbox.com/oauth-guide",
        ..USUAL
    },
    Persona {
        name: "typeform",
        client: Shows::Body,
        scope: "accounts:read offline",
        offline: Offline::Scope("offline"),
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","expires_in":604800,"refresh_token":"$REFRESH","token_type":"bearer"}"#,
        ),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://www.typeform.com/developers/get-started/applications/",
        ),
        api: "https://api.typeform.com/me",
        source: "https://www.typeform.com/developers/get-started/applications/",
        ..USUAL
    },
    Persona {
        name: "webex",
        pkce: Pkce::Verified,
        scope: "spark:people_read spark:kms",
        rotation: Renewed::Same,
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","expires_in":1209599,"refresh_token":"$REFRESH","refresh_token_expires_in":7775999}"#,
        ),
        denial: Denial::Said("error=access_denied"),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://developer.webex.com/docs/integrations",
        ),
        api: "https://webexapis.com/v1/people/me",
        source: "https://developer.webex.com/docs/integrations",
        ..USUAL
    },
    Persona {
        name: "zoom",
        client: Shows::Basic,
        pkce: Pkce::Verified,
        scope: "user:read:user meeting:read:meeting",
        tokens: Said(
            200,
            JSON,
            r#"{"access_token":"$ACCESS","token_type":"bearer","refresh_token":"$REFRESH","expires_in":3599,"scope":"user:read:user meeting:read:meeting","api_url":"https://api.zoom.us"}"#,
        ),
        dead: Said(400, JSON, r#"{"reason":"Invalid Token!","error":"invalid_grant"}"#),
        api: "https://api.zoom.us/v2/users/me",
        refusal: Said(401, JSON, r#"{"code":124,"message":"Access token is expired."}"#),
        source: "https://developers.zoom.us/docs/integrations/oauth/",
        ..USUAL
    },
];
