//! `valetkey inspect --issuer`: an ID token is verified with its issuer's keys, and each check is told by its rule.

use serde_json::Value;
use valetkey_blocking::{
    AuthorizationRequest, AuthorizationResponse, Client, Discovery, Quirk, entropy, http_client, now, run,
};

use crate::world::World;

/// An ID token of Alice's for the native application, and the nonce that it answers to.
fn id_token(world: &World) -> (String, String) {
    let http = http_client();
    let discovery = Discovery::new(world.url()).unwrap().admit(Quirk::LoopbackHttp);
    let client = Client::new(run(&http, discovery).unwrap().into_server(), "native");
    let request = AuthorizationRequest::new(&client, "http://127.0.0.1:4711/callback").unwrap();
    let request = request.scope("openid profile").unwrap();
    let (url, mut pending) = request.begin_unbound(entropy().unwrap(), now()).unwrap();
    let nonce = url.as_str().split("nonce=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let response = AuthorizationResponse::from_url(&world.arrive(url.as_str(), true)).unwrap();
    let tokens = run(&http, pending.finish(&client, &response, now()).unwrap()).unwrap();
    (tokens.id_token().unwrap().expose().to_owned(), nonce)
}

fn inspect(world: &World, options: &[&str], token: &str) -> (i32, Value) {
    let arguments: Vec<&str> =
        ["inspect", "--json", "--issuer", world.url()].iter().chain(options).copied().collect();
    let ran = world.run_with(&arguments, &[], token);
    assert!(!ran.out.contains(token) && !ran.err.contains(token), "{ran:?}");
    (ran.code, ran.json())
}

fn keeps(report: &Value, rule: &str) -> bool {
    report["kept"].as_array().unwrap().iter().any(|kept| kept == rule)
}

#[test]
fn each_check_of_a_good_one_is_told() {
    let world = World::standard();
    let (token, nonce) = id_token(&world);
    let (code, report) = inspect(&world, &["--client-id", "native", "--nonce", &nonce], &token);
    assert_eq!((code, &report["broken"]), (0, &Value::Null), "{report}");
    for rule in ["ID-4", "ID-6", "ID-8", "ID-9", "ID-10", "ID-11", "ID-12", "ID-13", "ID-15", "ID-18"] {
        assert!(keeps(&report, rule), "{rule}: {report}");
    }
    assert_eq!(report["facts"]["name"], "Alice Archer");
    // What only the program can tell is not said to be kept.
    let (code, report) = inspect(&world, &[], &token);
    assert_eq!(code, 0, "{report}");
    assert!(keeps(&report, "ID-6") && !keeps(&report, "ID-10") && !keeps(&report, "ID-15"), "{report}");
    let notes = report["notes"].to_string();
    assert!(notes.contains("--client-id tells") && notes.contains("--nonce tells"), "{notes}");
    let text = world.run_with(&["inspect", "--issuer", world.url()], &[], &token);
    assert!(
        text.out.contains("verified with its issuer's keys") && text.out.contains("kept    ID-9"),
        "{text:?}"
    );
}

#[test]
fn what_is_wrong_is_told_by_its_rule() {
    let world = World::standard();
    let (token, nonce) = id_token(&world);
    for (options, rule) in [
        (["--client-id", "web", "--nonce", &nonce], "ID-10"),
        (["--client-id", "native", "--nonce", "another"], "ID-15"),
        // A random text may begin so.
        (["--client-id", "native", "--nonce", "-another"], "ID-15"),
    ] {
        let (code, report) = inspect(&world, &options, &token);
        assert_eq!((code, &report["broken"]["rule"]), (5, &Value::from(rule)), "{report}");
    }
    let (body, _) = token.rsplit_once('.').unwrap();
    let (code, report) = inspect(&world, &[], &format!("{body}.{}", "A".repeat(86)));
    assert_eq!((code, &report["broken"]["rule"]), (5, &Value::from("ID-8")), "{report}");
    let (code, report) = inspect(&world, &[], "no-jwt-at-all");
    assert_eq!((code, &report["broken"]["rule"]), (5, &Value::from("ID-1")), "{report}");
}

/// A server that is not there is no fault of the token's.
#[test]
fn an_issuer_that_cannot_be_asked_is_told() {
    let world = World::standard();
    let (token, _) = id_token(&world);
    let nobody = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    world.run_with(&["inspect", "--issuer", &format!("http://{nobody}")], &[], &token).failed(6, &["next: "]);
    world.run_with(&["inspect", "--issuer", "login.example"], &[], &token).failed(2, &["DI-1"]);
    world.run_with(&["inspect", "--client-id", "native"], &[], &token).failed(2, &["--issuer"]);
}
