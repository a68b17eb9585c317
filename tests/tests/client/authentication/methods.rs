//! CA-1, CA-3: one method a request, and which.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use valetkey_core::client::AuthenticationMethod;
use valetkey_core::jose::{Algorithm, AwsLc, KeyPair};
use valetkey_core::server::Endpoint;
use valetkey_core::status::{Introspection, Revocation};
use valetkey_core::{
    AccessToken, AuthorizationRequest, Client, Error, Grant, Quirks, RefreshToken, Rule, TokenRequest,
};
use valetkey_sandbox::{Misbehaviour, Sandbox};
use valetkey_tests::jose::key_pair;
use valetkey_tests::script::play;
use valetkey_tests::{NOW, entropy, json, server};

use super::world::*;

/// CA-1: whatever the first method is, no second one is taken.
#[test]
fn a_client_has_one_method() {
    let key = || key_pair(&AwsLc, Algorithm::Es256);
    type Method = fn(Client, Arc<KeyPair>) -> Result<Client, Error>;
    let methods: [(&str, Method); 5] = [
        ("client_secret_basic", |client, _| client.secret(secret())),
        ("client_secret_post", |client, _| client.secret_in_body(secret())),
        ("private_key_jwt", |client, key| client.assertion(key, entropy(1))),
        ("tls_client_auth", |client, _| client.tls_client_auth()),
        ("self_signed_tls_client_auth", |client, _| client.self_signed_tls_client_auth()),
    ];
    for (name, first) in methods {
        let client = first(Client::new(all_endpoints(), ID), key()).unwrap();
        assert_eq!(client.method().name(), name);
        for (_, second) in methods {
            assert_eq!(second(client.clone(), key()).unwrap_err().rule(), Some(Rule::Ca1));
        }
        // One proof and no other goes to each endpoint.
        for (endpoint, request) in a_request_to_each(&client) {
            let request = request.unwrap();
            let proofs = [
                request.headers().contains_key("authorization"),
                parameter(&request, "client_secret").is_some(),
                parameter(&request, "client_assertion").is_some(),
            ];
            let proofs = proofs.into_iter().filter(|there| *there).count();
            assert_eq!(proofs, usize::from(!name.ends_with("tls_client_auth")), "{name} at {endpoint:?}");
        }
    }
}

/// CA-3: what the server lists is what it takes, at the endpoint that the list is for; nothing is tried out.
#[test]
fn a_method_that_is_not_listed_is_not_sent() {
    let client = |server| signing(server, key_pair(&AwsLc, Algorithm::Es256));
    let lists: [(&str, &[Endpoint]); 3] = [
        (
            "token_endpoint_auth_methods_supported",
            &[Endpoint::Token, Endpoint::DeviceAuthorization, Endpoint::Introspection, Endpoint::Revocation],
        ),
        ("introspection_endpoint_auth_methods_supported", &[Endpoint::Introspection]),
        ("revocation_endpoint_auth_methods_supported", &[Endpoint::Revocation]),
    ];
    for (list, refused) in lists {
        let picky = client(all_endpoints().list(list, ["client_secret_basic", "PRIVATE_KEY_JWT"]));
        for (endpoint, request) in a_request_to_each(&picky) {
            match request {
                Ok(_) => assert!(!refused.contains(&endpoint), "{list} {endpoint:?}"),
                Err(error) => {
                    assert_eq!(
                        (error.rule(), refused.contains(&endpoint)),
                        (Some(Rule::Ca3), true),
                        "{list}"
                    );
                }
            }
        }
        let willing = client(all_endpoints().list(list, ["private_key_jwt"]));
        assert!(a_request_to_each(&willing).into_iter().all(|(_, request)| request.is_ok()));
    }
}

/// CA-3: the lists are of authentication methods. A public client has none, sends its `client_id` and is let through at every
/// endpoint, whatever a server lists.
#[test]
fn a_public_client_is_held_to_no_list() {
    let methods = ["client_secret_basic", "private_key_jwt"];
    let lists = [
        "token_endpoint_auth_methods_supported",
        "introspection_endpoint_auth_methods_supported",
        "revocation_endpoint_auth_methods_supported",
    ];
    let server = lists.into_iter().fold(all_endpoints(), |server, list| server.list(list, methods));
    for (endpoint, request) in a_request_to_each(&Client::new(server, ID)) {
        let request = request.unwrap();
        assert_eq!(parameter(&request, "client_id").as_deref(), Some(ID), "{endpoint:?}");
        assert!(!request.headers().contains_key("authorization"), "{endpoint:?}");
    }
}

/// CA-3: the error says what to do where the server takes a method that it does not list.
#[test]
fn the_refusal_of_a_method_names_the_list_and_the_way_through() {
    let basic = |server| Client::new(server, ID).secret("gX1fBAt3bV").unwrap();
    let listing = |name: &str| basic(all_endpoints().list(name, ["private_key_jwt"]));
    let told = |client: &Client, place: usize| {
        let (endpoint, request) = a_request_to_each(client).swap_remove(place);
        (endpoint, request.unwrap_err().to_string())
    };
    let (endpoint, at_token) = told(&listing("token_endpoint_auth_methods_supported"), 0);
    assert_eq!(endpoint, Endpoint::Token);
    assert!(
        at_token.contains("`AuthorizationServer::authentication_methods([\"client_secret_basic\"])`"),
        "{at_token}"
    );
    let (endpoint, at_revocation) = told(&listing("revocation_endpoint_auth_methods_supported"), 3);
    assert_eq!(endpoint, Endpoint::Revocation);
    let list = "`AuthorizationServer::list(\"revocation_endpoint_auth_methods_supported\", [\"client_secret_basic\"])`";
    assert!(at_revocation.contains(list), "{at_revocation}");

    // What it names is the way through.
    let server = all_endpoints().authentication_methods(["private_key_jwt"]);
    let client = basic(server.authentication_methods(["client_secret_basic"]));
    assert!(a_request_to_each(&client).into_iter().all(|(_, request)| request.is_ok()));
}

/// CA-3: a server that takes public clients and does not list `none` serves one from its metadata on.
#[test]
fn a_discovered_server_that_does_not_list_none_serves_a_public_client() {
    let mut sandbox = Sandbox::standard([7; 32], ISSUER);
    sandbox.misbehave(Misbehaviour::PublicClientsUnlisted);
    let server = met(&mut sandbox, Quirks::STRICT);
    let listed = server.listed("token_endpoint_auth_methods_supported").unwrap();
    assert!(listed.iter().all(|method| method != "none"));
    let native = Client::new(server, "native");
    // The server itself takes the client: what it refuses is a token that it does not know.
    let token = AccessToken::new("unknown").unwrap();
    let inactive = carry(&mut sandbox, Introspection::new(&native, &token).unwrap(), |_| ());
    assert!(!matches!(inactive, Err(Error::Misuse(_))), "{inactive:?}");
    let revoked = carry(&mut sandbox, Revocation::access_token(&native, &token).unwrap(), |_| ());
    assert!(revoked.is_ok(), "{revoked:?}");
}

/// CA-2, RFC 6749 §2.3.1: the secret may be empty, where a program says so; an empty text by mistake is refused, and its error
/// names the way.
#[test]
fn a_client_sends_basic_with_an_empty_secret_where_it_says_so() {
    let error = Client::new(server(), ID).secret("").unwrap_err();
    assert!(error.to_string().contains("`Client::basic_without_secret`"), "{error}");
    let client = Client::new(all_endpoints(), ID).basic_without_secret().unwrap();
    for (endpoint, request) in a_request_to_each(&client) {
        let request = request.unwrap();
        let header = request.headers()["authorization"].to_str().unwrap().to_owned();
        assert_eq!(header, format!("Basic {}", STANDARD.encode(format!("{ID}:"))), "{endpoint:?}");
        assert_eq!(parameter(&request, "client_id"), None, "{endpoint:?}");
    }
    assert_eq!(client.basic_without_secret().unwrap_err().rule(), Some(Rule::Ca1));
    // A refusal's text is told: nothing in it is taken for the secret.
    let client = Client::new(server(), ID).basic_without_secret().unwrap();
    let refusal = json(400, r#"{"error":"invalid_scope","error_description":"no such scope"}"#);
    let error = play(tokens_for(&client), [Some(refusal)]).outcome.unwrap_err();
    assert_eq!(error.refused().unwrap().description(), Some("no such scope"));
    // The sandbox takes it from a public client, as some servers do and others insist on.
    let mut sandbox = Sandbox::standard([7; 32], ISSUER);
    let native = Client::new(met(&mut sandbox, Quirks::STRICT), "native").basic_without_secret().unwrap();
    let token = AccessToken::new("unknown").unwrap();
    assert!(carry(&mut sandbox, Revocation::access_token(&native, &token).unwrap(), |_| ()).is_ok());
}

/// CA-2: a space is `%20`, which a decoder of forms and one of percent-encoding read alike; a plus is still a plus.
#[test]
fn a_space_in_basic_is_percent_encoded() {
    let client = Client::new(server(), "an id").secret("a b+c").unwrap();
    let request = request_of(&mut tokens_for(&client));
    let header = request.headers()["authorization"].to_str().unwrap().to_owned();
    assert_eq!(header, format!("Basic {}", STANDARD.encode("an%20id:a%20b%2Bc")));
}

/// AQ-6: a server that calls `client_id` otherwise gets it under its name, and under no other, in every form.
#[test]
fn the_client_identifier_goes_under_the_servers_name_for_it() {
    let client =
        Client::new(all_endpoints().client_id_as("client_key").unwrap(), ID).secret_in_body("s").unwrap();
    for (endpoint, request) in a_request_to_each(&client) {
        let request = request.unwrap();
        assert_eq!(parameter(&request, "client_key").as_deref(), Some(ID), "{endpoint:?}");
        assert_eq!(parameter(&request, "client_id"), None, "{endpoint:?}");
    }
    let refresh = Grant::refresh_token(&RefreshToken::new("r").unwrap());
    let request = request_of(&mut TokenRequest::new(&client, refresh).unwrap());
    assert_eq!(parameter(&request, "client_key").as_deref(), Some(ID));
    let request = AuthorizationRequest::new(&client, "https://app.example/callback").unwrap();
    let (url, _) = request.begin_unbound(entropy(1), NOW).unwrap();
    assert!(url.as_str().contains("&client_key=") && !url.as_str().contains("client_id"), "{url}");
    assert_eq!(request.parameter("client_key", "x").unwrap_err().rule(), Some(Rule::Aq6));
    for name in ["", "code", "state", "client secret", "client_secret"] {
        assert_eq!(server().client_id_as(name).unwrap_err().rule(), Some(Rule::Aq6), "{name}");
    }
}

/// CA-3: the strongest of what both can do, the RFC's default where the server lists none, and none by trial.
#[test]
fn the_method_is_chosen_from_what_the_server_lists() {
    use AuthenticationMethod::{
        None as Public, PrivateKeyJwt, SecretBasic, SecretJwt, SecretPost, SelfSignedTlsClientAuth,
        TlsClientAuth,
    };
    type Case<'a> = (Option<&'a [&'a str]>, &'a [AuthenticationMethod], Option<AuthenticationMethod>);
    let names: Vec<&str> = AuthenticationMethod::ALL.iter().map(|method| method.name()).collect();
    let cases: [Case<'_>; 12] = [
        (Some(&names), AuthenticationMethod::ALL, Some(PrivateKeyJwt)),
        (Some(&names), &[Public, SecretPost, SecretJwt, TlsClientAuth], Some(TlsClientAuth)),
        (Some(&names), &[SecretJwt, SelfSignedTlsClientAuth], Some(SelfSignedTlsClientAuth)),
        (Some(&["client_secret_post", "client_secret_basic"]), AuthenticationMethod::ALL, Some(SecretBasic)),
        (Some(&["client_secret_post", "none"]), &[Public, SecretPost, SecretJwt], Some(SecretPost)),
        // A public client authenticates by none, whether that is listed or not.
        (Some(&["attest_jwt_client_auth"]), AuthenticationMethod::ALL, Some(Public)),
        (Some(&["client_secret_basic"]), &[PrivateKeyJwt, Public], Some(Public)),
        (Some(&["attest_jwt_client_auth"]), &[PrivateKeyJwt, SecretBasic], None),
        (Some(&["client_secret_basic"]), &[PrivateKeyJwt], None),
        (None, AuthenticationMethod::ALL, Some(SecretBasic)),
        (None, &[Public, PrivateKeyJwt], Some(PrivateKeyJwt)),
        (None, &[], None),
    ];
    for (listed, offered, expected) in cases {
        let server = match listed {
            Some(names) => server().authentication_methods(names.iter().copied()),
            None => server(),
        };
        assert_eq!(server.preferred_method(offered), expected, "{listed:?} {offered:?}");
    }
    assert_eq!(BTreeSet::from_iter(names).len(), AuthenticationMethod::ALL.len());
}
