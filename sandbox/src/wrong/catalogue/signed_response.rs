//! The catalogue's rows about the signed authorization response (JARM).

/// Hands these rows to the next macro, after those that it is given.
macro_rules! signed_response_rows {
    ([$next:ident $($after:ident)*] $($rows:tt)*) => {
        $next! {
            [$($after)*]
            $($rows)*
            Authorization Later {
                JarmIssMissing "jarm-iss-missing" Signed(|_, claims| drop(claims.remove("iss"))),
                    "The signed response has no `iss`.";
                JarmIssForeign "jarm-iss-foreign" Signed(|_, claims| signed::set_text(claims, "iss", "https://attacker.example")),
                    "The signed response is of another issuer.";
                JarmIssRepeated "jarm-iss-repeated" SecondClaim("iss", Clone::clone),
                    "The signed response has its `iss` twice, with one value.";
                JarmIssTwice "jarm-iss-twice" SecondClaim("iss", |_| "https://attacker.example".into()),
                    "The signed response has its `iss` twice, the second time with another value.";
                JarmAudMissing "jarm-aud-missing" Signed(|_, claims| drop(claims.remove("aud"))),
                    "The signed response has no `aud`.";
                JarmAudOther "jarm-aud-other" Signed(|_, claims| signed::set_text(claims, "aud", "another")),
                    "The signed response is for another client.";
                JarmExpMissing "jarm-exp-missing" Signed(|_, claims| drop(claims.remove("exp"))),
                    "The signed response has no `exp`.";
                JarmExpired "jarm-expired" Signed(|_, claims| drop(claims.insert("exp".to_owned(), 1.into()))),
                    "The signed response expired in 1970.";
                JarmExpText "jarm-exp-text" Signed(|_, claims| signed::set_text(claims, "exp", "soon")),
                    "The signed response's `exp` is a text.";
                JarmStateOther "jarm-state-other" Signed(|_, claims| signed::set_text(claims, "state", "a-state-that-nobody-sent")),
                    "The signed response has a `state` that nobody sent.";
                JarmHmac "jarm-hmac" Signed(|header, _| signed::set_text(header, "alg", "HS256")),
                    "The response is said to be signed by a secret.";
                JarmCritical "jarm-critical" Signed(signed::critical),
                    "The signed response has a critical header that nobody knows.";
                JarmUnsigned "jarm-unsigned" Compact(signed::unsigned), "The response is said to be signed by `none`.";
                JarmForged "jarm-forged" Compact(signed::forged), "The response's signature is another's.";
                JarmTwoParts "jarm-two-parts" Compact(signed::two_parts), "The signed response has two parts.";
                JarmFiveParts "jarm-five-parts" Compact(|token| format!("{token}.e30.e30")),
                    "The signed response has five parts, as an encrypted one would.";
                JarmDots "jarm-dots" Compact(signed::a_million_dots), "The signed response has a million parts.";
                JarmUnpacked "jarm-unpacked" Redirect(redirect::unpacked),
                    "A response that should be signed comes in plain parameters.";
                JarmBesidePlain "jarm-beside-plain" Redirect(redirect::plain_beside),
                    "A signed response has its parameters beside it in plain.";
            }
        }
    };
}
