//! The catalogue's rows about what is encrypted: ID tokens, UserInfo, authorization responses, introspections.

/// Hands these rows to the next macro, after those that it is given.
macro_rules! encrypted_rows {
    ([$next:ident $($after:ident)*] $($rows:tt)*) => {
        $next! {
            [$($after)*]
            $($rows)*
            Token Later {
                IdTokenNotEncrypted "id-token-not-encrypted" Unenclosed,
                    "The ID token is signed only, and encryption was agreed on.";
                IdTokenEncrypted "id-token-encrypted" EnclosedAnyway,
                    "The ID token is encrypted, and that was not agreed on.";
                IdTokenRsa15 "id-token-rsa1-5" Enclosed(|envelope| envelope.said = Some("RSA1_5")),
                    "The ID token is said to be encrypted by RSA1_5.";
                IdTokenOtherEnc "id-token-other-enc" Enclosed(|envelope| envelope.content = envelope.content.other()),
                    "The ID token is encrypted by another `enc` than the application is registered for.";
                IdTokenEncryptedJson "id-token-encrypted-json" Enclosed(|envelope| envelope.unsigned = true),
                    "The ID token is encrypted claims that nobody signed.";
                IdTokenForNobody "id-token-for-nobody" Enclosed(Envelope::readdress),
                    "The ID token is encrypted to a key that is nobody's, under the name of the application's.";
                IdTokenTampered "id-token-tampered" Enclosed(|envelope| envelope.tampered = true),
                    "The tag of the encrypted ID token is another's.";
            }
            Userinfo Later {
                UserinfoNotEncrypted "userinfo-not-encrypted" Unenclosed,
                    "UserInfo is signed only, and encryption was agreed on.";
                UserinfoEncrypted "userinfo-encrypted" EnclosedAnyway,
                    "The signed UserInfo is encrypted, and that was not agreed on.";
                UserinfoEncryptedJson "userinfo-encrypted-json" Enclosed(|envelope| envelope.unsigned = true),
                    "UserInfo is encrypted claims that nobody signed.";
                UserinfoTampered "userinfo-tampered" Enclosed(|envelope| envelope.tampered = true),
                    "The tag of the encrypted UserInfo is another's.";
            }
            Authorization Later {
                JarmNotEncrypted "jarm-not-encrypted" Unenclosed,
                    "The response is signed only, and encryption was agreed on.";
                JarmEncrypted "jarm-encrypted" EnclosedAnyway,
                    "The signed response is encrypted, and that was not agreed on.";
                JarmTampered "jarm-tampered" Enclosed(|envelope| envelope.tampered = true),
                    "The tag of the encrypted response is another's.";
            }
            Introspection Later {
                IntrospectionNotEncrypted "introspection-not-encrypted" Unenclosed,
                    "The answer is signed only, and encryption was agreed on.";
                IntrospectionEncrypted "introspection-encrypted" EnclosedAnyway,
                    "The signed answer is encrypted, and that was not agreed on.";
                IntrospectionTampered "introspection-tampered" Enclosed(|envelope| envelope.tampered = true),
                    "The tag of the encrypted answer is another's.";
            }
        }
    };
}
