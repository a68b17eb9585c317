//! The published vectors of RFC 7515, 7638, 8037, 9101 and 9449 and of OpenID Connect Core. Those of RFC 7520 are among
//! Wycheproof's. RFC 7515 A.6 to A.8 are JWSs in JSON, which no JWT is.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use valetkey_core::UnixTime;
use valetkey_core::jose::{
    Algorithm, ClaimsCheck, Jwk, JwkSet, Jws, JwtType, KeyPair, PrivateJwk, RustCrypto, Signed, Signer,
    VerificationKeys,
};
use valetkey_tests::jose::{PROVIDERS, RSA, verified};

/// The payload of RFC 7515 A.1 to A.3, in base64url.
const PAYLOAD: &str =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

const A2_SIGNATURE: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

#[test]
fn rfc_7515_a_1_hs256() {
    let secret = URL_SAFE_NO_PAD
        .decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
        .unwrap();
    let input = format!("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{PAYLOAD}");
    let signature = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let keys = VerificationKeys::secret(Algorithm::Hs256, &secret).unwrap();
    let claims = Jws::parse(&format!("{input}.{signature}"))
        .unwrap()
        .verify(&keys, JwtType::Generic)
        .unwrap()
        .claims()
        .unwrap();
    assert_eq!(claims.issuer(), Some("joe"));
    assert_eq!(claims.claim::<bool>("http://example.com/is_root").unwrap(), Some(true));
    let key = KeyPair::from_secret(Algorithm::Hs256, &secret).unwrap();
    assert_eq!(signature_of(&key, &input), signature);
}

/// PKCS #1 signatures repeat, so the RFC's own comes out of both providers.
#[test]
fn rfc_7515_a_2_rs256() {
    let input = format!("eyJhbGciOiJSUzI1NiJ9.{PAYLOAD}");
    for (_, provider) in PROVIDERS {
        let key = PrivateJwk::parse(RSA.as_bytes()).unwrap();
        let keys = VerificationKeys::one(provider, &[Algorithm::Rs256], &key.public()).unwrap();
        assert!(verified(&format!("{input}.{A2_SIGNATURE}"), &keys).is_ok());
        let key = KeyPair::new(provider, Algorithm::Rs256, &key).unwrap();
        assert_eq!(signature_of(&key, &input), A2_SIGNATURE);
    }
}

#[test]
fn rfc_7515_a_3_es256() {
    let jwk = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
    let input = format!("eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}");
    let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    for (_, provider) in PROVIDERS {
        let key = PrivateJwk::parse(jwk.as_bytes()).unwrap();
        let keys = VerificationKeys::one(provider, &[Algorithm::Es256], &key.public()).unwrap();
        assert!(verified(&format!("{input}.{signature}"), &keys).is_ok());
        let key = KeyPair::new(provider, Algorithm::Es256, &key).unwrap();
        assert!(verified(&format!("{input}.{}", signature_of(&key, &input)), &keys).is_ok());
    }
}

/// A.4 is ES512 and A.5 is `none`: neither can be agreed on here (ID-4), and no `Algorithm` can name them.
#[test]
fn rfc_7515_a_4_and_a_5_are_refused() {
    assert_eq!((Algorithm::from_name("ES512"), Algorithm::from_name("none")), (None, None));
    let key = PrivateJwk::parse(RSA.as_bytes()).unwrap().public();
    let keys = VerificationKeys::one(&RustCrypto, &[Algorithm::Rs256], &key).unwrap();
    let a4 = "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn";
    let a5 = format!("eyJhbGciOiJub25lIn0.{PAYLOAD}.");
    for jws in [a4, &a5] {
        assert_eq!(verified(jws, &keys).unwrap_err().rule().unwrap().id(), "ID-4");
    }
}

#[test]
fn rfc_7638_thumbprint() {
    let jwk = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;
    let jwk = Jwk::parse(jwk.as_bytes()).unwrap();
    assert_eq!(jwk.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    assert_eq!((jwk.key_id(), jwk.algorithm()), (Some("2011-04-29"), Some(Algorithm::Rs256)));
}

/// Ed25519 signatures repeat, so the RFC's own comes out of both providers.
#[test]
fn rfc_8037_thumbprint_and_signature() {
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    for (_, provider) in PROVIDERS {
        let key = PrivateJwk::parse(jwk.as_bytes()).unwrap();
        assert_eq!(key.public().thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        let keys = VerificationKeys::one(provider, &[Algorithm::EdDsa], &key.public()).unwrap();
        let payload = verified(&format!("{input}.{signature}"), &keys).unwrap();
        assert_eq!(payload, b"Example of Ed25519 signing");
        let key = KeyPair::new(provider, Algorithm::EdDsa, &key).unwrap();
        assert_eq!(signature_of(&key, input), signature);
    }
}

/// DP-1: the proofs of the token request (§4.1), the refresh (§5) and the resource request (§7.1), by the key whose
/// thumbprint §6.1 prints.
#[test]
fn rfc_9449_proofs() {
    let header = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19";
    let proofs = [
        (
            r#"{"jti":"-BwC3ESc6acc2lTc","htm":"POST","htu":"https://server.example.com/token","iat":1562262616}"#,
            "2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg",
        ),
        (
            r#"{"jti":"-BwC3ESc6acc2lTc","htm":"POST","htu":"https://server.example.com/token","iat":1562265296}"#,
            "pAqut2IRDm_De6PR93SYmGBPXpwrAk90e8cP2hjiaG5QsGSuKDYW7_X620BxqhvYC8ynrrvZLTk41mSRroapUA",
        ),
        (
            r#"{"jti":"e1j3V_bKic8-LAEB","htm":"GET","htu":"https://resource.example.org/protectedresource","iat":1562262618,"ath":"fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"}"#,
            "2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA",
        ),
    ];
    for (_, provider) in PROVIDERS {
        for (claims, signature) in proofs {
            let proof = format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(claims));
            let jws = Jws::parse(&proof).unwrap();
            let key = jws.embedded_key().unwrap();
            assert_eq!(key.thumbprint(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
            let keys = VerificationKeys::one(provider, &[Algorithm::Es256], &key).unwrap();
            let verified = jws.verify(&keys, JwtType::Explicit("dpop+jwt")).unwrap();
            assert_eq!(verified.payload(), claims.as_bytes());
        }
    }
}

/// OpenID Connect Core A.2 by the key of A.7, as of the minute it was issued (ID-9, ID-10, ID-12, ID-13).
#[test]
fn openid_connect_core_a_2_id_token() {
    let set = r#"{"keys":[{"kty":"RSA","kid":"1e9gdk7","n":"w7Zdfmece8iaB0kiTY8pCtiBtzbptJmP28nSWwtdjRu0f2GFpajvWE4VhfJAjEsOcwYzay7XGN0b-X84BfC8hmCTOj2b2eHT7NsZegFPKRUQzJ9wW8ipn_aDJWMGDuB1XyqT1E7DYqjUCEOD1b4FLpy_xPn6oV_TYOfQ9fZdbE5HGxJUzekuGcOKqOQ8M7wfYHhHHLxGpQVgL0apWuP2gDDOdTtpuld4D2LK1MZK99s9gaSjRHE8JDb1Z4IGhEcEyzkxswVdPndUWzfvWBBWXWxtSUvQGBRkuy1BHOa4sP6FKjWEeeF7gm7UMs2Nm2QUgNZw6xvEDGaLk4KASdIxRQ","e":"AQAB"}]}"#;
    let token = "eyJraWQiOiIxZTlnZGs3IiwiYWxnIjoiUlMyNTYifQ.ewogImlzcyI6ICJodHRwOi8vc2VydmVyLmV4YW1wbGUuY29tIiwKICJzdWIiOiAiMjQ4Mjg5NzYxMDAxIiwKICJhdWQiOiAiczZCaGRSa3F0MyIsCiAibm9uY2UiOiAibi0wUzZfV3pBMk1qIiwKICJleHAiOiAxMzExMjgxOTcwLAogImlhdCI6IDEzMTEyODA5NzAsCiAibmFtZSI6ICJKYW5lIERvZSIsCiAiZ2l2ZW5fbmFtZSI6ICJKYW5lIiwKICJmYW1pbHlfbmFtZSI6ICJEb2UiLAogImdlbmRlciI6ICJmZW1hbGUiLAogImJpcnRoZGF0ZSI6ICIwMDAwLTEwLTMxIiwKICJlbWFpbCI6ICJqYW5lZG9lQGV4YW1wbGUuY29tIiwKICJwaWN0dXJlIjogImh0dHA6Ly9leGFtcGxlLmNvbS9qYW5lZG9lL21lLmpwZyIKfQ.rHQjEmBqn9Jre0OLykYNnspA10Qql2rvx4FsD00jwlB0Sym4NzpgvPKsDjn_wMkHxcp6CilPcoKrWHcipR2iAjzLvDNAReF97zoJqq880ZD1bwY82JDauCXELVR9O6_B0w3K-E7yM2macAAgNCUwtik6SjoSUZRcf-O5lygIyLENx882p6MtmwaL1hd6qn5RZOQ0TLrOYu0532g9Exxcm-ChymrB4xLykpDj3lUivJt63eEGGN6DH5K6o33TcxkIjNrCD4XB1CKKumZvCedgHHF3IAK4dVEDSUoGlH9z4pP_eWYNXvqQOjGs-rDaQzUHl6cQQWNiDpWOl_lxXjQEvQ";
    for (_, provider) in PROVIDERS {
        let set = JwkSet::parse(set.as_bytes()).unwrap();
        let keys = VerificationKeys::new(provider, &[Algorithm::Rs256], &set).unwrap();
        let claims = Jws::parse(token).unwrap().verify(&keys, JwtType::Generic).unwrap().claims().unwrap();
        assert_eq!(claims.claim::<String>("nonce").unwrap().as_deref(), Some("n-0S6_WzA2Mj"));
        let at = |secs| {
            ClaimsCheck::at(UnixTime::from_secs(secs))
                .issuer("http://server.example.com")
                .audience("s6BhdRkqt3")
                .expires()
                .check(&claims)
        };
        assert!(at(1_311_280_970).is_ok());
        assert!(at(1_311_281_970).is_err());
        assert!(at(1_311_280_969).is_err());
    }
}

/// The request object of RFC 9101 §4 by the key printed there.
#[test]
fn rfc_9101_request_object() {
    let jwk = r#"{"kty":"RSA","kid":"k2bdc","n":"x5RbkAZkmpRxia65qRQ1wwSMSxQUnS7gcpVTV_cdHmfmG2ltd2yabEO9XadD8pJNZubINPpmgHh3J1aD9WRwS05ucmFq3CfFsluLt13_7oX5yDRSKX7poXmT_5ko8k4NJZPMAO8fPToDTH7kHYbONSE2FYa5GZ60CUsFhSonI-dcMDJ0Ary9lxIw5k2z4TAdARVWcS7sD07VhlMMshrwsPHBQgTatlkxyIHXbYdtak8fqvNAwr7OlVEvM_Ipf5OfmdB8Sd-wjzaBsyP4VhJKoi_qdgSzpC694XZeYPq45Sw-q51iFUlcOlTCI7z6jltUtnR6ySn6XDGFnzH5Fe5ypw","e":"AQAB"}"#;
    let object = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsyYmRjIn0.ewogICAgImlzcyI6ICJzNkJoZFJrcXQzIiwKICAgICJhdWQiOiAiaHR0cHM6Ly9zZXJ2ZXIuZXhhbXBsZS5jb20iLAogICAgInJlc3BvbnNlX3R5cGUiOiAiY29kZSBpZF90b2tlbiIsCiAgICAiY2xpZW50X2lkIjogInM2QmhkUmtxdDMiLAogICAgInJlZGlyZWN0X3VyaSI6ICJodHRwczovL2NsaWVudC5leGFtcGxlLm9yZy9jYiIsCiAgICAic2NvcGUiOiAib3BlbmlkIiwKICAgICJzdGF0ZSI6ICJhZjBpZmpzbGRraiIsCiAgICAibm9uY2UiOiAibi0wUzZfV3pBMk1qIiwKICAgICJtYXhfYWdlIjogODY0MDAKfQ.Nsxa_18VUElVaPjqW_ToI1yrEJ67BgKb5xsuZRVqzGkfKrOIX7BCx0biSxYGmjK9KJPctH1OC0iQJwXu5YVY-vnW0_PLJb1C2HG-ztVzcnKZC2gE4i0vgQcpkUOCpW3SEYXnyWnKzuKzqSb1wAZALo5f89B_p6QA6j6JwBSRvdVsDPdulW8lKxGTbH82czCaQ50rLAg3EYLYaCb4ik4I1zGXE4fvim9FIMs8OCMmzwIB5S-ujFfzwFjoyuPEV4hJnoVUmXR_W9typPf846lGwA8h9G9oNTIuX8Ft2jfpnZdFmLg3_wr3Wa5q3a-lfbgF3S9H_8nN3j1i7tLR_5Nz-g";
    for (_, provider) in PROVIDERS {
        let key = Jwk::parse(jwk.as_bytes()).unwrap();
        let keys = VerificationKeys::one(provider, &[Algorithm::Rs256], &key).unwrap();
        let claims = Jws::parse(object).unwrap().verify(&keys, JwtType::Generic).unwrap().claims().unwrap();
        assert_eq!(claims.issuer(), Some("s6BhdRkqt3"));
        assert_eq!(claims.claim::<u32>("max_age").unwrap(), Some(86_400));
    }
}

fn signature_of(key: &KeyPair, input: &str) -> String {
    let Signed::Ready(signature) = key.sign(input.as_bytes()).unwrap() else { panic!("it is at hand") };
    URL_SAFE_NO_PAD.encode(signature)
}
