//! The catalogue's rows about the API: refusals and their challenges.

/// Hands these rows to the next macro, after those that it is given.
macro_rules! api_rows {
    ([$next:ident $($after:ident)*] $($rows:tt)*) => {
        $next! {
            [$($after)*]
            $($rows)*
            Api Classic {
                ApiExpired "api-expired" Instead(401, "application/json",
                    r#"{"error":"authentication-required","error_description":"Access token has expired"}"#),
                    "401 always: the token has expired, however new it is.";
                ApiUnauthorized "api-unauthorized" Bare(401, "cache-control", "no-store"),
                    "401 always, without a challenge or a body.";
                ApiChallengeGarbled "api-challenge-garbled"
                    Bare(401, "www-authenticate", "Bearer error=\"invalid_token, , Basic realm=\"a\"\"\\"),
                    "401 with a challenge that cannot be read.";
                ApiInsufficientScope "api-insufficient-scope"
                    Bare(403, "www-authenticate", "Bearer error=\"insufficient_scope\", scope=\"global:Project.View\""),
                    "403 with a challenge that names the missing scope.";
                ApiRedirect "api-redirect" Bare(302, "location", "https://attacker.example/api"),
                    "A redirect to another host, which must not get the token.";
                ApiRedirectTemporary "api-redirect-307" Bare(307, "location", "https://attacker.example/api"),
                    "A redirect to another host that asks for the request to be repeated there.";
                ApiTooManyRequests "api-too-many-requests" Instead(429, "application/json", r#"{"error":"rate-limited"}"#),
                    "429 with Space's own error code.";
                ApiUnavailable "api-unavailable" Instead(503, "text/html", "<!DOCTYPE html><h1>Back soon</h1>"),
                    "503 with HTML.";
                ApiHugeBody "api-huge-body" Body(body::two_mebibytes), "A body of more than 2 MiB.";
            }
            Api Later {
                ApiDpopNonceRepeats "api-dpop-nonce-repeats" Answer(401, &[("www-authenticate", "DPoP error=\"use_dpop_nonce\", algs=\"ES256\""), ("dpop-nonce", "the-same-as-ever")], r#""#),
                    "The API demands a nonce, the same one every time.";
                ApiDpopNonceTwice "api-dpop-nonce-twice" Answer(401, &[("www-authenticate", "DPoP error=\"use_dpop_nonce\", algs=\"ES256\""), ("dpop-nonce", "one"), ("dpop-nonce", "two")], r#""#),
                    "The API demands a nonce, and gives two to choose from.";
                ApiDpopNonceMalformed "api-dpop-nonce-malformed" Answer(401, &[("www-authenticate", "DPoP error=\"use_dpop_nonce\", algs=\"ES256\""), ("dpop-nonce", "a \"b\\ c")], r#""#),
                    "The API demands a nonce that has characters it must not have.";
                ApiDpopNonceMissing "api-dpop-nonce-missing" Answer(401, &[("www-authenticate", "DPoP error=\"use_dpop_nonce\", algs=\"ES256\"")], r#""#),
                    "The API demands a nonce and gives none.";
                ApiDpopNonceBadRequest "api-dpop-nonce-400" Answer(400, &[("www-authenticate", "DPoP error=\"use_dpop_nonce\", algs=\"ES256\""), ("dpop-nonce", "another")], r#""#),
                    "The API demands a nonce with status 400.";
                ApiDpopNonceAmongOthers "api-dpop-nonce-among-others" Answer(401, &[("www-authenticate", "Basic realm=\"a, b\", dpop ERROR=\"use_dpop_nonce\", Bearer"), ("dpop-nonce", "another")], r#""#),
                    "The API demands a nonce in one challenge among several, in odd case.";
                ApiDpopDowngrade "api-dpop-downgrade" Answer(401, &[("www-authenticate", "Bearer error=\"invalid_token\"")], r#""#),
                    "The API asks for a `Bearer` token in place of a bound one.";
                ApiDpopAlgorithms "api-dpop-algorithms" Answer(401, &[("www-authenticate", "DPoP error=\"invalid_dpop_proof\", algs=\"XS999\"")], r#""#),
                    "The API wants proofs by an algorithm that nobody has.";
                ApiStepUpAlways "api-step-up-always" Answer(401, &[("www-authenticate", r#"Bearer error="insufficient_user_authentication", acr_values="mfa", max_age="0""#)], ""),
                    "The user must log in anew, however often that is done.";
                ApiStepUpNegative "api-step-up-negative" Answer(401, &[("www-authenticate", r#"Bearer error="insufficient_user_authentication", max_age="-1""#)], ""),
                    "A challenge has a `max_age` of -1.";
                ApiStepUpQuotes "api-step-up-quotes" Answer(401, &[("www-authenticate", r#"Bearer error="insufficient_user_authentication", acr_values="a\"b""#)], ""),
                    "A challenge has quotes in its `acr_values`.";
                ApiScopeQuotes "api-scope-quotes" Answer(403, &[("www-authenticate", r#"Bearer error="insufficient_scope", scope="a\"b \\""#)], ""),
                    "A challenge has quotes in its `scope`.";
                ApiChallengeTwice "api-challenge-twice" Answer(401, &[("www-authenticate", r#"Bearer error="invalid_token", error="insufficient_scope""#)], ""),
                    "A challenge has a parameter twice.";
                ApiChallengeLines "api-challenge-lines" Answer(401, &[("www-authenticate", r#"Negotiate TlRMTVNTUAAB=="#), ("www-authenticate", r#"Basic realm="a, b", charset="UTF-8", Newauth title="Log in to \"apps\", =""#), ("www-authenticate", r#"Bearer error="invalid_token""#)], ""),
                    "Challenges in several lines, ours the last; they can all be read.";
                ApiChallengeSpaces "api-challenge-spaces" Answer(401, &[("www-authenticate", ",, Bearer error \t= \"invalid_token\" ,, ")], ""),
                    "A challenge with empty items and spaces around its `=`; it can be read.";
                ApiInvalidRequest "api-invalid-request" Answer(400, &[("www-authenticate", r#"Bearer error="invalid_request""#)], ""),
                    "The request is refused as malformed, which repeating it does not mend.";
                ApiMetadataForeign "api-metadata-foreign"
                    Rechallenge(|it| challenge::metadata_at(it, "https://attacker.example/.well-known/oauth-protected-resource")),
                    "A challenge says that the metadata are on another host.";
                ApiMetadataElsewhere "api-metadata-elsewhere" Rechallenge(challenge::metadata_at_docs),
                    "A challenge says that the metadata are at the same path of another host.";
                ApiMetadataHttp "api-metadata-http"
                    Rechallenge(|it| challenge::metadata_at(it, "http://api.example/.well-known/oauth-protected-resource")),
                    "A challenge says that the metadata are not encrypted.";
                ApiMetadataFile "api-metadata-file" Rechallenge(|it| challenge::metadata_at(it, "file:///etc/passwd")),
                    "A challenge says that the metadata are in a file.";
                ApiMetadataPrivate "api-metadata-private"
                    Rechallenge(|it| challenge::metadata_at(it, "http://169.254.169.254/latest/meta-data/")),
                    "A challenge sends the client into a private network.";
                ApiChallengeOddCase "api-challenge-odd-case" Rechallenge(challenge::in_odd_case),
                    "A challenge is written in odd case, which is as good as any.";
            }
        }
    };
}
