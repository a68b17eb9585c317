//! What people wear and weigh.

use crate::persona::{JSON, Persona, Revoked, Said, Shows, USUAL};

pub(super) const ALL: &[Persona] = &[
    Persona {
        name: "strava",
        client: Shows::Body,
        has_commas: true,
        scope: "read activity:read_all",
        tokens: Said(
            200,
            JSON,
            r#"{"token_type":"Bearer","expires_at":1568775134,"expires_in":21600,"refresh_token":"$REFRESH","access_token":"$ACCESS","athlete":{"id":227615}}"#,
        ),
        dead: Said(
            400,
            JSON,
            r#"{"message":"Bad Request","errors":[{"resource":"RefreshToken","field":"refresh_token","code":"invalid"}]}"#,
        ),
        revocation: Revoked::Otherwise(
            "an authorization is ended by an endpoint of its own, with the access token",
            "https://developers.strava.com/docs/authentication/",
        ),
        api: "https://www.strava.com/api/v3/athlete",
        refusal: Said(
            401,
            JSON,
            r#"{"message":"Authorization Error","errors":[{"resource":"Athlete","field":"access_token","code":"invalid"}]}"#,
        ),
        source: "https://developers.strava.com/docs/authentication/",
        ..USUAL
    },
];
