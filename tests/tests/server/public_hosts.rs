//! PR-4, DI-1, DI-7: which hosts the internet can have, by IANA's registries, and where others are refused.

use std::net::IpAddr;

use valetkey_core::api::ProtectedResourceDiscovery;
use valetkey_core::error::Challenge;
use valetkey_core::host::{is_public_address, is_public_host};
use valetkey_core::server::{Endpoint, Metadata};
use valetkey_core::{Discovery, Error, Flow as _, Quirk, Quirks, Rule};
use valetkey_tests::script::play;
use valetkey_tests::{NOW, json};

/// The first and the last address of each range that the internet does not have, as a URL writes them.
const PRIVATE: [&str; 90] = [
    // IPv4 Special-Purpose Address Registry.
    "0.0.0.0",
    "0.255.255.255",
    "10.0.0.0",
    "10.255.255.255",
    "100.64.0.0",
    "100.127.255.255",
    "127.0.0.0",
    "127.255.255.255",
    "169.254.0.0",
    "169.254.169.254",
    "169.254.255.255",
    "172.16.0.0",
    "172.31.255.255",
    "192.0.0.0",
    "192.0.0.8",
    "192.0.0.170",
    "192.0.0.255",
    "192.0.2.0",
    "192.0.2.255",
    "192.88.99.0",
    "192.88.99.255",
    "192.168.0.0",
    "192.168.255.255",
    "198.18.0.0",
    "198.19.255.255",
    "198.51.100.0",
    "198.51.100.255",
    "203.0.113.0",
    "203.0.113.255",
    "224.0.0.0",
    "239.255.255.255",
    "240.0.0.0",
    "255.255.255.254",
    "255.255.255.255",
    // IPv6 Special-Purpose Address Registry, and what is not assigned to unicast.
    "[::]",
    "[::1]",
    "[::a00:1]",
    "[::808:808]",
    "[64:ff9b::]",
    "[64:ff9b::a00:1]",
    "[64:ff9b::808:808]",
    "[64:ff9b::ffff:ffff]",
    "[64:ff9b:1::]",
    "[64:ff9b:1:ffff:ffff:ffff:ffff:ffff]",
    "[100::1]",
    "[1fff:ffff::1]",
    "[2001::1]",
    "[2001:0:a00:1::]",
    "[2001:2::1]",
    "[2001:10::1]",
    "[2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff]",
    "[2001:db8::]",
    "[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]",
    "[2002::1]",
    "[2002:a00:1::1]",
    "[2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff]",
    "[3fff::]",
    "[3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff]",
    "[4000::1]",
    "[5f00::1]",
    "[fc00::1]",
    "[fdff:ffff::1]",
    "[fe80::1]",
    "[febf:ffff::1]",
    "[fec0::1]",
    "[feff:ffff::1]",
    "[FF02::1]",
    // Names of one label, and for local use.
    "kubernetes",
    "localhost",
    "LOCALHOST",
    "intranet",
    "com",
    "a.localhost",
    "printer.local",
    "PRINTER.Local",
    "metadata.google.internal",
    "a.b.internal",
    "router.home.arpa",
    "1.0.0.10.in-addr.arpa",
    "nas.lan",
    "wiki.corp",
    "wiki.intranet",
    "wiki.private",
    "nas.home",
    "relay.mail",
    "as.test",
    "as.invalid",
    "as.onion",
    "as.alt",
    "_x.local",
];

/// Other ways to write such a host, or what is no host at all.
const NO_HOSTS: [&str; 24] = [
    "",
    ".",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "017700000001",
    "0177.0.0.1",
    "127.0.0.1.",
    "localhost.",
    "as.example.com.",
    "::1",
    "2606:4700::1",
    "[::ffff:127.0.0.1]",
    "[::ffff:8.8.8.8]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:0:0:1]",
    "[fe80::1%25eth0]",
    "as.example.com:443",
    "user@as.example.com",
    "as%2eexample.com",
    "as.example.com/",
    "ａs.example.com",
];

const PUBLIC: [&str; 40] = [
    // Just outside of the ranges above.
    "1.0.0.0",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "191.255.255.255",
    "192.0.1.0",
    "192.0.3.0",
    "192.88.98.255",
    "192.88.100.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "198.51.99.255",
    "198.51.101.0",
    "203.0.112.255",
    "203.0.114.0",
    "223.255.255.255",
    "8.8.8.8",
    "[2000::1]",
    "[2001:200::1]",
    "[2001:4860:4860::8888]",
    "[2001:db7::1]",
    "[2001:db9::1]",
    "[2003::1]",
    "[2606:4700::1]",
    "[3ffe:ffff::1]",
    "[3fff:1000::1]",
    "as.example",
    "as.example.com",
    "local.example.com",
    "internal-tools.example",
    "xn--mnchen-3ya.de",
];

#[test]
fn s17_the_registries_say_which_hosts_are_the_internets() {
    for host in PRIVATE.iter().chain(&NO_HOSTS) {
        assert!(!is_public_host(host), "{host}");
    }
    for host in PUBLIC {
        assert!(is_public_host(host), "{host}");
    }
    // An address is judged the same by itself, as a resolver has it.
    let address = |host: &str| host.trim_matches(['[', ']']).parse::<IpAddr>();
    for (hosts, expected) in [(&PRIVATE[..], false), (&PUBLIC[..], true)] {
        let addresses: Vec<IpAddr> = hosts.iter().filter_map(|host| address(host).ok()).collect();
        assert!(addresses.len() > 30);
        for address in addresses {
            assert_eq!(is_public_address(address), expected, "{address}");
        }
    }
    for mapped in ["::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:8.8.8.8"] {
        assert!(!is_public_address(mapped.parse().unwrap()), "{mapped}");
    }
}

fn follow(host: &str, requested: &str) -> Option<Rule> {
    let quirks = Quirks::STRICT.with(Quirk::MetadataElsewhere).with(Quirk::LoopbackHttp);
    let mut headers = http::HeaderMap::new();
    let line = format!(r#"Bearer resource_metadata="https://{host}/m""#);
    headers.insert("www-authenticate", http::HeaderValue::from_bytes(line.as_bytes()).unwrap());
    let challenge = Challenge::parse(&headers).unwrap().remove(0);
    ProtectedResourceDiscovery::from_challenge(&challenge, requested)
        .and_then(|discovery| discovery.admit_all(quirks).step(None, NOW).map(drop))
        .err()
        .and_then(|error| error.rule())
}

/// PR-4: under the quirk that lets a challenge lead elsewhere, it leads to the internet's hosts and to no other.
#[test]
fn s17_a_challenge_leads_to_no_host_that_the_internet_does_not_have() {
    let requested = "https://api.example/notes";
    for host in PRIVATE.iter().chain(&NO_HOSTS) {
        // A port, and a user, belong to a URL and not to its host.
        if host.contains(':') && !host.starts_with('[') || host.ends_with('/') {
            continue;
        }
        assert_eq!(follow(host, requested), Some(Rule::Pr4), "{host}");
    }
    for host in PUBLIC {
        assert_eq!(follow(host, requested), None, "{host}");
    }
    // An API that is itself at such a host leads to itself, and to no other.
    assert_eq!(follow("kubernetes", "https://kubernetes/x"), None);
    assert_eq!(follow("10.0.0.2", "https://10.0.0.1/x"), Some(Rule::Pr4));
}

const ISSUER: &str = "https://as.example.com";

fn discovered(members: &str) -> Result<Metadata, Error> {
    let body = format!(r#"{{"issuer":"{ISSUER}","response_types_supported":["code"]{members}}}"#);
    play(Discovery::new(ISSUER).unwrap().public_hosts_only().unwrap(), [Some(json(200, &body))]).outcome
}

/// DI-7: an issuer that a user names sends this program nowhere but into the internet, by none of its endpoints.
#[test]
fn s18_a_document_that_names_an_endpoint_at_a_private_host_is_refused_on_request() {
    for host in PRIVATE {
        for &endpoint in Endpoint::ALL {
            let name = endpoint.name();
            for members in [
                format!(r#","{name}":"https://{host}/x""#),
                format!(r#","mtls_endpoint_aliases":{{"{name}":"https://{host}:8443/x"}}"#),
            ] {
                let error = discovered(&members).expect_err(&members);
                assert_eq!(error.rule(), Some(Rule::Di7), "{members}");
                assert!(error.to_string().contains(name), "{error}");
            }
        }
    }
    for host in PUBLIC {
        let members = format!(r#","token_endpoint":"https://{host}/x","jwks_uri":"https://{host}/y""#);
        assert!(discovered(&members).is_ok(), "{host}");
    }
    // Where it is not asked for, it is reported as any other origin is.
    let body = format!(
        r#"{{"issuer":"{ISSUER}","response_types_supported":["code"],"token_endpoint":"https://10.0.0.5/"}}"#
    );
    let metadata = play(Discovery::new(ISSUER).unwrap(), [Some(json(200, &body))]).outcome.unwrap();
    assert_eq!(metadata.foreign_endpoints(), [Endpoint::Token]);
}

/// DI-1: nor is anything asked of an issuer that is there itself.
#[test]
fn s18_an_issuer_at_a_private_host_is_refused_on_request_before_anything_is_sent() {
    for host in PRIVATE {
        for issuer in [format!("https://{host}"), format!("https://{host}:8443/tenant")] {
            let discovery = Discovery::new(&issuer).unwrap_or_else(|error| panic!("{issuer}: {error}"));
            let error = discovery.public_hosts_only().expect_err(&issuer);
            assert_eq!(error.rule(), Some(Rule::Di1), "{issuer}");
            assert!(matches!(error, Error::Misuse(_)), "{issuer}");
        }
    }
    for host in PUBLIC {
        assert!(Discovery::new(&format!("https://{host}")).unwrap().public_hosts_only().is_ok(), "{host}");
    }
    // The quirk for tests on loopback does not open it again.
    let quirks = Quirks::STRICT.with(Quirk::LoopbackHttp);
    let loopback = Discovery::new("http://127.0.0.1:9").unwrap().admit_all(quirks);
    assert!(loopback.public_hosts_only().is_err());
}
