//! The catalogue of misbehaviours: one row each, its name, what it changes, and what is wrong about that.

use crate::Endpoint;
use crate::change::Change::{
    self, Answer, Bare, Body, Compact, Error, Header, Instead, LongHeader, Member, Members, NoHeader,
    NoMember, Rechallenge, Redirect, Signed, Status, TwoMembers,
};
use crate::{hostile, hostile_modern as modern};

/// What the catalogue says about a misbehaviour.
pub(crate) struct Row {
    pub(crate) endpoint: Endpoint,
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) change: Change,
}

macro_rules! catalogue {
    ($($endpoint:ident { $($variant:ident $name:literal $change:expr, $description:literal;)* })*) => {
        /// A way to answer wrongly, hostile or merely odd: each was met in the wild, or is what an attacker would try.
        ///
        /// It changes an answer after the work is done, so that a code is spent and a token issued even if the client
        /// never learns of it. An answer that it does not fit is left alone: one about `code` waits for a redirect
        /// with a code, one about a member of the token response for a token response. An authorization response by
        /// `form_post` is left alone by all of them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Misbehaviour {
            $($(#[doc = $description] $variant,)*)*
        }

        impl Misbehaviour {
            /// All of them.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)*)*];

            pub(crate) fn row(self) -> Row {
                match self {
                    $($(Self::$variant => Row {
                        endpoint: Endpoint::$endpoint,
                        name: $name,
                        description: $description,
                        change: $change,
                    },)*)*
                }
            }
        }
    };
}

with_todays! { catalogue
    Authorization {
        StateMissing "state-missing" Redirect(|to| to.remove("state")), "The redirect has no `state`.";
        StateWrong "state-wrong" Redirect(hostile::wrong_state), "The redirect has a `state` that nobody sent.";
        StateTwice "state-twice" Redirect(|to| to.repeat("state")), "The redirect has its `state` twice.";
        IssMissing "iss-missing" Redirect(|to| to.remove("iss")), "The redirect lacks the `iss` it should have.";
        IssForeign "iss-foreign" Redirect(hostile::foreign_iss), "The redirect names another issuer.";
        IssTwice "iss-twice" Redirect(|to| to.repeat("iss")), "The redirect has its `iss` twice.";
        IssTrailingSlash "iss-trailing-slash" Redirect(hostile::iss_with_slash), "The redirect's `iss` has a slash more.";
        CodeMissing "code-missing" Redirect(|to| to.remove("code")), "The redirect has neither code nor error.";
        CodeEmpty "code-empty" Redirect(hostile::empty_code), "The redirect has an empty `code`.";
        CodeTwice "code-twice" Redirect(|to| to.repeat("code")), "The redirect has its `code` twice.";
        CodeForged "code-forged" Redirect(hostile::forged_code), "The redirect has a code that was never issued.";
        CodeUpperCase "code-upper-case" Redirect(|to| to.rename("code", "CODE")), "The redirect has `CODE=`.";
        CodeControlCharacters "code-control-characters" Redirect(hostile::code_with_controls),
            "The redirect's code has control characters.";
        CodeHuge "code-huge" Redirect(hostile::huge_code), "The redirect's code has 64 KiB.";
        CodeAndError "code-and-error" Redirect(hostile::code_and_error), "The redirect has `code` and `error`.";
        TokenInRedirect "token-in-redirect" Redirect(hostile::token_beside_code),
            "The redirect of the code flow has an access token.";
        ErrorForged "error-forged" Redirect(hostile::forged_error), "An error redirect with a wrong `state`.";
        ErrorWithEscapes "error-with-escapes" Redirect(hostile::error_with_escapes),
            "An error redirect whose description would control a terminal.";
        ErrorScriptUri "error-script-uri" Redirect(hostile::error_with_script_uri),
            "An error redirect whose `error_uri` is a script.";
        ResponseInFragment "response-in-fragment" Redirect(hostile::into_fragment),
            "The parameters are in the fragment in place of the query.";
        ResponseInQuery "response-in-query" Redirect(hostile::into_query),
            "The parameters are in the query in place of the fragment, tokens too.";
        UnknownParameters "unknown-parameters" Redirect(hostile::more_parameters),
            "The redirect has parameters that nobody knows; a client must ignore them.";
        OtherPath "other-path" Redirect(hostile::other_path), "The redirect leads to another path.";
        OtherHost "other-host" Redirect(hostile::other_host), "The redirect leads to another host.";
    }
    Token {
        Created "created" Status(201), "Success with status 201.";
        NonAuthoritative "non-authoritative" Status(203), "Success with status 203.";
        SuccessAsBadRequest "success-as-400" Status(400), "A token response with status 400.";
        TextHtml "text-html" Header("content-type", "text/html"), "JSON, called `text/html`.";
        TextPlain "text-plain" Header("content-type", "text/plain"), "JSON, called `text/plain`.";
        NoContentType "no-content-type" NoHeader("content-type"), "JSON without a content type.";
        NoCacheControl "no-cache-control" NoHeader("cache-control"), "An answer that may be stored.";
        RedirectFound "redirect-302" Bare(302, "location", "https://attacker.example/token"), "A redirect, 302.";
        RedirectTemporary "redirect-307" Bare(307, "location", "https://attacker.example/token"),
            "A redirect that asks for the request, body and all, to be sent elsewhere.";
        ByteOrderMark "byte-order-mark" Body(hostile::with_bom), "A byte order mark before the JSON.";
        TrailingData "trailing-data" Body(hostile::with_trailing_data), "Another object after the JSON.";
        Truncated "truncated-json" Body(hostile::truncated), "The JSON stops in the middle.";
        EmptyBody "empty-body" Body(|_| Vec::new()), "Success without a body.";
        NotUtf8 "not-utf-8" Body(hostile::not_utf8), "The JSON has a byte that is not UTF-8.";
        ArrayBody "array-body" Body(hostile::in_array), "The object is in an array.";
        DeepJson "deep-json" Body(hostile::deep), "A member is nested 100,000 deep.";
        HugeBody "huge-body" Body(hostile::two_mebibytes), "The body has more than 2 MiB.";
        TwoAccessTokens "two-access-tokens" TwoMembers("access_token"), "`access_token` is there twice.";
        TwoExpiries "two-expiries" TwoMembers("expires_in"), "`expires_in` is there twice, a number and a text.";
        TokenTypeMissing "token-type-missing" NoMember("token_type"), "There is no `token_type`.";
        TokenTypeMac "token-type-mac" Member("token_type", "\"mac\""), "`token_type` is `mac`.";
        TokenTypeDpop "token-type-dpop" Member("token_type", "\"DPoP\""), "`token_type` is `DPoP`.";
        TokenTypeLowerCase "token-type-lower-case" Member("token_type", "\"bearer\""),
            "`token_type` is `bearer`, which is as good as `Bearer`.";
        TokenTypeNumber "token-type-number" Member("token_type", "5"), "`token_type` is a number.";
        AccessTokenMissing "access-token-missing" NoMember("access_token"), "There is no `access_token`.";
        AccessTokenEmpty "access-token-empty" Member("access_token", "\"\""), "`access_token` is empty.";
        AccessTokenNumber "access-token-number" Member("access_token", "5"), "`access_token` is a number.";
        AccessTokenNull "access-token-null" Member("access_token", "null"), "`access_token` is null.";
        AccessTokenLineBreak "access-token-line-break" Member("access_token", r#""a\r\nX-Injected: b""#),
            "`access_token` would start another header.";
        AccessTokenNotAscii "access-token-not-ascii" Member("access_token", "\"töken\""),
            "`access_token` is not ASCII.";
        ExpiresInMissing "expires-in-missing" NoMember("expires_in"), "There is no `expires_in`.";
        ExpiresInNull "expires-in-null" Member("expires_in", "null"), "`expires_in` is null.";
        ExpiresInZero "expires-in-zero" Member("expires_in", "0"), "`expires_in` is 0.";
        ExpiresInText "expires-in-text" Member("expires_in", "\"3600\""), "`expires_in` is the text `3600`.";
        ExpiresInFraction "expires-in-fraction" Member("expires_in", "3600.0"), "`expires_in` is 3600.0.";
        ExpiresInU64Max "expires-in-u64-max" Member("expires_in", "18446744073709551615"),
            "`expires_in` is the largest 64-bit number.";
        ExpiresInI64Max "expires-in-i64-max" Member("expires_in", "9223372036854775807"),
            "`expires_in` is the largest signed 64-bit number.";
        ExpiresInBeyondU64 "expires-in-beyond-u64" Member("expires_in", "18446744073709551616"),
            "`expires_in` is 2 to the power of 64.";
        ExpiresInInfinite "expires-in-infinite" Member("expires_in", "1e400"), "`expires_in` is 1e400.";
        ExpiresInNegative "expires-in-negative" Member("expires_in", "-1"), "`expires_in` is -1.";
        ExpiresInTrue "expires-in-true" Member("expires_in", "true"), "`expires_in` is true.";
        ExpiresInGarbled "expires-in-garbled" Member("expires_in", "\"12abc\""), "`expires_in` is `12abc`.";
        ExpiresInArray "expires-in-array" Member("expires_in", "[1]"), "`expires_in` is an array.";
        RefreshTokenMissing "refresh-token-missing" NoMember("refresh_token"), "No refresh token is returned.";
        RefreshTokenEmpty "refresh-token-empty" Member("refresh_token", "\"\""), "`refresh_token` is empty.";
        RefreshTokenNumber "refresh-token-number" Member("refresh_token", "5"), "`refresh_token` is a number.";
        RefreshTokenNull "refresh-token-null" Member("refresh_token", "null"), "`refresh_token` is null.";
        ScopeMissing "scope-missing" NoMember("scope"), "There is no `scope`.";
        ScopeEmpty "scope-empty" Member("scope", "\"\""), "`scope` is empty.";
        ScopeArray "scope-array" Member("scope", "[\"a\",\"b\"]"), "`scope` is an array.";
        ScopeWider "scope-wider" Member("scope", "\"** global:Everything.Destroy\""),
            "`scope` is wider than what was asked for.";
        ScopeBadCharacters "scope-bad-characters" Member("scope", r#""a\"b  c\\d\u0007""#),
            "`scope` has characters that it must not have.";
        ErrorWithStatusOk "error-with-200" Instead(200, "application/json", r#"{"error":"invalid_grant"}"#),
            "An error with status 200.";
        ErrorBesideToken "error-beside-token" Member("error", "\"invalid_grant\""),
            "A token response that has an `error` as well.";
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
        ErrorCodeHuge "error-code-huge" Error(hostile::huge_error), "An error code of 5 KiB.";
        ErrorCodeEmpty "error-code-empty" Instead(400, "application/json", r#"{"error":""}"#),
            "An empty error code.";
        ErrorCodeNumber "error-code-number" Instead(400, "application/json", r#"{"error":5}"#),
            "An error code that is a number.";
        ErrorDescriptionEscapes "error-description-escapes"
            Instead(400, "application/json", r#"{"error":"invalid_grant","error_description":"\u001b[2J\u001b]0;owned\u0007\u202e"}"#),
            "An error description that would control a terminal.";
        ErrorDescriptionEcho "error-description-echo" Error(hostile::echo),
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
        DateBeforeEpoch "date-before-1970" Header("date", "Wed, 31 Dec 1969 23:59:59 GMT"), "A date before 1970.";
        DateDayZero "date-day-zero" Header("date", "Mon, 00 Jan 2024 00:00:00 GMT"), "A date with day 00.";
        HugeHeader "huge-header" LongHeader("x-padding", 1 << 20), "A header of 1 MiB.";
    }
    Api {
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
        ApiHugeBody "api-huge-body" Body(hostile::two_mebibytes), "A body of more than 2 MiB.";
    }
}
