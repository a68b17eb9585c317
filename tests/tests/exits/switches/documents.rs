//! What a server says of itself in places that are not what they should be, and in two documents.

use valetkey_core::server::Endpoint;
use valetkey_core::status::{Introspection, Revocation};
use valetkey_core::{AccessToken, Rule};
use valetkey_sandbox::Misbehaviour as M;

use super::*;

/// The paths that were asked for since the sandbox was made.
fn asked(sandbox: &Sandbox) -> Vec<&str> {
    sandbox.log().iter().map(|entry| entry.request().uri().path()).collect()
}

const OAUTH: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

/// DI-2: a redirect to a page for people is not followed, and the second place is asked; so after HTML, 500 and 502.
#[test]
fn a_first_place_that_is_no_document_is_passed_over() {
    for misbehaviour in
        [M::MetadataFirstElsewhere, M::MetadataFirstLogin, M::MetadataFirstBroken, M::MetadataFirstBadGateway]
    {
        let mut sandbox = sandbox();
        sandbox.misbehave(misbehaviour);
        let known = server(&mut sandbox, &[]);
        assert_eq!(asked(&sandbox), [OAUTH, OPENID], "{misbehaviour}");
        let client = web(known, &sandbox);
        tokens(&mut sandbox, &client, WEB).unwrap();
    }
    // Where there is nothing else, the first is what is told.
    let mut nowhere = sandbox();
    nowhere.misbehave(M::MetadataRedirect);
    assert_eq!(found(&mut nowhere, &[]).unwrap_err().rule(), Some(Rule::Di3));
    assert_eq!(asked(&nowhere), [OAUTH, OPENID]);
}

fn discovery() -> Discovery {
    Discovery::new(ISSUER).unwrap()
}

/// DI-2, DI-16: what only one of two documents has is missed by an error, and had by asking for that one, or for both.
#[test]
fn what_only_one_of_two_documents_has_is_had_by_joining_them() {
    let mut sandbox = sandbox();
    sandbox.misbehave(M::MetadataOpenidMore);
    sandbox.misbehave(M::MetadataOpenidLess);
    let both = [Endpoint::Userinfo, Endpoint::Revocation];
    for (discovery, has) in [
        (discovery(), [false, true]),
        (discovery().openid_first(), [true, false]),
        (discovery().joining_documents(), [true, true]),
        (discovery().openid_first().joining_documents(), [true, true]),
    ] {
        let known = run(&mut sandbox, discovery).unwrap().into_server();
        assert_eq!(both.map(|endpoint| known.url_of(endpoint).is_some()), has);
        let client = web(known, &sandbox);
        let tokens = tokens(&mut sandbox, &client, WEB).unwrap();
        match Revocation::access_token(&client, tokens.access_token()) {
            Ok(flow) => run(&mut sandbox, flow).unwrap(),
            Err(error) => {
                assert!(!has[1] && error.to_string().contains("revocation_endpoint"), "{error}");
            }
        }
    }
}

/// DI-16: two that contradict one another are refused by an error that names both ways out.
#[test]
fn two_documents_that_contradict_one_another_are_refused_and_either_is_taken_alone() {
    let mut sandbox = sandbox();
    sandbox.misbehave(M::MetadataContradiction);
    let refused = run(&mut sandbox, discovery().joining_documents()).unwrap_err();
    assert_eq!(refused.rule(), Some(Rule::Di16));
    let text = refused.to_string();
    assert!(text.contains("token_endpoint") && text.contains("`Discovery::openid_first`"), "{text}");
    assert!(text.contains("without `joining_documents`"), "{text}");
    for (discovery, endpoint) in [
        (discovery(), "https://as.example/oauth/token"),
        (discovery().openid_first(), "https://as.example/oauth/token/v2"),
    ] {
        let known = run(&mut sandbox, discovery).unwrap().into_server();
        assert_eq!(known.url_of(Endpoint::Token).as_deref(), Some(endpoint));
    }
}

/// DI-5: a bad endpoint spoils nothing but its own use, and is told.
#[test]
fn a_bad_endpoint_that_is_not_used_spoils_nothing() {
    let token = AccessToken::new("a").unwrap();
    for (misbehaviour, endpoint) in [
        (M::RevocationEndpointEmpty, Endpoint::Revocation),
        (M::RevocationEndpointNumber, Endpoint::Revocation),
        (M::IntrospectionEndpointHttp, Endpoint::Introspection),
    ] {
        let mut sandbox = sandbox();
        sandbox.misbehave(misbehaviour);
        let metadata = found(&mut sandbox, &[]).unwrap();
        assert_eq!(metadata.unusable_endpoints(), [endpoint], "{misbehaviour}");
        let client = web(metadata.into_server(), &sandbox);
        tokens(&mut sandbox, &client, WEB).unwrap();
        let used = match endpoint {
            Endpoint::Revocation => Revocation::access_token(&client, &token).map(drop),
            _ => Introspection::new(&client, &token).map(drop),
        };
        let refused = used.unwrap_err();
        assert_eq!(refused.rule(), Some(Rule::Di5), "{misbehaviour}");
        let text = refused.to_string();
        assert!(text.contains(endpoint.name()) && text.contains("`AuthorizationServer::endpoint`"), "{text}");
        // By its exit it is used after all.
        let path = if endpoint == Endpoint::Revocation { "revoke" } else { "introspect" };
        let mended = client.server().clone().endpoint(endpoint, &format!("{ISSUER}/oauth/{path}")).unwrap();
        let client = web(mended, &sandbox);
        match endpoint {
            Endpoint::Revocation => {
                run(&mut sandbox, Revocation::access_token(&client, &token).unwrap()).unwrap()
            }
            _ => drop(run(&mut sandbox, Introspection::new(&client, &token).unwrap()).unwrap()),
        }
    }
}

/// CA-3: a public client that no list names sends its name, and uses no method.
#[test]
fn a_public_client_that_no_list_names_is_served() {
    let mut sandbox = sandbox();
    sandbox.misbehave(M::PublicClientsUnlisted);
    let native = Client::new(server(&mut sandbox, &[]), "native");
    let tokens = tokens(&mut sandbox, &native, NATIVE).unwrap();
    run(&mut sandbox, Revocation::access_token(&native, tokens.access_token()).unwrap()).unwrap();
}
