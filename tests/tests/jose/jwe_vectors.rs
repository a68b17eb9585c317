//! The published vectors of RFC 7516, 7518 and 8037 for encryption. Those of RFC 7520 are among Wycheproof's. RFC 7516 A.4 and
//! A.5 are JWEs in JSON, which no JWT is.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use valetkey_core::jose::jwe::{ContentAlgorithm, Encryption, Jwe, KeyAlgorithm};
use valetkey_core::jose::{AwsLc, CryptoProvider as _, Jwk, PrivateJwk, PrivateKey};
use valetkey_tests::jose::PROVIDERS;
use valetkey_tests::jwe::{compact, decrypted, keys_of, rule};

const A1_KEY: &str = r#"{"kty":"RSA","n":"oahUIoWw0K0usKNuOR6H4wkf4oBUXHTxRvgb48E-BVvxkeDNjbC4he8rUWcJoZmds2h7M70imEVhRU5djINXtqllXI4DFqcI1DgjT9LewND8MW2Krf3Spsk_ZkoFnilakGygTwpZ3uesH-PFABNIUYpOiN15dsQRkgr0vEhxN92i2asbOenSZeyaxziK72UwxrrKoExv6kc5twXTq4h-QChLOln0_mtUZwfsRaMStPs6mS6XrgxnxbWhojf663tuEQueGC-FCMfra36C9knDFGzKsNa7LZK2djYgyD3JR_MB_4NUJW_TqOQtwHYbxevoJArm-L5StowjzGy-_bq6Gw","e":"AQAB","d":"kLdtIj6GbDks_ApCSTYQtelcNttlKiOyPzMrXHeI-yk1F7-kpDxY4-WY5NWV5KntaEeXS1j82E375xxhWMHXyvjYecPT9fpwR_M9gV8n9Hrh2anTpTD93Dt62ypW3yDsJzBnTnrYu1iwWRgBKrEYY46qAZIrA2xAwnm2X7uGR1hghkqDp0Vqj3kbSCz1XyfCs6_LehBwtxHIyh8Ripy40p24moOAbgxVw3rxT_vlt3UVe4WO3JkJOzlpUf-KTVI2Ptgm-dARxTEtE-id-4OJr0h-K-VFs3VSndVTIznSxfyrj8ILL6MG_Uv8YAu7VILSB3lOW085-4qE3DzgrTjgyQ","p":"1r52Xk46c-LsfB5P442p7atdPUrxQSy4mti_tZI3Mgf2EuFVbUoDBvaRQ-SWxkbkmoEzL7JXroSBjSrK3YIQgYdMgyAEPTPjXv_hI2_1eTSPVZfzL0lffNn03IXqWF5MDFuoUYE0hzb2vhrlN_rKrbfDIwUbTrjjgieRbwC6Cl0","q":"wLb35x7hmQWZsWJmB_vle87ihgZ19S8lBEROLIsZG4ayZVe9Hi9gDVCOBmUDdaDYVTSNx_8Fyw1YYa9XGrGnDew00J28cRUoeBB_jKI1oma0Orv1T9aXIWxKwd4gvxFImOWr3QRL9KEBRzk2RatUBnmDZJTIAfwTs0g68UZHvtc","dp":"ZK-YwE7diUh0qR1tR7w8WHtolDx3MZ_OTowiFvgfeQ3SiresXjm9gZ5KLhMXvo-uz-KUJWDxS5pFQ_M0evdo1dKiRTjVw_x4NyqyXPM5nULPkcpU827rnpZzAJKpdhWAgqrXGKAECQH0Xt4taznjnd_zVpAmZZq60WPMBMfKcuE","dq":"Dq0gfgJ1DdFGXiLvQEZnuKEN0UUmsJBxkjydc3j4ZYdBiMRAy86x0vHCjywcMlYYg4yoC4YZa9hNVcsjqA3FeiL19rk8g6Qn29Tt0cj8qqyFpz9vNDBUfCAiJVeESOjJDZPYHdHY8v1b-o-Z2X5tvLx-TCekf7oxyeKDUqKWjis","qi":"VIMpMYbPf47dT1w_zDUXfPimsSegnMOA1zTaX7aGk_8urY6R8-ZW1FxU7AlWAyLWybqq6t16VFd7hQd0y6flUK4SlOydB61gwanOsXGOAOv82cHq0E3eL4HrtZkUuKvnPrMnsUUFlfUdybVzxyjz9JF_XyaY14ardLSjf4L_FNY"}"#;
const A1: &str = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJRgckCL9kiMT03JGeipsEdY3mx_etLbbWSrFr05kLzcSr4qKAq7YN7e9jwQRb23nfa6c9d-StnImGyFDbSv04uVuxIp5Zms1gNxKKK2Da14B8S4rzVRltdYwam_lDp5XnZAYpQdb76FdIKLaVmqgfwX7XWRxv2322i-vDxRfqNzo_tETKzpVLzfiwQyeyPGLBIO56YJ7eObdv0je81860ppamavo35UgoRdbYaBcoh9QcfylQr66oc6vFWXRcZ_ZT2LawVCWTIy3brGPi6UklfCpIMfIjf7iGdXKHzg.48V1_ALb6US04U3b.5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6jiSdiwkIr3ajwQzaBtQD_A.XFBoMYUZodetZdvTiFvSkQ";
const A2: &str = "eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.UGhIOguC7IuEvf_NPVaXsGMoLOmwvc1GyqlIKOK1nN94nHPoltGRhWhw7Zx0-kFm1NJn8LE9XShH59_i8J0PH5ZZyNfGy2xGdULU7sHNF6Gp2vPLgNZ__deLKxGHZ7PcHALUzoOegEI-8E66jX2E4zyJKx-YxzZIItRzC5hlRirb6Y5Cl_p-ko3YvkkysZIFNPccxRU7qve1WYPxqbb2Yw8kZqa2rMWI5ng8OtvzlV7elprCbuPhcCdZ6XDP0_F8rkXds2vE4X-ncOIM8hAYHHi29NX0mcKiRaD0-D-ljQTP-cFPgwCp6X-nZZd9OHBv-B3oWh2TbqmScqXMR4gp_A.AxY8DCtDaGlsbGljb3RoZQ.KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY.9hH0vgRfYgPnAHOd8stkvw";
const A3: &str = "eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.6KB707dM9YTIgHtLvtgWQ8mKwboJW3of9locizkDTHzBC2IlrT1oOQ.AxY8DCtDaGlsbGljb3RoZQ.KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY.U0m_YmjN04DJvceFICbCVQ";

fn key(json: &str) -> PrivateJwk {
    PrivateJwk::parse(json.as_bytes()).unwrap()
}

fn bytes(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

#[test]
fn rfc_7516_a_1_rsa_oaep_and_aes_256_gcm() {
    let agreed = Encryption::new(KeyAlgorithm::RsaOaep).with(ContentAlgorithm::A256Gcm);
    let keys = keys_of(&AwsLc, key(A1_KEY));
    let plaintext = decrypted(A1, &keys, agreed).unwrap();
    assert_eq!(plaintext, b"The true sign of intelligence is not knowledge but imagination.");
}

/// ID-45: A.2 is `RSA1_5`, A.3 is key wrap by a shared secret.
#[test]
fn rfc_7516_a_2_and_a_3_are_refused() {
    for text in [A2, A3] {
        assert_eq!(rule(&Jwe::parse(text).unwrap_err()), "ID-45");
    }
    assert_eq!((KeyAlgorithm::from_name("RSA1_5"), KeyAlgorithm::from_name("A128KW")), (None, None));
}

/// RFC 7518 App. B cannot be asked through the public API, since its additional data is not the header of a JWE; the same
/// algorithms are in Wycheproof's vectors, and in RFC 7520 §5.5. Here, App. C: the key that Alice and Bob agree on.
#[test]
fn rfc_7518_c_ecdh_es() {
    let alice = r#"{"kty":"EC","crv":"P-256","x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0","y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps"}"#;
    let bob = r#"{"kty":"EC","crv":"P-256","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ","y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck","d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}"#;
    let header = format!(r#"{{"alg":"ECDH-ES","enc":"A128GCM","apu":"QWxpY2U","apv":"Qm9i","epk":{alice}}}"#);
    let derived = bytes("VqqN6vgjbSBcIijNcacQGg");
    let agreed = Encryption::new(KeyAlgorithm::EcdhEs).with(ContentAlgorithm::A128Gcm);
    for (_, provider) in PROVIDERS {
        let text = by_key(&header, &derived, b"");
        assert_eq!(decrypted(&text, &keys_of(provider, key(bob)), agreed).unwrap(), b"hello");
        // Without apu and apv, another key is derived.
        let bare = header.replace(r#""apu":"QWxpY2U","apv":"Qm9i","#, "");
        let error =
            decrypted(&by_key(&bare, &derived, b""), &keys_of(provider, key(bob)), agreed).unwrap_err();
        assert_eq!(rule(&error), "ID-46");
    }
}

/// The secret that both sides of RFC 8037 A.6 agree on, which is RFC 7748 §6.1's, and Bob's public key.
#[test]
fn rfc_8037_a_6_ecdh_es_with_x25519() {
    let alice = bytes("dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo");
    let bob = bytes("XasIfmJKikt54X-Lg4AO5m87sSkmGLb9HC-LJ_-I4Os");
    let ephemeral = r#"{"kty":"OKP","crv":"X25519","x":"hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo"}"#;
    let public = r#"{"kty":"OKP","crv":"X25519","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}"#;
    let secret = bytes("Sl2dW6TOLeFyjjv0gDUPJeB-IclH0Z4zdvCbPB4WF0I");
    let (ephemeral, public) =
        (Jwk::parse(ephemeral.as_bytes()).unwrap(), Jwk::parse(public.as_bytes()).unwrap());
    for (name, provider) in PROVIDERS {
        let provider = provider.encryption().unwrap();
        for (own, of_own, other) in [(&alice, &ephemeral, &public), (&bob, &public, &ephemeral)] {
            let d = own.as_slice().try_into().unwrap();
            let (agree, known) = provider.agreement(PrivateKey::X25519 { d, public: None }).unwrap();
            assert_eq!(known, *of_own.key(), "{name}");
            assert_eq!(*agree(other.key()).unwrap(), secret, "{name}");
        }
    }
    // The header of A.6, with the key that follows from the secret by the Concat KDF.
    let header = r#"{"alg":"ECDH-ES+A128KW","epk":{"kty":"OKP","crv":"X25519","x":"hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo"},"enc":"A128GCM","kid":"Bob"}"#;
    let jwk = r#"{"kty":"OKP","crv":"X25519","kid":"Bob","d":"XasIfmJKikt54X-Lg4AO5m87sSkmGLb9HC-LJ_-I4Os","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}"#;
    let kek = concat_kdf(&secret, "ECDH-ES+A128KW");
    let agreed = Encryption::new(KeyAlgorithm::EcdhEsA128Kw).with(ContentAlgorithm::A128Gcm);
    for (name, provider) in PROVIDERS {
        let wrapped = provider.encryption().unwrap().wrap_key(&kek, &[5; 16]).unwrap();
        let text = by_key(header, &[5; 16], &wrapped);
        assert_eq!(decrypted(&text, &keys_of(provider, key(jwk)), agreed).unwrap(), b"hello", "{name}");
    }
}

/// RFC 3394 §4.1, §4.3, §4.4 and §4.6: AES Key Wrap with keys of all three lengths, in both providers.
#[test]
fn rfc_3394_aes_key_wrap() {
    let hex = |text: &str| -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|place| u8::from_str_radix(&text[place..place + 2], 16).unwrap())
            .collect()
    };
    let kek = "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F";
    let key = "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F";
    let cases = [
        (16, 16, "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5"),
        (24, 16, "96778B25AE6CA435F92B5B97C050AED2468AB8A17AD84E5D"),
        (32, 16, "64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7"),
        (24, 24, "031D33264E15D33268F24EC260743EDCE1C6C7DDEE725A936BA814915C6762D2"),
        (32, 32, "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"),
    ];
    for (name, provider) in PROVIDERS {
        let provider = provider.encryption().unwrap();
        for (kek_len, key_len, wrapped) in cases {
            let (kek, wrapped) = (&hex(kek)[..kek_len], hex(wrapped));
            let key = match key_len {
                24 => hex("00112233445566778899AABBCCDDEEFF0001020304050607"),
                _ => hex(key)[..key_len].to_vec(),
            };
            assert_eq!(provider.wrap_key(kek, &key).unwrap(), wrapped, "{name} {kek_len}");
            assert_eq!(*provider.unwrap_key(kek, &wrapped).unwrap(), key, "{name} {kek_len}");
            for place in 0..wrapped.len() {
                let mut changed = wrapped.clone();
                changed[place] ^= 1;
                assert!(provider.unwrap_key(kek, &changed).is_none(), "{name} {kek_len} {place}");
            }
            for wrong in [&wrapped[1..], &wrapped[..8], &[]] {
                assert!(provider.unwrap_key(kek, wrong).is_none(), "{name} {kek_len}");
            }
        }
    }
}

/// A JWE with A128GCM whose content key is known.
fn by_key(header: &str, content_key: &[u8], encrypted_key: &[u8]) -> String {
    let aad = URL_SAFE_NO_PAD.encode(header);
    let provider = AwsLc.encryption().unwrap();
    let mut sealed = provider.gcm_encrypt(content_key, &[7; 12], aad.as_bytes(), b"hello").unwrap();
    let tag = sealed.split_off(sealed.len() - 16);
    compact(&aad, &[encrypted_key, &[7; 12], &sealed, &tag])
}

/// RFC 7518 §4.6.2 for 128 bits and without apu and apv, written once more.
fn concat_kdf(secret: &[u8], algorithm: &str) -> Vec<u8> {
    use sha2::Digest as _;
    let length = |length: usize| u32::try_from(length).unwrap().to_be_bytes();
    let input = [
        &length(1)[..],
        secret,
        &length(algorithm.len()),
        algorithm.as_bytes(),
        &length(0),
        &length(0),
        &length(128),
    ];
    sha2::Sha256::digest(input.concat())[..16].to_vec()
}
