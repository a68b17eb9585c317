//! DI-9: metadata that somebody has signed, of a server and of a resource.

use serde_json::{Value, json};
use valetkey_core::api::ProtectedResourceDiscovery;
use valetkey_core::jose::{Algorithm, RustCrypto, VerificationKeys};
use valetkey_core::server::{Endpoint, Metadata, MetadataSigner};
use valetkey_core::{Discovery, Error, Quirk, Quirks, Resource, Rule};
use valetkey_tests::jose::{HMAC_SECRET, signed, verification_keys};
use valetkey_tests::script::play;
use valetkey_tests::{NOW, json as answer};

use crate::support::*;

const SIGNER: &str = "https://federation.example";

fn signer() -> MetadataSigner {
    MetadataSigner::new(SIGNER, verification_keys(&RustCrypto, Algorithm::Es256))
}

fn statement() -> Value {
    json!({
        "iss": SIGNER,
        "iat": NOW.as_secs(),
        "exp": NOW.as_secs() + 60,
        "issuer": ISSUER,
        "token_endpoint": "https://as.example/signed-token",
    })
}

fn document(signed_metadata: Value) -> String {
    json!({
        "issuer": ISSUER,
        "response_types_supported": ["code"],
        "token_endpoint": "https://as.example/token",
        "jwks_uri": "https://as.example/jwks",
        "signed_metadata": signed_metadata,
    })
    .to_string()
}

fn signed_document(statement: &Value) -> String {
    document(json!(signed(&RustCrypto, Algorithm::Es256, statement)))
}

fn read(document: &str) -> Result<Metadata, Error> {
    Discovery::new(ISSUER).unwrap().signed_by(signer()).parse(answer(200, document), NOW)
}

/// DI-9: the signed values stand in the place of the plain ones, and the others stay.
#[test]
fn signed_values_take_precedence() {
    let metadata = read(&signed_document(&statement())).unwrap();
    let server = metadata.server();
    assert_eq!(server.url_of(Endpoint::Token).as_deref(), Some("https://as.example/signed-token"));
    assert_eq!(server.url_of(Endpoint::Jwks).as_deref(), Some("https://as.example/jwks"));
    assert!(metadata.is_signed() && metadata.is_verified());
    assert_eq!(
        metadata.member::<String>("iss").unwrap(),
        None,
        "the statement's own claims are not the server's"
    );

    // Whoever knows no signer ignores it.
    let plain = Discovery::new(ISSUER)
        .and_then(|discovery| discovery.parse(answer(200, &signed_document(&statement())), NOW))
        .unwrap();
    assert_eq!(plain.server().url_of(Endpoint::Token).as_deref(), Some("https://as.example/token"));
    assert!(plain.is_signed() && !plain.is_verified());
    assert_eq!(
        rule(
            Discovery::new(ISSUER)
                .and_then(|discovery| discovery.parse(answer(200, &document(json!(7))), NOW))
        ),
        Rule::Di9
    );
}

/// DI-9: a statement that does not hold makes the whole document worthless, and so does one that is missing.
#[test]
fn a_statement_that_does_not_hold_is_not_half_believed() {
    let with = |name: &str, value: Value| {
        let mut statement = statement();
        statement[name] = value;
        signed_document(&statement)
    };
    let unsigned = "eyJhbGciOiJub25lIn0.e30.";
    let by_secret = signed(&RustCrypto, Algorithm::Hs256, &statement());
    for wrong in [
        document(json!(7)),
        document(json!("")),
        document(json!("a.b.c")),
        document(json!(unsigned)),
        document(json!(by_secret)),
        with("iss", json!("https://attacker.example")),
        with("iss", json!(7)),
        with("exp", json!(NOW.as_secs())),
        with("nbf", json!(NOW.as_secs() + 1)),
        json!({ "issuer": ISSUER, "response_types_supported": ["code"] }).to_string(),
    ] {
        assert_eq!(rule(read(&wrong)), Rule::Di9, "{wrong}");
    }
    // What is signed is held to the same rules as what is not.
    assert_eq!(rule(read(&with("issuer", json!("https://attacker.example")))), Rule::Di4);
    let unusable = read(&with("token_endpoint", json!("http://as.example/token"))).unwrap();
    assert_eq!(unusable.unusable_endpoints(), [Endpoint::Token], "DI-5");
    assert_eq!(rule(read("[]")), Rule::Tr2);
    // A secret verifies nothing that a published key should.
    let secret = VerificationKeys::secret(Algorithm::Hs256, HMAC_SECRET.as_bytes()).unwrap();
    let other = MetadataSigner::new(SIGNER, secret);
    let document = signed_document(&statement());
    assert_eq!(
        rule(Discovery::new(ISSUER).unwrap().signed_by(other).parse(answer(200, &document), NOW)),
        Rule::Di9
    );
}

/// DI-9: a statement says whom it is about. One that does not, whatever else its signer has signed (an ID token, a statement
/// about somebody else), stands for no document.
#[test]
fn a_statement_about_nobody_stands_for_no_document() {
    let id_token = json!({
        "iss": SIGNER,
        "sub": "24400320",
        "aud": "s6BhdRkqt3",
        "iat": NOW.as_secs(),
        "exp": NOW.as_secs() + 60,
    });
    let endpoint_alone = json!({ "iss": SIGNER, "token_endpoint": "https://other.example/token" });
    for about_nobody in [id_token, endpoint_alone] {
        assert_eq!(rule(read(&signed_document(&about_nobody))), Rule::Di9, "{about_nobody}");
        let statement = signed(&RustCrypto, Algorithm::Es256, &about_nobody);
        let resource = "https://api.example/notes";
        let document = json!({ "resource": resource, "signed_metadata": statement }).to_string();
        let response = answer(200, &document);
        let read = ProtectedResourceDiscovery::new(&Resource::new(resource).unwrap())
            .unwrap()
            .signed_by(signer())
            .parse(response, NOW);
        assert_eq!(rule(read), Rule::Di9, "{about_nobody}");
    }
}

/// DI-9: no status makes a document without a statement a signed one.
#[test]
fn no_status_stands_in_for_a_signature() {
    let quirks = Quirks::STRICT.with(Quirk::AnySuccessStatus);
    let unsigned = json!({ "issuer": ISSUER, "response_types_supported": ["code"] }).to_string();
    let read = |body: &str| {
        Discovery::new(ISSUER).unwrap().admit_all(quirks).signed_by(signer()).parse(answer(201, body), NOW)
    };
    assert_eq!(rule(read(&unsigned)), Rule::Di9);
    assert!(read(&signed_document(&statement())).unwrap().is_verified());
}

/// The discovery of a server whose signer is known takes nothing else, and looks no further.
#[test]
fn a_discovery_takes_signed_metadata_only() {
    let discovery = || Discovery::new(ISSUER).unwrap().signed_by(signer());
    let played =
        play(discovery(), [Some(answer(404, "")), Some(answer(200, &signed_document(&statement())))]);
    assert!(played.outcome.unwrap().is_verified());
    let played = play(discovery(), [Some(answer(200, &document(json!("a.b.c"))))]);
    assert_eq!(played.rule(), Rule::Di9);
}

/// The same for a resource (RFC 9728 §2.2).
#[test]
fn a_resources_metadata_are_signed_too() {
    let resource = "https://api.example/notes";
    let servers = ["https://signed.example"];
    let statement = json!({ "iss": SIGNER, "resource": resource, "authorization_servers": servers });
    let document = |statement: &Value| {
        let statement = signed(&RustCrypto, Algorithm::Es256, statement);
        let servers = ["https://plain.example"];
        json!({ "resource": resource, "authorization_servers": servers, "signed_metadata": statement })
            .to_string()
    };
    let parsed = ProtectedResourceDiscovery::new(&Resource::new(resource).unwrap())
        .unwrap()
        .signed_by(signer())
        .parse(answer(200, &document(&statement)), NOW);
    let parsed = parsed.unwrap();
    assert_eq!(parsed.authorization_servers(), ["https://signed.example"]);
    assert!(parsed.is_signed() && parsed.is_verified());
    let discovery = || {
        let resource = Resource::new(resource).unwrap();
        ProtectedResourceDiscovery::new(&resource).unwrap().signed_by(signer())
    };
    assert!(play(discovery(), [Some(answer(200, &document(&statement)))]).outcome.unwrap().is_verified());
    let other = json!({ "iss": "https://attacker.example" });
    assert_eq!(play(discovery(), [Some(answer(200, &document(&other)))]).rule(), Rule::Di9);
    let plain =
        json!({ "resource": resource, "authorization_servers": ["https://plain.example"] }).to_string();
    assert_eq!(play(discovery(), [Some(answer(200, &plain))]).rule(), Rule::Di9);
}
