//! A host on this machine, or in no network but its own, is known in every spelling that the URL standard reads as one, and in
//! those that only a system's resolver reads: no proxy is asked for it, and no URL of another leads there.

use url::{Host, Url};
use valetkey_core::host::{ProxyRules, is_public_host};

/// Spellings of this machine.
const HERE: [&str; 34] = [
    "localhost",
    "LOCALHOST",
    "LocalHost",
    "localhost.",
    "LOCALHOST.",
    "app.localhost",
    "app.localhost.",
    "%6cocalhost",
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "0x7f.1",
    "0X7F.0.0.1",
    "0x7f000001",
    "0x7F000001.",
    "2130706433",
    "017700000001",
    "0177.0.0.1",
    "0177.1",
    "127.0x0.0.01",
    "127%2e0%2e0%2e1",
    "%31%32%37.1",
    "0.0.0.0",
    "0",
    "0x0",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000::0001]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::FFFF:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:0001]",
];

/// Names that some network has of its own, and the internet has not.
const LOCAL: [&str; 16] = [
    "db",
    "printer.local",
    "PRINTER.LOCAL",
    "printer.local.",
    "nas.lan",
    "wiki.intranet",
    "wiki.corp",
    "box.home",
    "router.home.arpa",
    "metadata.google.internal",
    "host.docker.internal",
    "box.localdomain",
    "localhost.localdomain",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
    "vault.service.consul",
];

fn goes_by_a_proxy(host: &str) -> Option<bool> {
    let rules = ProxyRules::from_values(|name| {
        ["HTTP_PROXY", "http_proxy", "ALL_PROXY"]
            .contains(&name)
            .then(|| "http://proxy.example:3128".to_owned())
    });
    let uri = format!("http://{host}/").parse().ok()?;
    Some(rules.for_uri(&uri).unwrap().is_some())
}

#[test]
fn no_spelling_of_this_machine_is_asked_through_a_proxy_or_is_public() {
    for host in HERE {
        // What the URL standard makes of it is this machine, or a name that its resolver keeps for it.
        let url = Url::parse(&format!("http://{host}/")).unwrap_or_else(|error| panic!("{host}: {error}"));
        let is_here = match url.host().unwrap() {
            Host::Ipv4(address) => address.is_loopback() || address.is_unspecified(),
            Host::Ipv6(address) => address.to_canonical().is_loopback() || address.is_unspecified(),
            Host::Domain(name) => name.trim_end_matches('.').ends_with("localhost"),
        };
        assert!(is_here, "{host}: {url}");
        assert_ne!(goes_by_a_proxy(host), Some(true), "{host}");
        assert!(!is_public_host(host), "{host}");
    }
    // A guard of the test itself: another host does go by it.
    for host in ["as.example", "localhost.example", "128.0.0.1", "[2606:4700::1]"] {
        assert_eq!(goes_by_a_proxy(host), Some(true), "{host}");
    }
}

#[test]
fn a_name_that_some_network_has_of_its_own_is_not_public() {
    for host in LOCAL {
        assert!(!is_public_host(host), "{host}");
    }
    for host in ["as.example", "svc.example", "consul.io", "localdomain.org", "local.example.com"] {
        assert!(is_public_host(host), "{host}");
    }
}
