//! Who may see a request on its way (S3, F26, F27, F69, F71): what core decides is what happens on the wire.

use valetkey_core::Request;
use valetkey_core::host::{Network, ProxyRules};
use valetkey_tests::{SECRET, get};

use crate::face::{Adapter, Async, Blocking};
use crate::for_both;
use crate::peers::{ASKERS, Authority, Peer, asker};

/// A host that no resolver knows: what reaches it was resolved by a proxy.
const FOREIGN: &str = "https://as.example/token";
/// As it is written in a URL, and as it is.
const WRITTEN_PASSWORD: &str = "p%40ss%3Aword";
const PASSWORD: &str = "p@ss:word";

fn network(variables: &[(&str, &str)]) -> Network {
    let value =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Network::new(ProxyRules::from_values(value))
}

fn adapter<A: Adapter>(variables: &[(&str, &str)]) -> A {
    A::on(&network(variables)).unwrap()
}

/// With a secret that nobody but the server may read.
fn request(url: &str) -> Request {
    let mut request = get(url);
    request.headers_mut().insert("authorization", format!("Bearer {SECRET}").parse().unwrap());
    request
}

/// Ways to write the origin's address that stay on this machine.
fn spellings(origin: &Peer) -> Vec<String> {
    let port = origin.address.port();
    ["127.0.0.1", "localhost", "LOCALHOST", "127.1", "2130706433", "0x7f.0.0.1"]
        .map(|host| format!("http://{host}:{port}/token"))
        .into()
}

for_both! {
    /// Plain http is allowed on loopback because it does not leave the machine (RFC 8252 §8.3).
    fn s3_a_request_for_this_machine_goes_through_no_proxy(_default: A) {
        let (origin, elsewhere) = (Peer::origin(), Peer::origin());
        let proxy = Peer::proxy(elsewhere.address);
        for variable in ["ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"] {
            let adapter: A = adapter(&[(variable, &proxy.url())]);
            for url in spellings(&origin) {
                assert_eq!(adapter.send(request(&url)).unwrap().status(), 200, "{url}");
                assert!(origin.heard().concat().contains(SECRET));
            }
            // The proxy is there, and asked for others.
            assert_eq!(adapter.send(get("http://as.example/token")).unwrap().status(), 200);
            assert!(proxy.heard().concat().contains("as.example"));
        }
    }

    /// What is here is asked directly, also where no proxy can be used.
    fn s3_a_proxy_that_cannot_be_used_is_nothing_to_this_machine(_default: A) {
        let origin = Peer::origin();
        for proxy in ["http://127.0.0.1:9", "socks4://127.0.0.1:9", "::::", "http://[::1"] {
            let adapter: A = adapter(&[("ALL_PROXY", proxy), ("HTTP_PROXY", proxy), ("HTTPS_PROXY", proxy)]);
            assert_eq!(adapter.send(request(&origin.url())).unwrap().status(), 200, "{proxy}");
        }
    }

    /// socks5h: the proxy resolves the name. The user and the password are for it alone.
    fn f26_a_socks_proxy_is_gone_through(_default: A) {
        let authority = Authority::new();
        let origin = authority.server("as.example", |_| ());
        let proxy = Peer::socks(origin.address, true, 0);
        let variable = format!("socks5h://user:{WRITTEN_PASSWORD}@{}", proxy.address);
        let network = network(&[("ALL_PROXY", &variable)]).authority(authority.pem());
        assert_eq!(A::on(&network).unwrap().send(request(FOREIGN)).unwrap().status(), 200);
        assert_eq!(proxy.heard(), [format!("user {PASSWORD}"), "as.example:443".to_owned()]);
        let heard = origin.heard().concat();
        assert!(heard.contains(SECRET) && !heard.to_lowercase().contains("proxy"), "{heard}");
    }

    /// socks5: names are resolved here, so an address goes to the proxy.
    fn f26_a_socks_proxy_is_told_an_address(_default: A) {
        let origin = Peer::origin();
        let proxy = Peer::socks(origin.address, false, 0);
        let adapter: A = adapter(&[("all_proxy", &format!("socks5://{}", proxy.address))]);
        assert_eq!(adapter.send(get("http://192.0.2.7:8080/")).unwrap().status(), 200);
        assert_eq!(proxy.heard(), ["192.0.2.7:8080"]);
        assert_eq!(adapter.send(get("http://as.invalid/")).unwrap_err().http.as_deref(), Some("Connection"));
        assert_eq!(proxy.heard(), [""; 0]);
    }

    /// An HTTP proxy may be spoken to by TLS, whose authorities are the same.
    fn f26_an_https_proxy_is_spoken_to_by_tls(_default: A) {
        let authority = Authority::new();
        let proxy = authority.server("127.0.0.1", |_| ());
        let variable = format!("https://user:{WRITTEN_PASSWORD}@{}", proxy.address);
        let network = network(&[("HTTP_PROXY", &variable)]).authority(authority.pem());
        assert_eq!(A::on(&network).unwrap().send(get("http://as.example/")).unwrap().status(), 200);
        let heard = proxy.heard();
        assert!(heard[0].contains("as.example") && heard[0].contains("Basic dXNlcjpwQHNzOndvcmQ="), "{heard:?}");
    }

    /// It is refused by its name, and the request goes nowhere.
    fn f26_a_proxy_that_cannot_be_used_is_refused_by_name(_default: A) {
        for (value, words) in [
            ("socks4://user:planted@127.0.0.1:1080", "`socks4`"),
            ("socks4a://127.0.0.1:1080", "`socks4a`"),
            ("socks://127.0.0.1:1080", "`socks`"),
            ("ftp://user:planted@127.0.0.1", "`ftp`"),
            ("quic://127.0.0.1", "`quic`"),
            ("http://user:planted/@127.0.0.1:1080", "not the address of a proxy"),
            ("http://user:planted@127.0.0.1:port", "not the address of a proxy"),
            ("http://", "not the address of a proxy"),
            ("socks5://planted@127.0.0.1", "user and password"),
        ] {
            let adapter: A = adapter(&[("HTTPS_PROXY", value)]);
            let failed = adapter.send(request(FOREIGN)).unwrap_err();
            assert_eq!(failed.http.as_deref(), Some("ProxyUnusable"), "{value}: {}", failed.shown);
            let first = failed.shown.lines().next().unwrap();
            assert!(first.contains("HTTPS_PROXY") && first.contains(words) && first.contains("https://as.example"), "{first}");
            assert!(!failed.shown.contains("planted") && !failed.shown.contains(SECRET), "{}", failed.shown);
            assert!(!failed.is_transient);
        }
    }

    /// It goes nowhere, and so through no proxy.
    fn f27_what_is_no_request_is_told_without_the_proxy(_default: A) {
        let (origin, variable) = (Peer::origin(), "ALL_PROXY");
        let proxy = Peer::proxy(origin.address);
        let adapter: A = adapter(&[(variable, &proxy.url())]);
        let failed = adapter.send(get("ftp://as.example/")).unwrap_err();
        assert_eq!(failed.http.as_deref(), Some("Request"), "{}", failed.shown);
        assert!(!failed.shown.contains("through") && !failed.is_transient, "{}", failed.shown);
        assert_eq!(proxy.heard(), [""; 0]);
    }

    fn f27_a_proxy_that_refuses_is_told_as_that(_default: A) {
        let proxy = Peer::refusing("407 Proxy Authentication Required");
        let variable = format!("http://user:planted@{}", proxy.address);
        let adapter: A = adapter(&[("https_proxy", &variable), ("http_proxy", &variable)]);
        for url in [FOREIGN, "http://as.example/x"] {
            let failed = adapter.send(request(url)).unwrap_err();
            assert_eq!(failed.http.as_deref(), Some("ProxyRefused(Some(407))"), "{}", failed.shown);
            let first = failed.shown.lines().next().unwrap();
            assert!(first.starts_with("the proxy refused: 407"), "{first}");
            assert!(first.contains(&proxy.url()) && first.contains("as.example") && !failed.shown.contains("planted"), "{first}");
            assert!(!failed.is_transient);
        }
        let socks = Peer::socks(proxy.address, false, 2);
        let adapter: A = crate::proxies::adapter(&[("ALL_PROXY", &format!("socks5h://{}", socks.address))]);
        let failed = adapter.send(request(FOREIGN)).unwrap_err();
        assert_eq!(failed.http.as_deref(), Some("ProxyRefused(None)"), "{}", failed.shown);
        assert!(failed.shown.contains("connection not allowed"), "{}", failed.shown);
    }

    /// A proxy that is not there is told by its address.
    fn f27_a_proxy_that_does_not_answer_is_named(_default: A) {
        let nobody = crate::wire::nobody();
        let failed = adapter::<A>(&[("HTTPS_PROXY", &nobody)]).send(request(FOREIGN)).unwrap_err();
        assert_eq!(failed.http.as_deref(), Some("Connection"), "{}", failed.shown);
        let expected = format!("the connection to https://as.example through the proxy {nobody} could not be made");
        assert!(failed.shown.starts_with(&expected) && failed.is_transient, "{}", failed.shown);
    }

    /// https goes through a tunnel, and the proxy's user and password go to the proxy alone.
    fn f27_the_password_of_a_proxy_is_for_the_proxy_alone(_default: A) {
        let authority = Authority::new();
        let origin = authority.server("as.example", |_| ());
        let proxy = Peer::proxy(origin.address);
        let network = network(&[("HTTPS_PROXY", &format!("user:{WRITTEN_PASSWORD}@{}", proxy.address))]);
        let shown = format!("{network:?}");
        assert!(!shown.contains("p%40") && !shown.contains(PASSWORD) && shown.contains(&proxy.url()), "{shown}");
        let adapter = A::on(&network.authority(authority.pem())).unwrap();
        assert_eq!(adapter.send(request(FOREIGN)).unwrap().status(), 200);
        let asked = proxy.heard().concat();
        assert!(asked.starts_with("CONNECT as.example:443 HTTP/1.1\r\n"), "{asked}");
        // user:p@ss:word
        assert!(asked.contains("Basic dXNlcjpwQHNzOndvcmQ=") && !asked.contains(SECRET), "{asked}");
        let heard = origin.heard().concat();
        assert!(heard.contains(SECRET) && !heard.to_lowercase().contains("proxy"), "{heard}");
    }

    /// What is for https alone comes before what is for everything.
    fn f71_the_variable_for_the_scheme_comes_first(_default: A) {
        let authority = Authority::new();
        let origin = authority.server("as.example", |_| ());
        let (proxy, socks) = (Peer::proxy(origin.address), Peer::socks(origin.address, false, 0));
        let (http, socks5) = (proxy.url(), format!("socks5h://{}", socks.address));
        let network = network(&[("ALL_PROXY", &socks5), ("HTTPS_PROXY", &http)]).authority(authority.pem());
        assert_eq!(A::on(&network).unwrap().send(request(FOREIGN)).unwrap().status(), 200);
        assert_eq!((proxy.heard().len(), socks.heard().len()), (1, 0));
    }
}

/// The agent keeps the proxy that it was given, but for this machine.
#[test]
fn s3_an_agent_of_the_programs_own_asks_this_machine_directly() {
    let origin = Peer::origin();
    let proxy = Peer::proxy(origin.address);
    let given = ureq::Proxy::new(&proxy.url()).unwrap();
    let adapter = Blocking(ureq::Agent::config_builder().proxy(Some(given)).build().into());
    for url in spellings(&origin) {
        assert_eq!(adapter.send(request(&url)).unwrap().status(), 200, "{url}");
    }
    assert_eq!(proxy.heard(), [""; 0]);
    assert_eq!(adapter.send(request("http://as.example/")).unwrap().status(), 200);
    assert!(proxy.heard().concat().contains("as.example"));
}

/// As the documentation of `http_client_with` says it: the builder's own proxy comes first, and exempts what it is told to.
#[test]
fn s3_a_client_of_the_programs_own_keeps_its_proxy_as_it_is_told() {
    let origin = Peer::origin();
    let proxy = Peer::proxy(origin.address);
    let exempt = reqwest::NoProxy::from_string("localhost,127.0.0.0/8,::1");
    let given = reqwest::Proxy::all(proxy.url()).unwrap().no_proxy(exempt);
    let builder = reqwest::Client::builder().proxy(given);
    let adapter = Async::with(
        valetkey_async::http_client_obeying(builder, network(&[("ALL_PROXY", "socks4://x")]).proxies())
            .unwrap(),
    );
    assert_eq!(adapter.send(request(&origin.url())).unwrap().status(), 200);
    assert_eq!(proxy.heard(), [""; 0]);
    assert_eq!(adapter.send(request("http://as.example/")).unwrap().status(), 200);
    assert!(proxy.heard().concat().contains("as.example"));
}

/// A name that the program resolves itself would be reached directly.
#[test]
fn f26_a_client_does_not_go_around_a_proxy_that_cannot_be_used() {
    let origin = Peer::origin();
    let builder = || reqwest::Client::builder().resolve("as.example", origin.address);
    let url = format!("http://as.example:{}/", origin.address.port());
    let client = |network: &Network| {
        Async::with(valetkey_async::http_client_obeying(builder(), network.proxies()).unwrap())
    };
    assert_eq!(client(&Network::default()).send(get(&url)).unwrap().status(), 200);
    assert_eq!(origin.heard().len(), 1);
    for value in ["socks4://127.0.0.1", "ftp://x", "http://user:pass/word@proxy:1"] {
        let failed = client(&network(&[("ALL_PROXY", value)])).send(get(&url)).unwrap_err();
        assert_eq!(failed.http.as_deref(), Some("ProxyUnusable"), "{}", failed.shown);
    }
    assert_eq!(origin.heard(), [""; 0]);
}

/// A refusal of a tunnel has its status where the library tells it.
#[test]
fn f27_a_proxy_that_forbids_is_told_as_that() {
    let proxy = Peer::refusing("403 Forbidden");
    let variables = [("HTTPS_PROXY", proxy.url())];
    let variables = variables.each_ref().map(|(name, url)| (*name, url.as_str()));
    let kind = |failed: crate::face::Failed| {
        assert!(failed.shown.starts_with("the proxy refused"), "{}", failed.shown);
        failed.http.unwrap()
    };
    assert_eq!(
        kind(adapter::<Blocking>(&variables).send(get(FOREIGN)).unwrap_err()),
        "ProxyRefused(Some(403))"
    );
    assert_eq!(kind(adapter::<Async>(&variables).send(get(FOREIGN)).unwrap_err()), "ProxyRefused(None)");
}

/// The environment is read, by the adapters' own and by a program's own of which nothing is set.
#[test]
fn s3_the_environments_proxy_does_not_see_what_is_for_this_machine() {
    let origin = Peer::origin();
    let proxy = Peer::proxy(origin.address);
    for by in ASKERS {
        for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
            assert_eq!(asker(by, &origin.url(), &[(variable, &proxy.url())]), "200", "{by}, {variable}");
            assert_eq!(proxy.heard(), [""; 0], "{by}, {variable}");
            assert!(origin.heard().concat().contains(SECRET));
            assert_eq!(
                asker(by, "http://as.example/", &[(variable, &proxy.url())]),
                "200",
                "{by}, {variable}"
            );
            assert!(proxy.heard().concat().contains("as.example"), "{by}, {variable}");
            origin.heard();
        }
    }
}

/// A CGI program finds a request's header `Proxy` there.
#[test]
fn s3_a_cgi_program_does_not_read_http_proxy() {
    let origin = Peer::origin();
    let proxy = Peer::proxy(origin.address);
    for by in ASKERS {
        let variables = [("HTTP_PROXY", proxy.url()), ("REQUEST_METHOD", "GET".to_owned())];
        let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
        let said = asker(by, "http://as.invalid/", &variables);
        assert!(said.contains("the connection to http://as.invalid could not be made"), "{by}: {said}");
        assert_eq!(proxy.heard(), [""; 0], "{by}");
    }
}

/// The variables of F26 and F71 together, and the one of F69 for what is here.
#[test]
fn f69_what_is_here_is_reached_whatever_proxy_is_named() {
    let origin = Peer::origin();
    for by in ASKERS {
        for variable in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"] {
            assert_eq!(
                asker(by, &origin.url(), &[(variable, "http://127.0.0.1:9")]),
                "200",
                "{by}, {variable}"
            );
        }
        let said = asker(
            by,
            FOREIGN,
            &[("HTTPS_PROXY", "socks4://user:planted@127.0.0.1:1"), ("ALL_PROXY", "http://127.0.0.1:9")],
        );
        assert!(!said.contains("planted") && said.contains("proxy"), "{by}: {said}");
    }
}
