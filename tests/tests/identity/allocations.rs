//! How often the verification of an ID token asks for memory, which repeats: what it costs beside a benchmark.

use allocation_counter::measure;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use valetkey_core::identity::{IdTokenVerification, Login};
use valetkey_core::jose::{Algorithm, AwsLc, CryptoProvider as _, Signer as _};
use valetkey_core::terms::IdToken;
use valetkey_core::{AccessToken, Client, Flow as _, Step};
use valetkey_tests::jose::key_pair;
use valetkey_tests::openid::{claims, half_hash, id_token, provider_by};
use valetkey_tests::{NOW, client_of};

const ACCESS_TOKEN: &str = "SlAV32hkKG";
const NONCE: &str = "n-0S6_WzA2Mj";

fn verified(client: &Client, id_token: &IdToken, beside: &AccessToken) -> Login {
    let flow = IdTokenVerification::new(client, id_token).unwrap().nonce(NONCE).unwrap();
    let Ok(Step::Done(login)) = flow.beside(beside).step(None, NOW) else { panic!("the key is known") };
    login
}

fn allocations(mut run: impl FnMut()) -> u64 {
    // What is filled once is filled before.
    run();
    measure(run).count_total
}

/// What a clone of the login asks for is what the login keeps.
#[test]
fn an_id_token_is_verified_with_three_allocations_beside_what_is_kept() {
    let beside = AccessToken::new(ACCESS_TOKEN).unwrap();
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let mut claims = claims(Some(NONCE));
        claims["at_hash"] = json!(half_hash(ACCESS_TOKEN));
        for (name, value) in
            [("acr", "1"), ("sid", "08a5019c"), ("name", "Jane Doe"), ("email", "jane@example.com")]
        {
            claims[name] = json!(value);
        }
        let jwt = id_token(algorithm, &claims);
        let client = client_of(provider_by(&AwsLc, algorithm));
        let id_token = IdToken::new(jwt.as_str()).unwrap();
        let login = verified(&client, &id_token, &beside);

        let (input, signature) = jwt.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let verify =
            AwsLc.verifier(algorithm, key_pair(&AwsLc, algorithm).public_key().unwrap().key()).unwrap();
        let bare = allocations(|| assert!(verify(input.as_bytes(), &signature)));
        let kept = allocations(|| drop(login.clone()));
        let whole = allocations(|| drop(verified(&client, &id_token, &beside)));
        assert!(kept > 0 && whole <= bare + kept + 3, "{algorithm}: {whole}, {bare} bare, {kept} kept");
    }
}
