//! The catalogue's rows about introspection and revocation.

/// Hands these rows to the next macro, after those that it is given.
macro_rules! status_rows {
    ([$next:ident $($after:ident)*] $($rows:tt)*) => {
        $next! {
            [$($after)*]
            $($rows)*
            Introspection Later {
                ActiveText "active-text" Member("active", "\"true\""), "`active` is the text `true`.";
                ActiveNumber "active-number" Member("active", "1"), "`active` is 1.";
                ActiveMissing "active-missing" NoMember("active"), "There is no `active`.";
                InactiveWithMembers "inactive-with-members" Member("active", "false"),
                    "A token that is not active, with all that an active one has.";
                IntrospectionExpired "introspection-expired" Member("exp", "1"),
                    "An active token that expired in 1970.";
                IntrospectionNoEnd "introspection-exp-zero" Member("exp", "0"),
                    "An active token that expired when 1970 began, or never expires.";
                IntrospectionNotYet "introspection-not-yet" Member("nbf", "99999999999"),
                    "An active token that is not good before the year 5138.";
                IntrospectionOtherAudience "introspection-other-audience"
                    Member("aud", "\"https://other.example\""), "An active token for another API.";
                IntrospectionOtherIssuer "introspection-other-issuer"
                    Member("iss", "\"https://attacker.example\""), "An active token of another server.";
                IntrospectionOtherClient "introspection-other-client" Member("client_id", "\"another\""),
                    "An active token of another client.";
                IntrospectionOtherType "introspection-other-type" Member("token_type", "\"N_A\""),
                    "An active token that is not for an API.";
                IntrospectionScopeArray "introspection-scope-array" Member("scope", "[\"a\"]"),
                    "The `scope` of an active token is an array.";
                IntrospectionArray "introspection-array" Body(body::in_array), "The description is in an array.";
                IntrospectionRedirect "introspection-redirect"
                    Bare(307, "location", "https://attacker.example/introspect"),
                    "A redirect that asks for the token to be described elsewhere.";
                IntrospectionCreated "introspection-201" Status(201), "Introspection with status 201.";
                IntrospectionTypeJwt "introspection-type-jwt"
                    Signed(|header, _| signed::set_text(header, "typ", "JWT")),
                    "The signed answer is of the type `JWT`.";
                IntrospectionNested "introspection-nested" Signed(signed::nested_introspection),
                    "`token_introspection` is an array.";
                IntrospectionAtTopLevel "introspection-at-top-level" Signed(signed::top_level_introspection),
                    "The signed answer has the token's members at its top level.";
                IntrospectionSignedForOther "introspection-signed-for-other"
                    Signed(|_, claims| signed::set_text(claims, "aud", "another")),
                    "The answer is signed for another client.";
                IntrospectionSignedForApi "introspection-signed-for-api"
                    Signed(signed::for_the_tokens_api), "The answer is signed for an API that the token is for.";
                IntrospectionSignedByOther "introspection-signed-by-other"
                    Signed(|_, claims| signed::set_text(claims, "iss", "https://attacker.example")),
                    "The answer is signed in another issuer's name.";
                IntrospectionUndated "introspection-undated" Signed(|_, claims| drop(claims.remove("iat"))),
                    "The signed answer has no `iat`.";
                IntrospectionUnsigned "introspection-unsigned" Compact(signed::unsigned),
                    "The answer is said to be signed by `none`.";
                IntrospectionForged "introspection-forged" Compact(signed::forged),
                    "The answer's signature is another's.";
                IntrospectionDots "introspection-dots" Compact(signed::a_million_dots),
                    "The signed answer has a million parts.";
            }
            Revocation Later {
                RevocationText "revocation-text" Instead(200, "text/plain", "revoked"),
                    "Revocation with a text, which a client must ignore.";
                RevocationError "revocation-error" Instead(200, "application/json", r#"{"error":"server_error"}"#),
                    "200 with an `error`: the token is still good.";
                RevocationUnavailable "revocation-unavailable" Bare(503, "retry-after", "7"),
                    "503 with a `Retry-After`: the token is still good.";
                RevocationUnsupported "revocation-unsupported"
                    Instead(400, "application/json", r#"{"error":"unsupported_token_type"}"#),
                    "Tokens of this type are not revoked here.";
                RevocationRedirect "revocation-redirect" Bare(307, "location", "https://attacker.example/revoke"),
                    "A redirect that asks for the token to be sent elsewhere.";
            }
        }
    };
}
