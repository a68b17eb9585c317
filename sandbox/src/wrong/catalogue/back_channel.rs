//! The catalogue's rows about what is asked before a person decides: pushed requests, and devices.

/// Hands these rows to the next macro, after those that it is given.
macro_rules! back_channel_rows {
    ([$next:ident $($after:ident)*] $($rows:tt)*) => {
        $next! {
            [$($after)*]
            $($rows)*
            PushedAuthorization Later {
                PushedOk "pushed-200" Status(200), "A pushed request is taken with status 200.";
                RequestUriMissing "request-uri-missing" NoMember("request_uri"), "The pushed request gets no `request_uri`.";
                RequestUriEmpty "request-uri-empty" Member("request_uri", "\"\""), "The `request_uri` is empty.";
                RequestUriNumber "request-uri-number" Member("request_uri", "5"), "The `request_uri` is a number.";
                PushedExpiryMissing "pushed-expiry-missing" NoMember("expires_in"), "The pushed request gets no `expires_in`.";
                PushedExpiryZero "pushed-expiry-zero" Member("expires_in", "0"), "The pushed request's `expires_in` is 0.";
                PushedExpiryNegative "pushed-expiry-negative" Member("expires_in", "-1"), "The pushed request's `expires_in` is -1.";
                PushedExpiryU64Max "pushed-expiry-u64-max" Member("expires_in", "18446744073709551615"), "The pushed request's `expires_in` is the largest 64-bit number.";
                PushedExpiryInfinite "pushed-expiry-infinite" Member("expires_in", "1e400"), "The pushed request's `expires_in` is 1e400.";
                PushedExpiryTrue "pushed-expiry-true" Member("expires_in", "true"), "The pushed request's `expires_in` is true.";
                PushedExpiryGarbled "pushed-expiry-garbled" Member("expires_in", "\"12abc\""), "The pushed request's `expires_in` is `12abc`.";
                PushedExpiryArray "pushed-expiry-array" Member("expires_in", "[1]"), "The pushed request's `expires_in` is an array.";
                PushedTooLarge "pushed-413" Instead(413, "text/html", "<!DOCTYPE html><h1>Too large</h1>"),
                    "The pushed request is too large, in HTML.";
                PushedTooMany "pushed-429" Bare(429, "retry-after", "7"), "429 with a `Retry-After`.";
                PushedRedirect "pushed-redirect" Bare(307, "location", "https://attacker.example/par"),
                    "A redirect that asks for the request to be pushed elsewhere.";
            }
            DeviceAuthorization Later {
                DeviceCodeMissing "device-code-missing" NoMember("device_code"), "The device gets no `device_code`.";
                DeviceCodeNumber "device-code-number" Member("device_code", "5"), "The `device_code` is a number.";
                UserCodeMissing "user-code-missing" NoMember("user_code"), "The device gets no `user_code`.";
                UserCodeEmpty "user-code-empty" Member("user_code", "\"\""), "The user code is empty.";
                UserCodeEscapes "user-code-escapes" Member("user_code", r#""\u001b[2JWDJB\u0007-\u202eMJHT""#), "The user code would control a terminal.";
                VerificationUriMissing "verification-uri-missing" NoMember("verification_uri"), "The device gets no `verification_uri`.";
                VerificationUrl "verification-url" Members(document::verification_url), "The `verification_uri` is called `verification_url`.";
                VerificationUriScript "verification-uri-script" Member("verification_uri", "\"javascript:alert(1)\""), "The `verification_uri` is a script.";
                VerificationUriEscapes "verification-uri-escapes" Member("verification_uri", r#""https://as.example/\u001b[2J""#), "The `verification_uri` would control a terminal.";
                VerificationUriOther "verification-uri-other" Member("verification_uri_complete", "\"https://attacker.example/device\""), "The `verification_uri_complete` is on another host.";
                DeviceExpiryMissing "device-expiry-missing" NoMember("expires_in"), "The device gets no `expires_in`.";
                DeviceExpiryZero "device-expiry-zero" Member("expires_in", "0"), "The device code's `expires_in` is 0.";
                DeviceExpiryNegative "device-expiry-negative" Member("expires_in", "-1"), "The device code's `expires_in` is -1.";
                DeviceExpiryU64Max "device-expiry-u64-max" Member("expires_in", "18446744073709551615"), "The device code's `expires_in` is the largest 64-bit number.";
                DeviceExpiryInfinite "device-expiry-infinite" Member("expires_in", "1e400"), "The device code's `expires_in` is 1e400.";
                DeviceExpiryTrue "device-expiry-true" Member("expires_in", "true"), "The device code's `expires_in` is true.";
                DeviceExpiryGarbled "device-expiry-garbled" Member("expires_in", "\"12abc\""), "The device code's `expires_in` is `12abc`.";
                DeviceExpiryText "device-expiry-text" Member("expires_in", "\"600\""), "The device code's `expires_in` is the text `600`.";
                DeviceExpiryFraction "device-expiry-fraction" Member("expires_in", "600.5"), "The device code's `expires_in` is 600.5.";
                DeviceExpiryArray "device-expiry-array" Member("expires_in", "[1]"), "The device code's `expires_in` is an array.";
                IntervalMissing "interval-missing" NoMember("interval"), "The device gets no `interval`.";
                IntervalZero "interval-zero" Member("interval", "0"), "`interval` is 0.";
                IntervalNull "interval-null" Member("interval", "null"), "`interval` is null.";
                IntervalNegative "interval-negative" Member("interval", "-5"), "`interval` is -5.";
                IntervalU64Max "interval-u64-max" Member("interval", "18446744073709551615"), "`interval` is the largest 64-bit number.";
                IntervalGarbled "interval-garbled" Member("interval", "\"5x\""), "`interval` is `5x`.";
                IntervalText "interval-text" Member("interval", "\"5\""), "`interval` is the text `5`.";
                IntervalFraction "interval-fraction" Member("interval", "0.5"), "`interval` is 0.5.";
                DeviceRedirect "device-redirect" Bare(307, "location", "https://attacker.example/device"),
                    "A redirect that asks for the device to be authorized elsewhere.";
                DeviceCreated "device-201" Status(201), "A device authorization with status 201.";
            }
        }
    };
}
