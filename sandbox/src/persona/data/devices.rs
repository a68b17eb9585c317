//! Who lets devices in, by RFC 8628 or nearly so.

use crate::persona::devices::{Devices, STANDARD, Secret};
use crate::persona::kind::{JSON, Persona, Said};

const ALL: &[Devices] = &[
    Devices {
        name: "discord",
        begun: Said(
            200,
            JSON,
            r#"{"device_code":"$DEVICE","user_code":"$USER","verification_uri":"https://discord.com/activate","verification_uri_complete":"https://discord.com/activate?user_code=$USER","expires_in":300,"interval":5}"#,
        ),
        source: "https://discord.com/developers/docs/discord-social-sdk/development-guides/account-linking-on-consoles",
        ..STANDARD
    },
    Devices {
        name: "entra",
        endpoint: Some(
            "https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/oauth2/v2.0/devicecode",
        ),
        begun: Said(
            200,
            JSON,
            r#"{"user_code":"$USER","device_code":"$DEVICE","verification_uri":"https://microsoft.com/devicelogin","expires_in":900,"interval":5,"message":"To sign in, use a web browser to open the page https://microsoft.com/devicelogin and enter the code $USER to authenticate."}"#,
        ),
        pending: Said(
            400,
            JSON,
            r#"{"error":"authorization_pending","error_description":"AADSTS70016: The provided request has not yet been authorized by the user. The user must input their code.","error_codes":[70016]}"#,
        ),
        denied: Said(400, JSON, r#"{"error":"authorization_declined"}"#),
        spent: Said(400, JSON, r#"{"error":"bad_verification_code"}"#),
        source: "https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-device-code",
        ..STANDARD
    },
    // Errors have status 200.
    Devices {
        name: "github",
        begun: Said(
            200,
            JSON,
            r#"{"device_code":"$DEVICE","user_code":"$USER","verification_uri":"https://github.com/login/device","expires_in":900,"interval":5}"#,
        ),
        pending: Said(
            200,
            JSON,
            r#"{"error":"authorization_pending","error_description":"The authorization request is still pending."}"#,
        ),
        denied: Said(
            200,
            JSON,
            r#"{"error":"access_denied","error_description":"The authorization request was denied."}"#,
        ),
        spent: Said(
            200,
            JSON,
            r#"{"error":"incorrect_device_code","error_description":"The device_code provided is not valid."}"#,
        ),
        source: "https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps",
        ..STANDARD
    },
    Devices {
        name: "gitlab",
        endpoint: Some("https://gitlab.com/oauth/authorize_device"),
        begun: Said(
            200,
            JSON,
            r#"{"device_code":"$DEVICE","user_code":"$USER","verification_uri":"https://gitlab.com/oauth/device","verification_uri_complete":"https://gitlab.com/oauth/device?user_code=$USER","expires_in":300,"interval":5}"#,
        ),
        source: "https://docs.gitlab.com/api/oauth2/",
        ..STANDARD
    },
    Devices {
        name: "google",
        endpoint: Some("https://oauth2.googleapis.com/device/code"),
        secret: Secret::WhenPolling,
        begun: Said(
            200,
            JSON,
            r#"{"device_code":"$DEVICE","user_code":"$USER","verification_url":"https://www.google.com/device","expires_in":1800,"interval":5}"#,
        ),
        pending: Said(
            428,
            JSON,
            r#"{"error":"authorization_pending","error_description":"Precondition Required"}"#,
        ),
        denied: Said(403, JSON, r#"{"error":"access_denied","error_description":"Forbidden"}"#),
        source: "https://developers.google.com/identity/protocols/oauth2/limited-input-device",
        ..STANDARD
    },
    // A person's no is not told: the code is good for nothing then.
    Devices {
        name: "twitch",
        scope_in: "scopes",
        begun: Said(
            200,
            JSON,
            r#"{"device_code":"$DEVICE","expires_in":1800,"interval":5,"user_code":"$USER","verification_uri":"https://www.twitch.tv/activate?device-code=$USER"}"#,
        ),
        pending: Said(400, JSON, r#"{"status":400,"message":"authorization_pending"}"#),
        denied: Said(400, JSON, r#"{"status":400,"message":"invalid device code"}"#),
        spent: Said(400, JSON, r#"{"status":400,"message":"invalid device code"}"#),
        source: "https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/",
        ..STANDARD
    },
    Devices {
        name: "zoom",
        secret: Secret::Always,
        begun: Said(
            200,
            JSON,
            r#"{"device_code":"$DEVICE","user_code":"$USER","verification_uri":"https://zoom.us/oauth_device","verification_uri_complete":"https://zoom.us/oauth/device/complete/$USER","expires_in":900,"interval":5}"#,
        ),
        source: "https://developers.zoom.us/docs/integrations/oauth/",
        ..STANDARD
    },
];

impl Persona {
    pub(crate) fn devices(&self) -> Option<&'static Devices> {
        ALL.iter().find(|devices| devices.name == self.name)
    }
}
