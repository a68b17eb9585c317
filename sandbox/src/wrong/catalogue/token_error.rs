//! The catalogue's rows about what the token endpoint answers in place of a token.

/// Hands these rows to the next macro, after those that it is given.
macro_rules! token_error_rows {
    ([$next:ident $($after:ident)*] $($rows:tt)*) => {
        $next! {
            [$($after)*]
            $($rows)*
            Token Classic {
                RedirectFound "redirect-302" Bare(302, "location", "https://attacker.example/token"), "A redirect, 302.";
                RedirectTemporary "redirect-307" Bare(307, "location", "https://attacker.example/token"),
                    "A redirect that asks for the request, body and all, to be sent elsewhere.";
                ErrorWithStatusOk "error-with-200" Instead(200, "application/json", r#"{"error":"invalid_grant"}"#),
                    "An error with status 200.";
                HtmlError "html-error" Instead(400, "text/html", "<!DOCTYPE html><h1>Bad Request</h1>"), "400 with HTML.";
                Unavailable "unavailable-html" Instead(503, "text/html", "<!DOCTYPE html><h1>Back soon</h1>"),
                    "503 with HTML.";
                UnavailableRetryAfter "unavailable-retry-after" Bare(503, "retry-after", "7"),
                    "503 with a `Retry-After` of seven seconds.";
                UnavailableRetryAfterHuge "unavailable-retry-after-huge" Bare(503, "retry-after", "18446744073709551615"),
                    "503 with a `Retry-After` of half a trillion years.";
                TooManyRequests "too-many-requests" Bare(429, "cache-control", "no-store"), "429 without a body.";
                ErrorCodeControlCharacters "error-code-control-characters"
                    Instead(400, "application/json", r#"{"error":"invalid\u001b[31m_grant\r\n"}"#),
                    "An error code with control characters.";
                ErrorCodeHuge "error-code-huge" Error(body::huge_error), "An error code of 5 KiB.";
                ErrorCodeEmpty "error-code-empty" Instead(400, "application/json", r#"{"error":""}"#),
                    "An empty error code.";
                ErrorCodeNumber "error-code-number" Instead(400, "application/json", r#"{"error":5}"#),
                    "An error code that is a number.";
                ErrorNull "error-null" Instead(400, "application/json", r#"{"error":null,"reason":"It is the code."}"#),
                    "An error code that is null.";
                ErrorObject "error-object"
                    Instead(400, "application/json", r#"{"error":{"message":"This authorization code has been used.","type":"OAuthException","code":100}}"#),
                    "An object in the place of the error code.";
                UnavailableErrorObject "unavailable-error-object"
                    Answer(503, &[("content-type", "application/json"), ("retry-after", "7")], r#"{"error":{"code":503,"message":"Back soon."}}"#),
                    "503 with a `Retry-After`, and an object in the place of the error code.";
                RefusedInOtherWords "refused-in-other-words"
                    Instead(400, "application/json", r#"{"status":"BAD_REFRESH_TOKEN","message":"missing or invalid refresh token"}"#),
                    "A dead refresh token, by a member that is not `error`.";
                RefusedWithStatusOk "refused-in-other-words-with-200"
                    Instead(200, "application/json", r#"{"status":401,"body":{}}"#),
                    "A refusal with status 200, by a number.";
                ErrorDescriptionEscapes "error-description-escapes"
                    Instead(400, "application/json", r#"{"error":"invalid_grant","error_description":"\u001b[2J\u001b]0;owned\u0007\u202e"}"#),
                    "An error description that would control a terminal.";
                ErrorDescriptionEcho "error-description-echo" Error(body::echo),
                    "An error description that repeats the request, secrets and all.";
                ErrorUriScript "error-uri-script"
                    Instead(400, "application/json", r#"{"error":"invalid_grant","error_uri":"javascript:alert(1)"}"#),
                    "An `error_uri` that is a script.";
                InvalidGrantAlways "invalid-grant-always" Instead(400, "application/json", r#"{"error":"invalid_grant"}"#),
                    "`invalid_grant`, whatever is asked.";
                DpopNonceAlways "dpop-nonce-always"
                    Instead(400, "application/json", r#"{"error":"use_dpop_nonce"}"#),
                    "A demand for a proof of possession, without the nonce to make it with.";
                ChallengeGarbled "challenge-garbled" Bare(401, "www-authenticate", "Basic realm=\"open, Bearer ,,==,\\"),
                    "401 with a challenge that cannot be read.";
            }
            Token Later {
                DpopNonceRepeats "dpop-nonce-repeats" Answer(400, &[("content-type", "application/json"), ("dpop-nonce", "the-same-as-ever")], r#"{"error":"use_dpop_nonce"}"#),
                    "A demand for a nonce, the same one every time.";
                DpopNonceUnauthorized "dpop-nonce-401" Answer(401, &[("content-type", "application/json"), ("dpop-nonce", "the-same-as-ever")], r#"{"error":"use_dpop_nonce"}"#),
                    "A demand for a nonce with status 401.";
                DpopNonceTwice "dpop-nonce-twice" Answer(400, &[("content-type", "application/json"), ("dpop-nonce", "one"), ("dpop-nonce", "two")], r#"{"error":"use_dpop_nonce"}"#),
                    "A demand for a nonce, and two to choose from.";
                DpopNonceMalformed "dpop-nonce-malformed" Answer(400, &[("content-type", "application/json"), ("dpop-nonce", "a \"b\\ c")], r#"{"error":"use_dpop_nonce"}"#),
                    "A demand for a nonce that has characters it must not have.";
                DpopProofRefused "dpop-proof-refused" Answer(400, &[("content-type", "application/json")], r#"{"error":"invalid_dpop_proof"}"#),
                    "A proof is refused, however good it is.";
                AuthorizationPendingAlways "authorization-pending-always"
                    Instead(400, "application/json", r#"{"error":"authorization_pending"}"#),
                    "Nobody has decided yet, however long the device waits.";
                PendingWithStatusOk "pending-with-200"
                    Instead(200, "application/json", r#"{"error":"authorization_pending"}"#),
                    "Nobody has decided yet, with status 200.";
                RefusedAsInvalidCode "refused-as-invalid-code"
                    Instead(200, "application/json", r#"{"error":"invalid_code"}"#),
                    "A dead refresh token is called `invalid_code`, with status 200.";
                RefusedAsClient "refused-as-client"
                    Instead(403, "application/json", r#"{"error":"unauthorized_client","error_description":"refresh_token is invalid"}"#),
                    "A dead refresh token, and the client is said to be unauthorized.";
                InteractionRequired "interaction-required"
                    Instead(400, "application/json", r#"{"error":"interaction_required","error_description":"AADSTS50076: Use multi-factor authentication."}"#),
                    "The refresh token is good for nothing until the person logs in anew.";
                PendingInOtherWords "pending-in-other-words"
                    Instead(400, "application/json", r#"{"status":400,"message":"authorization_pending"}"#),
                    "Nobody has decided yet, by a member that is not `error`.";
                SlowDownAlways "slow-down-always" Instead(400, "application/json", r#"{"error":"slow_down"}"#),
                    "The device asks too often, however seldom it asks.";
                ExpiredToken "expired-token" Instead(400, "application/json", r#"{"error":"expired_token"}"#),
                    "The device code has expired before its time.";
            }
        }
    };
}
