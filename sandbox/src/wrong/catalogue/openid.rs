//! The catalogue's rows about OpenID Connect: ID tokens, UserInfo, and what a login needs of the metadata and the keys.

/// Hands these rows to the next macro, after those that it is given.
macro_rules! openid_rows {
    ([$next:ident $($after:ident)*] $($rows:tt)*) => {
        $next! {
            [$($after)*]
            $($rows)*
            Token Later {
                IdTokenIssForeign "id-token-iss-foreign"
                    Signed(|_, claims| id_token::set(claims, "iss", "https://attacker.example")),
                    "The ID token is of another issuer.";
                IdTokenIssBare "id-token-iss-bare"
                    Signed(id_token::without_scheme),
                    "The ID token names its issuer without the scheme.";
                IdTokenOfTenant "id-token-of-tenant"
                    Signed(id_token::of_tenant),
                    "The ID token is of a tenant, which its issuer has in its path, and `tid` names.";
                IdTokenHdOther "id-token-hd-other"
                    Signed(|_, claims| id_token::set(claims, "hd", "attacker.example")),
                    "The ID token is about somebody of the domain `attacker.example` (`hd`).";
                IdTokenFlagText "id-token-flag-text"
                    Signed(|_, claims| id_token::set(claims, "email_verified", "true")),
                    "The ID token's `email_verified` is the text `true`.";
                IdTokenNonceUnknown "id-token-nonce-unknown"
                    Signed(id_token::knows_no_nonce),
                    "The ID token has no `nonce`, and says that none is known where it was issued.";
                IdTokenIssMissing "id-token-iss-missing"
                    Signed(|_, claims| drop(claims.remove("iss"))),
                    "The ID token has no `iss`.";
                IdTokenSubMissing "id-token-sub-missing"
                    Signed(|_, claims| drop(claims.remove("sub"))),
                    "The ID token has no `sub`.";
                IdTokenSubLong "id-token-sub-long"
                    Signed(|_, claims| id_token::set(claims, "sub", "s".repeat(256))),
                    "The ID token's `sub` has 256 characters.";
                IdTokenSubTwice "id-token-sub-twice"
                    SecondClaim("sub", |_| "another".into()),
                    "The ID token has its `sub` twice, the second time with another value.";
                IdTokenAudOther "id-token-aud-other"
                    Signed(|_, claims| id_token::set(claims, "aud", "another")),
                    "The ID token is for another client.";
                IdTokenAudMissing "id-token-aud-missing"
                    Signed(|_, claims| drop(claims.remove("aud"))),
                    "The ID token has no `aud`.";
                IdTokenAudBeside "id-token-aud-beside"
                    Signed(|_, claims| id_token::audience(claims, &["another"])),
                    "The ID token is for this client and another.";
                IdTokenAudList "id-token-aud-list"
                    Signed(|_, claims| id_token::audience(claims, &[])),
                    "The ID token's `aud` is a list of this client alone, which is as good as its name.";
                IdTokenAudEmpty "id-token-aud-empty"
                    Signed(|_, claims| id_token::set(claims, "aud", Vec::<String>::new())),
                    "The ID token's `aud` is an empty list.";
                IdTokenAzpOther "id-token-azp-other"
                    Signed(|_, claims| id_token::set(claims, "azp", "another")),
                    "The ID token was issued to another client.";
                IdTokenNonceOther "id-token-nonce-other"
                    Signed(|_, claims| id_token::set(claims, "nonce", "a-nonce-that-nobody-sent")),
                    "The ID token has a `nonce` that nobody sent.";
                IdTokenNonceMissing "id-token-nonce-missing"
                    Signed(|_, claims| drop(claims.remove("nonce"))),
                    "The ID token has no `nonce`.";
                IdTokenIatMissing "id-token-iat-missing"
                    Signed(|_, claims| drop(claims.remove("iat"))),
                    "The ID token has no `iat`.";
                IdTokenIatOld "id-token-iat-old"
                    Signed(|_, claims| id_token::at(claims, "iat", -7 * 24 * 60 * 60)),
                    "The ID token was issued a week ago.";
                IdTokenExpMissing "id-token-exp-missing"
                    Signed(|_, claims| drop(claims.remove("exp"))),
                    "The ID token has no `exp`.";
                IdTokenExpired "id-token-expired"
                    Signed(|_, claims| id_token::at(claims, "exp", -5 * 60)),
                    "The ID token expired five minutes ago.";
                IdTokenAuthTimeFuture "id-token-auth-time-future"
                    Signed(|_, claims| id_token::at(claims, "auth_time", 60 * 60)),
                    "The ID token tells of a login in an hour.";
                IdTokenAuthTimeOld "id-token-auth-time-old"
                    Signed(|_, claims| id_token::at(claims, "auth_time", -24 * 60 * 60)),
                    "The ID token tells of a login a day ago, whatever age was asked for.";
                IdTokenAuthTimeMissing "id-token-auth-time-missing"
                    Signed(|_, claims| drop(claims.remove("auth_time"))),
                    "The ID token does not say when the login was.";
                IdTokenAcrOther "id-token-acr-other"
                    Signed(|_, claims| id_token::set(claims, "acr", "0")),
                    "The ID token names a way to log in that nobody asked for.";
                IdTokenAcrNumber "id-token-acr-number"
                    Signed(|_, claims| id_token::set(claims, "acr", 0)),
                    "The ID token's `acr` is a number.";
                IdTokenAmrText "id-token-amr-text"
                    Signed(|_, claims| id_token::set(claims, "amr", "pwd")),
                    "The ID token's `amr` is a text.";
                IdTokenAtHashOther "id-token-at-hash-other"
                    Signed(|_, claims| id_token::set(claims, "at_hash", "AAAAAAAAAAAAAAAAAAAAAA")),
                    "The ID token's `at_hash` is that of another access token.";
                IdTokenAtHashMissing "id-token-at-hash-missing"
                    Signed(|_, claims| drop(claims.remove("at_hash"))),
                    "The ID token has no `at_hash`, which it need not have beside an access token of the token endpoint.";
                IdTokenEvents "id-token-events"
                    Signed(|_, claims| id_token::set(claims, "events", serde_json::json!({ "http://schemas.openid.net/event/backchannel-logout": {} }))),
                    "The ID token has the `events` of a logout token.";
                IdTokenLogoutType "id-token-logout-type"
                    Signed(|header, _| id_token::set(header, "typ", "logout+jwt")),
                    "The ID token is of the type of logout tokens.";
                IdTokenSelfIssued "id-token-self-issued"
                    Signed(id_token::self_issued),
                    "The ID token says that its subject issued it.";
                IdTokenHuge "id-token-huge"
                    Signed(|_, claims| id_token::set(claims, "padding", "p".repeat(64 * 1024))),
                    "The ID token has more than 64 KiB.";
                IdTokenKidMissing "id-token-kid-missing"
                    Signed(|header, _| drop(header.remove("kid"))),
                    "The ID token does not name its key.";
                IdTokenUnsigned "id-token-unsigned"
                    Compact(signed::unsigned),
                    "The ID token is said to be signed by `none`.";
                IdTokenForged "id-token-forged" Compact(signed::forged), "The ID token's signature is another's.";
                IdTokenOtherAlgorithm "id-token-other-algorithm"
                    SignedAnew(id_token::by_other_algorithm),
                    "The ID token is signed by another algorithm than the application is registered for.";
                IdTokenHmac "id-token-hmac"
                    SignedAnew(id_token::by_hmac_of_public_key),
                    "The ID token is signed by HMAC, with the public key for a secret.";
                IdTokenWrongKey "id-token-wrong-key"
                    SignedAnew(id_token::by_impostor),
                    "The ID token is signed by ES256 with a key that is nobody's.";
                RenewedIssForeign "renewed-iss-foreign"
                    Renewed(|claims| id_token::set(claims, "iss", "https://attacker.example")),
                    "The ID token of a renewal is of another issuer.";
                RenewedSubOther "renewed-sub-other"
                    Renewed(|claims| id_token::set(claims, "sub", "another")),
                    "The ID token of a renewal is about another person.";
                RenewedAuthTimeOther "renewed-auth-time-other"
                    Renewed(|claims| id_token::at(claims, "auth_time", 0)),
                    "The ID token of a renewal tells of another login.";
            }
            Userinfo Later {
                UserinfoSubOther "userinfo-sub-other"
                    Member("sub", "\"another\""),
                    "UserInfo is about another person.";
                UserinfoAggregated "userinfo-aggregated"
                    MembersAnew(sources::aggregated),
                    "UserInfo leaves the email address to another source, whose signed claims it has along with it.";
                UserinfoDistributed "userinfo-distributed"
                    Members(sources::distributed),
                    "UserInfo leaves the email address to another source, from which it is to be fetched.";
                UserinfoSubMissing "userinfo-sub-missing" NoMember("sub"), "UserInfo has no `sub`.";
                UserinfoTextHtml "userinfo-text-html"
                    Header("content-type", "text/html"),
                    "UserInfo, called `text/html`.";
                UserinfoUpdatedAtText "userinfo-updated-at-text"
                    Member("updated_at", "\"yesterday\""),
                    "UserInfo's `updated_at` is the text `yesterday`.";
                UserinfoEmailVerifiedText "userinfo-email-verified-text"
                    Member("email_verified", "\"true\""),
                    "UserInfo's `email_verified` is the text `true`.";
                UserinfoSigned "userinfo-signed" Sealed, "UserInfo is signed, and JSON was agreed on.";
                UserinfoPlain "userinfo-plain" Unsealed, "UserInfo is JSON, and a signature was agreed on.";
                UserinfoIssForeign "userinfo-iss-foreign"
                    Signed(|_, claims| id_token::set(claims, "iss", "https://attacker.example")),
                    "The signed UserInfo is of another issuer.";
                UserinfoAudOther "userinfo-aud-other"
                    Signed(|_, claims| id_token::set(claims, "aud", "another")),
                    "The signed UserInfo is for another client.";
                UserinfoUnsigned "userinfo-unsigned"
                    Compact(signed::unsigned),
                    "The signed UserInfo is said to be signed by `none`.";
                UserinfoForged "userinfo-forged"
                    Compact(signed::forged),
                    "The signed UserInfo's signature is another's.";
            }
            Metadata Later {
                JwksUriMissing "jwks-uri-missing" NoMember("jwks_uri"), "The metadata have no `jwks_uri`.";
                MetadataOfTenants "metadata-of-tenants"
                    Members(document::of_tenants),
                    "The metadata are those of all tenants: `{tenantid}` is in the path of their issuer.";
                SubjectTypesMissing "subject-types-missing"
                    NoMember("subject_types_supported"),
                    "The metadata have no `subject_types_supported`.";
                IdTokenAlgorithmsMissing "id-token-algorithms-missing"
                    NoMember("id_token_signing_alg_values_supported"),
                    "The metadata do not say what ID tokens are signed by.";
            }
            Jwks Later {
                JwksDecoys "jwks-decoys"
                    Members(keys::decoys),
                    "Each key has a decoy of its name before it, for another algorithm.";
                JwksKidMissing "jwks-kid-missing" Members(keys::nameless), "No key has a name.";
                JwksAnotherKey "jwks-another-key"
                    Members(keys::another_key),
                    "There is one more key for each algorithm, of another name.";
            }
        }
    };
}
