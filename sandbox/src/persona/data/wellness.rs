//! What people wear and weigh.

use crate::persona::kind::{JSON, Persona, Revoked, Said, Shows, USUAL};

pub(super) const ALL: &[Persona] = &[
    Persona {
        name: "netatmo",
        client: Shows::Body,
        scope: "read_station read_thermostat",
        tokens: Said(
            200,
            JSON,
            r#"{"scope":["read_station","read_thermostat"],"access_token":"$ACCESS","expires_in":10800,"refresh_token":"$REFRESH"}"#,
        ),
        revocation: Revoked::Otherwise(
            "no endpoint for it is documented",
            "https://dev.netatmo.com/apidocumentation/oauth",
        ),
        api: "https://api.netatmo.com/api/getstationsdata",
        refusal: Said(403, JSON, r#"{"error":{"code":3,"message":"Access token expired"}}"#),
        source: "https://dev.netatmo.com/apidocumentation/oauth",
        ..USUAL
    },
    Persona {
        name: "strava",
        client: Shows::Body,
        at_revocation: Some(Shows::Basic),
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
        api: "https://www.strava.com/api/v3/athlete",
        refusal: Said(
            401,
            JSON,
            r#"{"message":"Authorization Error","errors":[{"resource":"Athlete","field":"access_token","code":"invalid"}]}"#,
        ),
        source: "https://developers.strava.com/docs/authentication/",
        ..USUAL
    },
    Persona {
        name: "withings",
        client: Shows::Body,
        token_wants: &[("action", "requesttoken")],
        has_commas: true,
        scope: "user.info user.metrics",
        tokens: Said(
            200,
            JSON,
            r#"{"status":0,"body":{"userid":"363","access_token":"$ACCESS","refresh_token":"$REFRESH","scope":"user.info,user.metrics","expires_in":10800,"token_type":"Bearer"}}"#,
        ),
        dead: Said(200, JSON, r#"{"status":503,"body":{},"error":"Invalid Params: invalid refresh_token"}"#),
        used: Said(200, JSON, r#"{"status":503,"body":{},"error":"Invalid Params: invalid code"}"#),
        revocation: Revoked::Otherwise(
            "an authorization is ended by an action of the API, with a signature",
            "https://developer.withings.com/api-reference/#tag/oauth2",
        ),
        api: "https://wbsapi.withings.net/measure",
        source: "https://developer.withings.com/api-reference/#tag/oauth2",
        ..USUAL
    },
];
