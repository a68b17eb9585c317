//! What people sell and pay with.

use crate::persona::{JSON, Persona, Renewed, Revoked, Said, Shows, USUAL};

pub(super) const ALL: &[Persona] = &[
    Persona {
        name: "hubspot",
        client: Shows::Body,
        scope: "crm.objects.contacts.read oauth",
        rotation: Renewed::Same,
        tokens: Said(
            200,
            JSON,
            r#"{"token_type":"bearer","refresh_token":"$REFRESH","access_token":"$ACCESS","expires_in":1800}"#,
        ),
        dead: Said(
            400,
            JSON,
            r#"{"status":"BAD_REFRESH_TOKEN","message":"missing or invalid refresh token","correlationId":"4"}"#,
        ),
        revocation: Revoked::Otherwise(
            "a refresh token is deleted over the API",
            "https://developers.hubspot.com/docs/api-reference/auth-oauth-v3/guide",
        ),
        api: "https://api.hubapi.com/crm/v3/objects/contacts",
        refusal: Said(
            401,
            JSON,
            r#"{"status":"error","message":"The OAuth token used to make this call expired.","category":"EXPIRED_AUTHENTICATION"}"#,
        ),
        source: "https://developers.hubspot.com/docs/api-reference/auth-oauth-v3/guide",
        ..USUAL
    },
];
