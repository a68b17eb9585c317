//! The network that the program is in: proxies (S3, F26, F27, F69) and private authorities (F25).

use std::io::{self, Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rcgen::{Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::world::{SECRET, World};

/// Answers each connection, for as long as the test lives. Its address.
fn answering(talk: impl Fn(TcpStream) -> io::Result<()> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            // What goes wrong here, the program reports.
            let _ = talk(stream);
        }
    });
    address
}

/// Reads the head of a request, to its end.
fn head(stream: &mut impl Read) -> io::Result<()> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    Ok(())
}

/// An API behind TLS, whose certificate is of an authority that no system knows: its URL, and the authority.
fn private_api() -> (String, String) {
    private_server(|stream, _| fine(stream))
}

/// The same with answers of its own, which are told the URL.
pub(crate) fn private_server(
    talk: impl Fn(&mut Talking, &str) -> io::Result<()> + Send + 'static,
) -> (String, String) {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    (api_with(&certificate, &key, talk), authority.pem())
}

/// The same, whose certificate signed itself; and whether it says that it is an authority.
fn self_signed_api(is_ca: IsCa) -> (String, String) {
    let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    params.is_ca = is_ca;
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    (api_with(&certificate, &key, |stream, _| fine(stream)), certificate.pem())
}

/// A connection, behind TLS.
pub(crate) type Talking = StreamOwned<ServerConnection, TcpStream>;

/// Answers that all is well.
fn fine(stream: &mut Talking) -> io::Result<()> {
    head(stream)?;
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
}

/// Its URL.
fn api_with(
    certificate: &Certificate,
    key: &KeyPair,
    talk: impl Fn(&mut Talking, &str) -> io::Result<()> + Send + 'static,
) -> String {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap();
    let config = Arc::new(config);
    let address = answering(move |stream| {
        let url = format!("https://{}", stream.local_addr()?);
        let connection = ServerConnection::new(Arc::clone(&config)).map_err(io::Error::other)?;
        let mut stream = StreamOwned::new(connection, stream);
        talk(&mut stream, &url)?;
        stream.conn.send_close_notify();
        stream.flush()
    });
    format!("https://{address}")
}

/// A profile with a token for that API.
fn profile(api: &str, more: &str) -> String {
    format!(
        "method = \"permanent-token\"\ntoken = \"env:{SECRET}\"\nsubject = \"user\"\napi = \"{api}\"\n{more}"
    )
}

#[test]
fn f25_a_private_authority_is_named_by_the_profile_or_the_command_line() {
    let world = World::space();
    let (api, authority) = private_api();
    std::fs::write(world.path("authority.pem"), authority).unwrap();
    let token = [(SECRET, "planted-token")];

    world.profiles(&[("one", &profile(&api, ""))]);
    world.run_with(&["call", &api], &token, "").failed(6, &[&api, "UnknownIssuer", "--ca", "`ca`"]);
    let named = world.run_with(&["call", &api, "--ca", "authority.pem"], &token, "");
    assert_eq!((named.code, named.out.as_str()), (0, "ok"), "{named:?}");

    world.profiles(&[("one", &profile(&api, "ca = \"authority.pem\""))]);
    let kept = world.run_with(&["call", &api], &token, "");
    assert_eq!((kept.code, kept.out.as_str()), (0, "ok"), "{kept:?}");
}

/// As `openssl req -x509` makes it, it is an authority's, which is no server's; without that it serves.
#[test]
fn f25_a_certificate_that_signed_itself_is_told_how_it_is_made() {
    let world = World::space();
    let token = [(SECRET, "planted-token")];
    let call = |is_ca| {
        let (api, certificate) = self_signed_api(is_ca);
        std::fs::write(world.path("own.pem"), certificate).unwrap();
        world.profiles(&[("one", &profile(&api, "ca = \"own.pem\""))]);
        world.run_with(&["call", &api], &token, "")
    };
    call(IsCa::Ca(rcgen::BasicConstraints::Unconstrained)).failed(
        6,
        &["the certificate of https://127.0.0.1:", "`openssl req -x509 … -addext basicConstraints=CA:FALSE`"],
    );
    assert_eq!(call(IsCa::ExplicitNoCa).out, "ok");
}

#[test]
fn f25_a_file_that_is_no_authority_is_told_by_its_key_and_its_path() {
    let world = World::space();
    let api = "https://as.example";
    world.profiles(&[("one", &profile(api, ""))]);
    std::fs::write(world.path("not.pem"), "no certificate").unwrap();
    for (file, why) in [("nowhere.pem", "cannot be read"), ("not.pem", "no certificate in it")] {
        let ran = world.run_with(&["call", api, "--ca", file], &[(SECRET, "planted-token")], "");
        ran.failed(2, &["`ca`", &world.path(file).display().to_string(), why]);
        let tour = world.run(&["tour", "--server", api, "--ca", file]);
        tour.failed(2, &["`ca`", file, why]);
        let page = world.run(&["playground", "--no-open", "--ca", file]);
        page.failed(2, &["`ca`", file, why]);
    }
}

/// Everything that the tour asks is on this machine.
#[test]
fn f69_the_tour_asks_no_proxy() {
    let world = World::space();
    for proxy in ["http://127.0.0.1:9", "socks4://127.0.0.1:9", "not a proxy"] {
        let variables = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"].map(|name| (name, proxy));
        let ran = world.run_with(&["tour", "--json"], &variables, "");
        assert_eq!(ran.code, 0, "{proxy}: {ran:?}");
        assert_eq!(ran.out.matches("\"ok\":true").count(), 14, "{proxy}: {ran:?}");
    }
}

#[test]
fn f26_a_proxy_that_cannot_be_used_is_a_fault_of_the_configuration() {
    let world = World::space();
    world.profiles(&[("one", &profile("https://as.example", ""))]);
    let variables = [(SECRET, "planted-token"), ("ALL_PROXY", "socks4://user:planted-password@127.0.0.1:1")];
    let ran = world.run_with(&["call", "https://as.example/x"], &variables, "");
    ran.failed(2, &["ALL_PROXY", "`socks4`", "https://as.example"]);
    assert!(!ran.err.contains("planted"), "{ran:?}");
}

#[test]
fn f27_a_proxy_that_refuses_is_told_as_that() {
    let world = World::space();
    world.profiles(&[("one", &profile("https://as.example", ""))]);
    let address = answering(|mut stream| {
        head(&mut stream)?;
        stream.write_all(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")
    });
    let proxy = format!("http://user:planted-password@{address}");
    let ran = world.run_with(
        &["call", "https://as.example/x"],
        &[(SECRET, "planted-token"), ("https_proxy", &proxy)],
        "",
    );
    ran.failed(6, &["the proxy refused: 407", &format!("http://{address}"), "NO_PROXY"]);
    assert!(!ran.err.contains("planted"), "{ran:?}");
}
