//! The catalogue's rows about ID tokens that come through the browser (OpenID Connect Core §3.2, §3.3).

/// Hands these rows to the next macro, after those that it is given.
macro_rules! hybrid_rows {
    ([$next:ident $($after:ident)*] $($rows:tt)*) => {
        $next! {
            [$($after)*]
            $($rows)*
            Authorization Later {
                FrontCHashMissing "front-c-hash-missing"
                    Front(|_, claims| drop(claims.remove("c_hash"))),
                    "The ID token of the redirect has no `c_hash`.";
                FrontCHashOther "front-c-hash-other"
                    Front(|_, claims| id_token::set(claims, "c_hash", "AAAAAAAAAAAAAAAAAAAAAA")),
                    "The ID token of the redirect has the `c_hash` of another code.";
                FrontCHashWhole "front-c-hash-whole"
                    Front(|_, claims| id_token::set(claims, "c_hash", "A".repeat(43))),
                    "The ID token of the redirect has a whole hash as its `c_hash`, in the place of a half.";
                FrontSHashMissing "front-s-hash-missing"
                    Front(|_, claims| drop(claims.remove("s_hash"))),
                    "The ID token of the redirect has no `s_hash`.";
                FrontSHashOther "front-s-hash-other"
                    Front(|_, claims| id_token::set(claims, "s_hash", "AAAAAAAAAAAAAAAAAAAAAA")),
                    "The ID token of the redirect has the `s_hash` of another state.";
                FrontNonceMissing "front-nonce-missing"
                    Front(|_, claims| drop(claims.remove("nonce"))),
                    "The ID token of the redirect has no `nonce`.";
                FrontNonceOther "front-nonce-other"
                    Front(|_, claims| id_token::set(claims, "nonce", "a-nonce-that-nobody-sent")),
                    "The ID token of the redirect has a `nonce` that nobody sent.";
                FrontIssForeign "front-iss-foreign"
                    Front(|_, claims| id_token::set(claims, "iss", "https://attacker.example")),
                    "The ID token of the redirect is of another issuer.";
                FrontAudOther "front-aud-other"
                    Front(|_, claims| id_token::set(claims, "aud", "another")),
                    "The ID token of the redirect is for another client.";
                FrontIssMissing "front-iss-missing"
                    Front(|_, claims| drop(claims.remove("iss"))),
                    "The ID token of the redirect has no `iss`.";
                FrontSubMissing "front-sub-missing"
                    Front(|_, claims| drop(claims.remove("sub"))),
                    "The ID token of the redirect has no `sub`.";
                FrontAudMissing "front-aud-missing"
                    Front(|_, claims| drop(claims.remove("aud"))),
                    "The ID token of the redirect has no `aud`.";
                FrontAudBeside "front-aud-beside"
                    Front(|_, claims| id_token::audience(claims, &["another"])),
                    "The ID token of the redirect is for this client and another.";
                FrontAudList "front-aud-list"
                    Front(|_, claims| id_token::audience(claims, &[])),
                    "The `aud` of the redirect's ID token is a list of this client alone, which is as good as its name.";
                FrontIatMissing "front-iat-missing"
                    Front(|_, claims| drop(claims.remove("iat"))),
                    "The ID token of the redirect has no `iat`.";
                FrontIatOld "front-iat-old"
                    Front(|_, claims| id_token::at(claims, "iat", -7 * 24 * 60 * 60)),
                    "The ID token of the redirect was issued a week ago.";
                FrontExpMissing "front-exp-missing"
                    Front(|_, claims| drop(claims.remove("exp"))),
                    "The ID token of the redirect has no `exp`.";
                FrontKidMissing "front-kid-missing"
                    Front(|header, _| drop(header.remove("kid"))),
                    "The ID token of the redirect does not name its key.";
                FrontOtherAlgorithm "front-other-algorithm"
                    FrontAnew(id_token::by_other_algorithm),
                    "The ID token of the redirect is signed by another algorithm than the application is registered for.";
                FrontRsa15 "front-rsa1-5" Enclosed(|envelope| envelope.said = Some("RSA1_5")),
                    "What is encrypted in the redirect is said to be encrypted by RSA1_5.";
                FrontExpired "front-expired"
                    Front(|_, claims| id_token::at(claims, "exp", -5 * 60)),
                    "The ID token of the redirect expired five minutes ago.";
                FrontSubOther "front-sub-other"
                    Front(|_, claims| id_token::set(claims, "sub", "another")),
                    "The ID token of the redirect is about another person than that of the token endpoint.";
                FrontAuthTimeOther "front-auth-time-other"
                    Front(|_, claims| id_token::at(claims, "auth_time", -60)),
                    "The ID token of the redirect tells of another login than that of the token endpoint.";
                FrontAcrOther "front-acr-other"
                    Front(|_, claims| id_token::set(claims, "acr", "another")),
                    "The ID token of the redirect tells of another way to log in than that of the token endpoint.";
                FrontUnsigned "front-unsigned"
                    FrontCompact(signed::unsigned),
                    "The ID token of the redirect is said to be signed by `none`.";
                FrontForged "front-forged"
                    FrontCompact(signed::forged),
                    "The signature of the redirect's ID token is another's.";
                FrontIdTokenMissing "front-id-token-missing"
                    Redirect(|to| to.remove("id_token")),
                    "The redirect has no ID token, and one was asked for.";
                FrontIdTokenTwice "front-id-token-twice"
                    Redirect(|to| to.repeat("id_token")),
                    "The redirect has its ID token twice.";
                FrontCodeOther "front-code-other"
                    Redirect(redirect::other_code_beside_id_token),
                    "The redirect has another code than its ID token was made for.";
                FrontToken "front-token"
                    Redirect(redirect::token_beside_id_token),
                    "The redirect has an access token beside its ID token.";
                FrontErrorBeside "front-error-beside"
                    Redirect(redirect::error_beside_id_token),
                    "The redirect has an error and an ID token.";
                FrontInQuery "front-in-query"
                    Redirect(|to| to.has("id_token") && redirect::into_query(to)),
                    "The redirect has its ID token in the query.";
            }
        }
    };
}
