//! The catalogue's rows about the token response, a success.

/// Hands these rows to the next macro, after those that it is given.
macro_rules! token_response_rows {
    ([$next:ident $($after:ident)*] $($rows:tt)*) => {
        $next! {
            [$($after)*]
            $($rows)*
            Token Classic {
                Created "created" Status(201), "Success with status 201.";
                NonAuthoritative "non-authoritative" Status(203), "Success with status 203.";
                SuccessAsBadRequest "success-as-400" Status(400), "A token response with status 400.";
                TextHtml "text-html" Header("content-type", "text/html"), "JSON, called `text/html`.";
                TextPlain "text-plain" Header("content-type", "text/plain"), "JSON, called `text/plain`.";
                NoContentType "no-content-type" NoHeader("content-type"), "JSON without a content type.";
                NoCacheControl "no-cache-control" NoHeader("cache-control"), "An answer that may be stored.";
                ByteOrderMark "byte-order-mark" Body(body::with_bom), "A byte order mark before the JSON.";
                FormEncoded "form-encoded" Body(body::as_form), "A form in the place of the JSON.";
                Gzipped "gzipped" Packed("gzip"), "The body is compressed with gzip, which nobody asked for.";
                GzippedHuge "gzipped-huge" PackedHuge, "A few kilobytes of gzip that are more than 2 MiB when unpacked.";
                EncodedBrotli "encoded-brotli" Packed("br"), "The body is said to be compressed with Brotli.";
                Enveloped "enveloped" Members(document::enveloped), "The members are in an object, the value of `body`.";
                TrailingData "trailing-data" Body(body::with_trailing_data), "Another object after the JSON.";
                Truncated "truncated-json" Body(body::truncated), "The JSON stops in the middle.";
                EmptyBody "empty-body" Body(|_| Vec::new()), "Success without a body.";
                NotUtf8 "not-utf-8" Body(body::not_utf8), "The JSON has a byte that is not UTF-8.";
                ArrayBody "array-body" Body(body::in_array), "The object is in an array.";
                DeepJson "deep-json" Body(body::deep), "A member is nested 100,000 deep.";
                HugeBody "huge-body" Body(body::two_mebibytes), "The body has more than 2 MiB.";
                TwoAccessTokens "two-access-tokens" TwoMembers("access_token"), "`access_token` is there twice.";
                TwoExpiries "two-expiries" TwoMembers("expires_in"), "`expires_in` is there twice, a number and a text.";
                TokenTypeMissing "token-type-missing" NoMember("token_type"), "There is no `token_type`.";
                TokenTypeMac "token-type-mac" Member("token_type", "\"mac\""), "`token_type` is `mac`.";
                TokenTypeDpop "token-type-dpop" Member("token_type", "\"DPoP\""), "`token_type` is `DPoP`.";
                TokenTypeLowerCase "token-type-lower-case" Member("token_type", "\"bearer\""),
                    "`token_type` is `bearer`, which is as good as `Bearer`.";
                TokenTypeOther "token-type-other" Member("token_type", "\"User Access Token\""),
                    "`token_type` is `User Access Token`, and a bearer token is meant.";
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
                ExpiresInEmpty "expires-in-empty" Member("expires_in", "\"\""), "`expires_in` is an empty text.";
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
                ScopeOpenid "scope-openid" Member("scope", "\"openid profile\""),
                    "`openid` is granted, and no ID token comes.";
                ErrorBesideToken "error-beside-token" Member("error", "\"invalid_grant\""),
                    "A token response that has an `error` as well.";
                ErrorEmptyBesideToken "error-empty-beside-token" Member("error", "\"\""),
                    "A token response that has an empty `error`.";
                DateBeforeEpoch "date-before-1970" Header("date", "Wed, 31 Dec 1969 23:59:59 GMT"), "A date before 1970.";
                DateDayZero "date-day-zero" Header("date", "Mon, 00 Jan 2024 00:00:00 GMT"), "A date with day 00.";
                HugeHeader "huge-header" LongHeader("x-padding", 1 << 20), "A header of 1 MiB.";
            }
            Token Later {
                SuccessAsNotFound "success-as-404" Status(404), "A token response with status 404.";
                IdTokenNumber "id-token-number" Member("id_token", "5"), "`id_token` is a number.";
                ScopeCommas "scope-commas" Members(document::scope_with_commas),
                    "`scope` has commas between its tokens.";
                TokenTypeBot "token-type-bot" Member("token_type", "\"bot\""),
                    "`token_type` is `bot`, and a bearer token is meant.";
                IdTokenNull "id-token-null" Member("id_token", "null"), "`id_token` is null.";
                TokenTypeOddCase "token-type-odd-case" Members(document::token_type_in_odd_case),
                    "`token_type` is written in odd case, which is as good as any.";
                TokenTypeDowngraded "token-type-downgraded" Members(document::downgraded),
                    "A token for a proven key is said to be a `Bearer` token.";
                AuthorizationDetailsObject "authorization-details-object"
                    Member("authorization_details", "{\"type\":\"rights\"}"),
                    "`authorization_details` is an object.";
                AuthorizationDetailsUnknown "authorization-details-unknown"
                    Member("authorization_details", "[{\"type\":\"everything\"}]"),
                    "`authorization_details` has a type that nobody asked for.";
                IssuedTokenTypeMissing "issued-token-type-missing" Members(|it| it.remove("issued_token_type").is_some()),
                    "The exchanged token has no `issued_token_type`.";
                TokenTypeNotApplicable "token-type-n-a" Member("token_type", "\"N_A\""),
                    "`token_type` is `N_A`, which only an exchanged token's may be.";
            }
        }
    };
}
