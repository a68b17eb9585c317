//! What the server says of the person who logged in, in each of the three forms (OpenID Connect Core §5.3.2).

use valetkey_core::jose::jwe::{ContentAlgorithm, Encryption, KeyAlgorithm};
use valetkey_core::jose::{Algorithm, AwsLc, Jwk, VerificationKeys};
use valetkey_core::openid::ClaimSourceRequest;
use valetkey_core::{AuthorizationRequest, Client, Rule};

use super::{Visit, dpop_key, identity, scope};
use crate::adapter::{Adapter, rows};

rows! { user_info_aggregated, user_info_encrypted, user_info_json, user_info_of_another_form, user_info_signed }

fn profile(request: AuthorizationRequest) -> AuthorizationRequest {
    request.scope(scope("openid profile email")).unwrap()
}

/// UI-5: about the person of the login, and in the form that this client is registered for.
fn told<A: Adapter>(visit: &Visit<'_, A>, client: &Client, is_signed: bool) {
    let tokens = visit.authorize(client, profile).unwrap();
    assert_eq!(tokens.login().unwrap().standard_claims().name(), None, "claims of a scope are in UserInfo");
    let told = visit.told_of(client, &tokens).unwrap();
    assert_eq!(told.identity(), identity(&tokens));
    let claims = told.standard_claims();
    assert_eq!(claims.name(), Some("Alice Liddell"));
    assert_eq!((claims.email(), claims.email_verified()), (Some("alice@client.example"), Some(true)));
    assert_eq!(claims.locale(), Some("en-GB"));
    assert_eq!(told.is_signed(), is_signed);
    assert!(told.quirks().is_empty(), "{:?}", told.quirks());
    assert!(told.checks().contains(Rule::Ui5));
    assert_eq!(told.checks().contains(Rule::Ui4), is_signed);
}

/// UI-6: with a token in its header, and with one that is bound, where the server wants a nonce of its own too.
fn user_info_json(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    told(&visit, &visit.basic("basic"), false);
    let visit = Visit::wanting_nonces(adapter);
    told(&visit, &visit.basic("dpop").dpop(dpop_key()).unwrap(), false);
}

/// UI-10, UI-11: what another said of the person, in its own name: of that, what the server named, and no more.
fn user_info_aggregated(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let tokens = visit.authorize(&client, |request| request.scope(scope("openid address")).unwrap()).unwrap();
    let told = visit.told_of(&client, &tokens).unwrap();
    assert!(told.standard_claims().address().is_none() && told.standard_claims().is_elsewhere("address"));
    let [source] = told.elsewhere() else { panic!("the address alone is elsewhere") };
    let keys = || {
        let jwk = Jwk::parse(visit.rig.told("/bank/jwk").to_string().as_bytes()).unwrap();
        VerificationKeys::one(&AwsLc, &[Algorithm::Es256], &jwk).unwrap()
    };
    let bank = visit.rig.text("/bank/issuer");
    let said = adapter.run(ClaimSourceRequest::new(source, bank, keys()).unwrap()).unwrap();
    assert_eq!((said.issuer(), said.names()), (bank, &["address".to_owned()][..]));
    assert_eq!(said.standard_claims().address().unwrap().locality(), Some("Oxford"));
    let another = ClaimSourceRequest::new(source, "https://another.example", keys()).unwrap();
    assert_eq!(adapter.run(another).unwrap_err().rule(), Some(Rule::Ui11));
}

/// UI-3, UI-4.
fn user_info_signed(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("user-info-signed").user_info_algorithm(Algorithm::Es256).unwrap();
    told(&visit, &client, true);
}

/// ID-43 to ID-51, for UserInfo.
fn user_info_encrypted(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let agreed = Encryption::new(KeyAlgorithm::RsaOaep256).with(ContentAlgorithm::A256Gcm);
    let client = visit.decrypting("user-info-encrypted", KeyAlgorithm::RsaOaep256);
    let client = client.user_info_algorithm(Algorithm::Es256).unwrap().user_info_encryption(agreed).unwrap();
    told(&visit, &client, true);
}

/// UI-3, ID-43: another form than the registered one is refused.
fn user_info_of_another_form(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let cases = [
        (visit.basic("user-info-signed"), Rule::Ui3),
        (visit.basic("basic").user_info_algorithm(Algorithm::Es256).unwrap(), Rule::Ui3),
        (visit.basic("user-info-encrypted").user_info_algorithm(Algorithm::Es256).unwrap(), Rule::Id43),
    ];
    for (client, rule) in cases {
        let tokens = visit.authorize(&client, profile).unwrap();
        let error = visit.told_of(&client, &tokens).unwrap_err();
        assert_eq!(error.rule(), Some(rule), "{}: {error}", client.id());
    }
}
