//! The catalogue's rows about what came after RFC 6749.

/// Calls a macro with the rows that it is given and with these after them.
macro_rules! with_todays {
    ($catalogue:ident $($rows:tt)*) => {
        $catalogue! {
            $($rows)*
            Authorization {
                ResponseUnasked "response-unasked" Redirect(modern::response_unasked),
                    "The redirect has a signed response beside its parameters, for which nobody asked.";
                IssUpperCase "iss-upper-case" Redirect(modern::iss_in_capitals),
                    "The redirect's `iss` is in capitals.";
                IssPort "iss-port" Redirect(|to| to.append("iss", ":443")), "The redirect's `iss` has a port more.";
                IssEscaped "iss-escaped" Redirect(modern::iss_escaped),
                    "A letter of the redirect's `iss` is percent-encoded.";
                ErrorTwice "error-twice" Redirect(modern::error_twice), "An error redirect with two errors.";
                IdTokenInRedirect "id-token-in-redirect" Redirect(modern::id_token_beside_code),
                    "The redirect of the code flow has an ID token.";
                OtherPort "other-port" Redirect(modern::other_port), "The redirect leads to another port.";
                JarmIssMissing "jarm-iss-missing" Signed(|_, claims| drop(claims.remove("iss"))),
                    "The signed response has no `iss`.";
                JarmIssForeign "jarm-iss-foreign" Signed(|_, claims| modern::set_text(claims, "iss", "https://attacker.example")),
                    "The signed response is of another issuer.";
                JarmAudMissing "jarm-aud-missing" Signed(|_, claims| drop(claims.remove("aud"))),
                    "The signed response has no `aud`.";
                JarmAudOther "jarm-aud-other" Signed(|_, claims| modern::set_text(claims, "aud", "another")),
                    "The signed response is for another client.";
                JarmExpMissing "jarm-exp-missing" Signed(|_, claims| drop(claims.remove("exp"))),
                    "The signed response has no `exp`.";
                JarmExpired "jarm-expired" Signed(|_, claims| drop(claims.insert("exp".to_owned(), 1.into()))),
                    "The signed response expired in 1970.";
                JarmExpText "jarm-exp-text" Signed(|_, claims| modern::set_text(claims, "exp", "soon")),
                    "The signed response's `exp` is a text.";
                JarmStateOther "jarm-state-other" Signed(|_, claims| modern::set_text(claims, "state", "a-state-that-nobody-sent")),
                    "The signed response has a `state` that nobody sent.";
                JarmHmac "jarm-hmac" Signed(|header, _| modern::set_text(header, "alg", "HS256")),
                    "The response is said to be signed by a secret.";
                JarmCritical "jarm-critical" Signed(modern::critical),
                    "The signed response has a critical header that nobody knows.";
                JarmUnsigned "jarm-unsigned" Compact(modern::unsigned), "The response is said to be signed by `none`.";
                JarmForged "jarm-forged" Compact(modern::forged), "The response's signature is another's.";
                JarmTwoParts "jarm-two-parts" Compact(modern::two_parts), "The signed response has two parts.";
                JarmFiveParts "jarm-five-parts" Compact(|token| format!("{token}.e30.e30")),
                    "The signed response has five parts, as an encrypted one would.";
                JarmDots "jarm-dots" Compact(modern::a_million_dots), "The signed response has a million parts.";
                JarmUnpacked "jarm-unpacked" Redirect(modern::unpacked),
                    "A response that should be signed comes in plain parameters.";
                JarmBesidePlain "jarm-beside-plain" Redirect(modern::plain_beside),
                    "A signed response has its parameters beside it in plain.";
            }
            Metadata {
                MetadataMissing "metadata-missing" Instead(404, "text/html", "<!DOCTYPE html><h1>Not Found</h1>"),
                    "There are no metadata.";
                MetadataAccepted "metadata-202" Status(202), "Metadata with status 202.";
                MetadataRedirect "metadata-redirect" Bare(302, "location", "https://attacker.example/metadata"),
                    "The metadata are said to be elsewhere.";
                MetadataTextHtml "metadata-text-html" Header("content-type", "text/html"),
                    "Metadata, called `text/html`.";
                MetadataArray "metadata-array" Body(hostile::in_array), "The metadata are in an array.";
                MetadataTrailingData "metadata-trailing-data" Body(hostile::with_trailing_data),
                    "Another object after the metadata.";
                MetadataTruncated "metadata-truncated" Body(hostile::truncated), "The metadata stop in the middle.";
                MetadataDeep "metadata-deep" Body(hostile::deep), "A member of the metadata is nested 100,000 deep.";
                MetadataHuge "metadata-huge" Body(hostile::two_mebibytes), "Metadata of more than 2 MiB.";
                TwoIssuers "two-issuers" TwoMembers("issuer"), "The metadata's `issuer` is there twice.";
                IssuerMissing "issuer-missing" NoMember("issuer"), "The metadata have no `issuer`.";
                IssuerForeign "issuer-foreign" Member("issuer", "\"https://attacker.example\""),
                    "The metadata are another issuer's.";
                IssuerTrailingSlash "issuer-trailing-slash" Members(modern::issuer_with_slash),
                    "The metadata's `issuer` has a slash more.";
                IssuerUpperCase "issuer-upper-case" Members(modern::issuer_in_capitals),
                    "The metadata's `issuer` is in capitals.";
                IssuerPort "issuer-port" Members(modern::issuer_with_port),
                    "The metadata's `issuer` has a port more.";
                IssuerNumber "issuer-number" Member("issuer", "5"), "The metadata's `issuer` is a number.";
                TokenEndpointMissing "token-endpoint-missing" NoMember("token_endpoint"),
                    "The metadata have no `token_endpoint`.";
                TokenEndpointHttp "token-endpoint-http" Member("token_endpoint", "\"http://as.example/token\""),
                    "The `token_endpoint` is not encrypted.";
                TokenEndpointForeign "token-endpoint-foreign"
                    Member("token_endpoint", "\"https://attacker.example/token\""),
                    "The `token_endpoint` is on another host.";
                TokenEndpointFragment "token-endpoint-fragment" Members(modern::token_endpoint_with_fragment),
                    "The `token_endpoint` has a fragment.";
                TokenEndpointNumber "token-endpoint-number" Member("token_endpoint", "5"),
                    "The `token_endpoint` is a number.";
                AuthorizationEndpointScript "authorization-endpoint-script"
                    Member("authorization_endpoint", "\"javascript:alert(1)\""),
                    "The `authorization_endpoint` is a script.";
                AuthorizationEndpointFile "authorization-endpoint-file"
                    Member("authorization_endpoint", "\"file:///etc/passwd\""),
                    "The `authorization_endpoint` is a file.";
                JwksUriForeign "jwks-uri-foreign" Member("jwks_uri", "\"https://attacker.example/jwks\""),
                    "The keys are on another host.";
                ResponseTypesMissing "response-types-missing" NoMember("response_types_supported"),
                    "The metadata have no `response_types_supported`.";
                ResponseTypesText "response-types-text" Member("response_types_supported", "\"code\""),
                    "`response_types_supported` is a text.";
                ResponseTypesEmpty "response-types-empty" Member("response_types_supported", "[]"),
                    "`response_types_supported` is empty.";
                WithoutS256 "without-s256" Members(modern::without_s256),
                    "Of the code challenge methods only `plain` is supported.";
                DpopAlgorithmsUnknown "dpop-algorithms-unknown"
                    Member("dpop_signing_alg_values_supported", "[\"XS999\"]"),
                    "Proofs of possession are wanted by an algorithm that nobody has.";
                AuthMethodsUnknown "auth-methods-unknown"
                    Member("token_endpoint_auth_methods_supported", "[\"retina_scan\"]"),
                    "Clients must authenticate by a method that nobody has.";
                IssInResponsesDenied "iss-in-responses-denied"
                    Member("authorization_response_iss_parameter_supported", "false"),
                    "The metadata deny the `iss` that responses have.";
                SignedMetadataGarbled "signed-metadata-garbled" Member("signed_metadata", "\"e30.e30.AAAA\""),
                    "The metadata are said to be signed, and the signature is none.";
                MetadataUnknownMembers "metadata-unknown-members" Member("x_extension", "{\"a\":[1,null]}"),
                    "The metadata have a member that nobody knows; a client must ignore it.";
            }
            ResourceMetadata {
                ResourceMetadataMissing "resource-metadata-missing"
                    Instead(404, "application/json", "{\"error\":\"not-found\"}"), "The resource has no metadata.";
                ResourceMetadataRedirect "resource-metadata-redirect"
                    Bare(302, "location", "https://attacker.example/metadata"),
                    "The resource's metadata are said to be elsewhere.";
                ResourceOther "resource-other" Member("resource", "\"https://attacker.example/api\""),
                    "The metadata are another resource's.";
                ResourceMissing "resource-missing" NoMember("resource"), "The metadata have no `resource`.";
                AuthorizationServersEmpty "authorization-servers-empty" Member("authorization_servers", "[]"),
                    "The resource has no authorization server.";
                AuthorizationServersHttp "authorization-servers-http"
                    Member("authorization_servers", "[\"http://as.example\"]"),
                    "The resource's authorization server is not encrypted.";
                AuthorizationServersText "authorization-servers-text"
                    Member("authorization_servers", "\"https://as.example\""),
                    "`authorization_servers` is a text.";
                AuthorizationServersForeign "authorization-servers-foreign"
                    Member("authorization_servers", "[\"https://attacker.example\"]"),
                    "The resource names an authorization server that does not know it.";
            }
            Jwks {
                JwksMissing "jwks-missing" Instead(404, "text/html", "<!DOCTYPE html><h1>Not Found</h1>"),
                    "There are no keys.";
                JwksRedirect "jwks-redirect" Bare(302, "location", "https://attacker.example/jwks"),
                    "The keys are said to be elsewhere.";
                JwksTextHtml "jwks-text-html" Header("content-type", "text/html"), "A key set, called `text/html`.";
                JwksEmpty "jwks-empty" Member("keys", "[]"), "The key set is empty.";
                JwksObject "jwks-object" Member("keys", "{}"), "`keys` is an object.";
                JwksPrivate "jwks-private" Members(modern::private_key), "The keys are private ones.";
                JwksSecret "jwks-secret" Members(modern::secret_key), "There is a secret among the keys.";
                JwksUnknown "jwks-unknown" Members(modern::unknown_keys),
                    "There are malformed keys and some of an unknown kind; a client must ignore them.";
                JwksWeak "jwks-weak" Members(modern::weak_key), "There is a short RSA key with the exponent 1.";
                JwksOffCurve "jwks-off-curve" Members(modern::point_off_the_curve),
                    "The key is no point of its curve.";
                JwksSameKid "jwks-same-kid" Members(modern::same_kid), "Two keys have one `kid`.";
                JwksOtherKid "jwks-other-kid" Members(modern::other_kid),
                    "No key has the `kid` of what is signed, however often they are fetched.";
                JwksMany "jwks-many" Members(modern::many_keys), "There are ten thousand keys.";
                JwksHuge "jwks-huge" Body(hostile::two_mebibytes), "A key set of more than 2 MiB.";
            }
            PushedAuthorization {
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
            DeviceAuthorization {
                DeviceCodeMissing "device-code-missing" NoMember("device_code"), "The device gets no `device_code`.";
                DeviceCodeNumber "device-code-number" Member("device_code", "5"), "The `device_code` is a number.";
                UserCodeMissing "user-code-missing" NoMember("user_code"), "The device gets no `user_code`.";
                UserCodeEmpty "user-code-empty" Member("user_code", "\"\""), "The user code is empty.";
                UserCodeEscapes "user-code-escapes" Member("user_code", r#""\u001b[2JWDJB\u0007-\u202eMJHT""#), "The user code would control a terminal.";
                VerificationUriMissing "verification-uri-missing" NoMember("verification_uri"), "The device gets no `verification_uri`.";
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
            Token {
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
                SuccessAsNotFound "success-as-404" Status(404), "A token response with status 404.";
                IdTokenNumber "id-token-number" Member("id_token", "5"), "`id_token` is a number.";
                TokenTypeOddCase "token-type-odd-case" Members(modern::token_type_in_odd_case),
                    "`token_type` is written in odd case, which is as good as any.";
                TokenTypeDowngraded "token-type-downgraded" Members(modern::downgraded),
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
                AuthorizationPendingAlways "authorization-pending-always"
                    Instead(400, "application/json", r#"{"error":"authorization_pending"}"#),
                    "Nobody has decided yet, however long the device waits.";
                PendingWithStatusOk "pending-with-200"
                    Instead(200, "application/json", r#"{"error":"authorization_pending"}"#),
                    "Nobody has decided yet, with status 200.";
                SlowDownAlways "slow-down-always" Instead(400, "application/json", r#"{"error":"slow_down"}"#),
                    "The device asks too often, however seldom it asks.";
                ExpiredToken "expired-token" Instead(400, "application/json", r#"{"error":"expired_token"}"#),
                    "The device code has expired before its time.";
            }
            Introspection {
                ActiveText "active-text" Member("active", "\"true\""), "`active` is the text `true`.";
                ActiveNumber "active-number" Member("active", "1"), "`active` is 1.";
                ActiveMissing "active-missing" NoMember("active"), "There is no `active`.";
                InactiveWithMembers "inactive-with-members" Member("active", "false"),
                    "A token that is not active, with all that an active one has.";
                IntrospectionExpired "introspection-expired" Member("exp", "1"),
                    "An active token that expired in 1970.";
                IntrospectionNotYet "introspection-not-yet" Member("nbf", "99999999999"),
                    "An active token that is not good before the year 5138.";
                IntrospectionOtherAudience "introspection-other-audience"
                    Member("aud", "\"https://other.example\""), "An active token for another API.";
                IntrospectionOtherIssuer "introspection-other-issuer"
                    Member("iss", "\"https://attacker.example\""), "An active token of another server.";
                IntrospectionOtherClient "introspection-other-client" Member("client_id", "\"another\""),
                    "An active token of another client.";
                IntrospectionOtherType "introspection-other-type" Member("token_type", "\"N_A\""),
                    "An active token that is none for an API.";
                IntrospectionScopeArray "introspection-scope-array" Member("scope", "[\"a\"]"),
                    "The `scope` of an active token is an array.";
                IntrospectionArray "introspection-array" Body(hostile::in_array), "The description is in an array.";
                IntrospectionRedirect "introspection-redirect"
                    Bare(307, "location", "https://attacker.example/introspect"),
                    "A redirect that asks for the token to be described elsewhere.";
                IntrospectionCreated "introspection-201" Status(201), "Introspection with status 201.";
                IntrospectionTypeJwt "introspection-type-jwt"
                    Signed(|header, _| modern::set_text(header, "typ", "JWT")),
                    "The signed answer is of the type `JWT`.";
                IntrospectionNested "introspection-nested" Signed(modern::nested_introspection),
                    "`token_introspection` is an array.";
                IntrospectionAtTopLevel "introspection-at-top-level" Signed(modern::top_level_introspection),
                    "The signed answer has the token's members at its top level.";
                IntrospectionSignedForOther "introspection-signed-for-other"
                    Signed(|_, claims| modern::set_text(claims, "aud", "another")),
                    "The answer is signed for another client.";
                IntrospectionSignedByOther "introspection-signed-by-other"
                    Signed(|_, claims| modern::set_text(claims, "iss", "https://attacker.example")),
                    "The answer is signed in another issuer's name.";
                IntrospectionUndated "introspection-undated" Signed(|_, claims| drop(claims.remove("iat"))),
                    "The signed answer has no `iat`.";
                IntrospectionUnsigned "introspection-unsigned" Compact(modern::unsigned),
                    "The answer is said to be signed by `none`.";
                IntrospectionForged "introspection-forged" Compact(modern::forged),
                    "The answer's signature is another's.";
                IntrospectionDots "introspection-dots" Compact(modern::a_million_dots),
                    "The signed answer has a million parts.";
            }
            Revocation {
                RevocationText "revocation-text" Instead(200, "text/plain", "revoked"),
                    "Revocation with a text, which a client must ignore.";
                RevocationUnavailable "revocation-unavailable" Bare(503, "retry-after", "7"),
                    "503 with a `Retry-After`: the token is still good.";
                RevocationUnsupported "revocation-unsupported"
                    Instead(400, "application/json", r#"{"error":"unsupported_token_type"}"#),
                    "Tokens of this type are not revoked here.";
                RevocationRedirect "revocation-redirect" Bare(307, "location", "https://attacker.example/revoke"),
                    "A redirect that asks for the token to be sent elsewhere.";
            }
            Api {
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
                    Rechallenge(|it| modern::metadata_at(it, "https://attacker.example/.well-known/oauth-protected-resource")),
                    "A challenge says that the metadata are on another host.";
                ApiMetadataHttp "api-metadata-http"
                    Rechallenge(|it| modern::metadata_at(it, "http://api.example/.well-known/oauth-protected-resource")),
                    "A challenge says that the metadata are not encrypted.";
                ApiMetadataFile "api-metadata-file" Rechallenge(|it| modern::metadata_at(it, "file:///etc/passwd")),
                    "A challenge says that the metadata are in a file.";
                ApiMetadataPrivate "api-metadata-private"
                    Rechallenge(|it| modern::metadata_at(it, "http://169.254.169.254/latest/meta-data/")),
                    "A challenge sends the client into a private network.";
                ApiChallengeOddCase "api-challenge-odd-case" Rechallenge(modern::in_odd_case),
                    "A challenge is written in odd case, which is as good as any.";
            }
        }
    };
}
