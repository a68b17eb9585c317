//! The stage: https servers that the sandbox plays, on this machine alone.

#![expect(clippy::disallowed_methods, reason = "a test of a server is a client with a socket")]

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};

use serde_json::json;
use valetkey_blocking::server::Profile;
use valetkey_blocking::{
    ApiClient, Client, Discovery, Error, Grant, HttpClient, Session, TokenRequest, http_client_for, run,
};
use valetkey_core::host::{Network, TransportErrorKind};
use valetkey_sandbox::{CERTIFICATE_THUMBPRINT, Endpoint, Stage};

/// The address of the proxy that the stage's network names.
fn proxy(stage: &Stage) -> String {
    let network = stage.network();
    let proxy = network.proxies().for_uri(&"https://login.example/".parse().unwrap());
    proxy.unwrap().unwrap().expose().trim_start_matches("http://").trim_end_matches('/').to_owned()
}

fn http(stage: &Stage) -> HttpClient {
    http_client_for(&stage.network()).unwrap()
}

fn service(stage: &Stage, id: &str) -> Client {
    let server = run(&http(stage), Discovery::new("https://login.example").unwrap()).unwrap().into_server();
    Client::new(server, id).api("https://api.example").unwrap()
}

/// What the API answers to a client that asks for this scope.
fn status(stage: &Stage, scope: &str, url: &str) -> u16 {
    let client = service(stage, "service-id").secret("client-secret").unwrap();
    let grant = Grant::client_credentials().scope(scope).unwrap();
    let api = ApiClient::new(http(stage), Session::from_grant(&client, grant));
    api.get(url).unwrap().status().as_u16()
}

#[test]
fn whichever_issuer_is_asked_for_its_metadata_is_played() {
    let stage = Stage::start().unwrap();
    for issuer in [
        "https://login.example",
        "https://login.microsoftonline.com/tenant/v2.0",
        "https://as.example:8443/a",
    ] {
        let found = run(&http(&stage), Discovery::new(issuer).unwrap()).unwrap().into_server();
        assert_eq!(found.issuer_identifier(), Some(issuer));
    }
    let realm = stage.local("http://localhost:8080/realms/demo");
    assert!(realm.starts_with("http://127.0.0.1:") && realm.ends_with("/realms/demo"), "{realm}");
    let discovery = Discovery::new(&realm).unwrap().admit(valetkey_core::Quirk::LoopbackHttp);
    assert!(run(&http(&stage), discovery).is_ok());
}

#[test]
fn a_server_without_metadata_is_known_by_its_endpoints() {
    let stage = Stage::start().unwrap();
    let github =
        Client::new(Profile::GITHUB.server().unwrap(), "service-id").secret_in_body("client-secret").unwrap();
    let flow = TokenRequest::new(&github, Grant::client_credentials()).unwrap();
    assert!(run(&http(&stage), flow).is_ok());
    assert_eq!(stage.sandbox().log().last().unwrap().endpoint(), Endpoint::Token);
}

#[test]
fn what_is_served_is_served_for_its_right_alone() {
    let stage = Stage::start().unwrap();
    assert_eq!(status(&stage, "orders:read", "https://api.example/orders"), 200);
    assert_eq!(status(&stage, "profile", "https://api.example/orders"), 403);
    assert_eq!(status(&stage, "orders:read", "https://api.example/invoices"), 404);
    stage.sandbox().serve("https://api.example/invoices", "orders:read", json!([]));
    assert_eq!(status(&stage, "orders:read", "https://api.example/invoices"), 200);
    let bare = http(&stage).get("https://api.example/orders").call().unwrap_err();
    assert!(bare.to_string().contains("401"), "{bare}");
}

/// A program that sends its token to the wrong API gets nothing there.
#[test]
fn what_is_served_is_served_at_its_own_host_alone() {
    let stage = Stage::start().unwrap();
    let of_host = |host: &str| {
        let mut request = http::Request::get(format!("https://{host}/orders")).body(Vec::new()).unwrap();
        request.headers_mut().insert("authorization", "Bearer nobody's".parse().unwrap());
        stage.sandbox().answer(&request, valetkey_core::UnixTime::from_secs(1)).status().as_u16()
    };
    assert_eq!((of_host("api.example"), of_host("elsewhere.example")), (401, 404));
    let elsewhere = http(&stage).get("https://elsewhere.example/orders").call().unwrap_err();
    assert!(elsewhere.to_string().contains("404"), "{elsewhere}");
}

/// Nothing leaves this computer: plain http to another one ends at the stage's proxy, and that to this one has no proxy.
#[test]
fn plain_http_to_elsewhere_goes_no_further_than_the_stage() {
    let stage = Stage::start().unwrap();
    let refused = http(&stage).get("http://elsewhere.invalid/").call().unwrap_err();
    assert!(stage.sandbox().log().is_empty(), "{refused}");
    let mut stream = TcpStream::connect(proxy(&stage)).unwrap();
    stream.write_all(b"CONNECT elsewhere.invalid:80 HTTP/1.1\r\nHost: elsewhere.invalid:80\r\n\r\n").unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    assert!(said.starts_with("HTTP/1.1 403 "), "{said}");
    let network = stage.network();
    assert!(network.proxies().for_uri(&"http://127.0.0.1:8080/".parse().unwrap()).unwrap().is_none());
}

/// Nobody else's trust is touched: the certificates are of an authority that only the stage's network knows.
#[test]
fn a_client_that_does_not_know_the_stages_authority_is_not_taken_in() {
    let stage = Stage::start().unwrap();
    let network = stage.network();
    let stranger = http_client_for(&Network::new(network.proxies().clone())).unwrap();
    let refused = run(&stranger, Discovery::new("https://login.example").unwrap()).unwrap_err();
    let Error::Transport(refused) = refused else { panic!("{refused}") };
    assert!(matches!(refused.kind(), TransportErrorKind::Certificate(_)), "{refused}");
    assert!(stage.sandbox().log().is_empty());
    // Another stage's authority is another one.
    let other = Stage::start().unwrap();
    let mixed = Network::new(network.proxies().clone()).authority(other.authority());
    assert!(
        run(&http_client_for(&mixed).unwrap(), Discovery::new("https://login.example").unwrap()).is_err()
    );
}

/// It is no way to anywhere: a request to be passed on is refused, and what is no request ends.
#[test]
fn the_proxy_leads_nowhere_else() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let elsewhere = listener.local_addr().unwrap();
    let stage = Stage::start().unwrap();
    for (request, answer) in [
        ("GET http://login.example/ HTTP/1.1\r\nHost: login.example\r\n\r\n".to_owned(), "HTTP/1.1 405 "),
        (format!("CONNECT {}", "x".repeat(20_000)), ""),
        (format!("CONNECT {elsewhere} HTTP/1.1\r\nHost: {elsewhere}\r\n\r\n"), "HTTP/1.1 200 "),
    ] {
        let mut stream = TcpStream::connect(proxy(&stage)).unwrap();
        // It may have hung up before all is written.
        let _ = stream.write_all(request.as_bytes());
        let _ = stream.shutdown(Shutdown::Write);
        let mut said = Vec::new();
        let _ = stream.read_to_end(&mut said);
        assert!(String::from_utf8_lossy(&said).starts_with(answer) && (said.is_empty() == answer.is_empty()));
    }
    assert!(stage.sandbox().log().is_empty());
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "somebody was let through");
    assert!(run(&http(&stage), Discovery::new("https://login.example").unwrap()).is_ok());
}

/// What asks for a tunnel has 8 KiB, and no byte more.
#[test]
fn a_request_for_a_tunnel_has_a_size() {
    let stage = Stage::start().unwrap();
    for (bytes, answer) in [(8192, "HTTP/1.1 200 "), (8193, "")] {
        let (begins, ends) = ("CONNECT login.example:443 HTTP/1.1\r\nX-Padding: ", "\r\n\r\n");
        let request = format!("{begins}{}{ends}", "x".repeat(bytes - begins.len() - ends.len()));
        let mut stream = TcpStream::connect(proxy(&stage)).unwrap();
        let _ = stream.write_all(request.as_bytes());
        let _ = stream.shutdown(Shutdown::Write);
        let mut said = Vec::new();
        let _ = stream.read_to_end(&mut said);
        assert!(String::from_utf8_lossy(&said).starts_with(answer) && said.is_empty() == answer.is_empty());
    }
}

/// CA-6: a certificate is shown by TLS. A header says nothing of it.
#[test]
fn ca_6_a_header_does_not_stand_for_a_certificate() {
    let stage = Stage::start().unwrap();
    let certified = service(&stage, "certified-id").self_signed_tls_client_auth().unwrap();
    let mut flow = TokenRequest::new(&certified, Grant::client_credentials()).unwrap();
    assert!(run(&http(&stage), &mut flow).is_err());
    let with_header = http(&stage)
        .post("https://login.example/oauth/token")
        .header(CERTIFICATE_THUMBPRINT, "A".repeat(43))
        .send_form([("grant_type", "client_credentials"), ("client_id", "certified-id")]);
    assert!(with_header.is_err());
    let sandbox = stage.sandbox();
    let asked = sandbox.log().last().unwrap();
    assert!(!asked.request().headers().contains_key(CERTIFICATE_THUMBPRINT));
}
