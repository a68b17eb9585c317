//! What is asked without a proxy.

use valetkey_core::host::ProxyRules;

use crate::{proxy, rules};

#[test]
fn s3_this_machine_has_no_proxy_however_it_is_written() {
    let rules =
        rules(&[("ALL_PROXY", "http://proxy:1"), ("HTTP_PROXY", "socks4://x"), ("HTTPS_PROXY", "garbage:")]);
    for host in [
        "localhost",
        "LocalHost",
        "localhost.",
        "app.localhost",
        "127.0.0.1",
        "127.0.0.1.",
        "127.255.255.254",
        "127.1",
        "127.0.1",
        "0x7f.1",
        "0177.0.0.1",
        "2130706433",
        "0x7f000001",
        "017700000001",
        "0.0.0.0",
        "0",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
    ] {
        for uri in [format!("http://{host}/"), format!("https://{host}:8443/a?b")] {
            assert_eq!(proxy(&rules, &uri), Ok(None), "{uri}");
            assert!(ProxyRules::never_for(&uri.parse().unwrap()), "{uri}");
        }
    }
}

#[test]
fn what_only_looks_like_this_machine_is_another() {
    let rules = rules(&[("ALL_PROXY", "http://proxy:1")]);
    for host in [
        "localhost.example",
        "notlocalhost",
        "localhost.localdomain",
        "127.0.0.1.example",
        "127.0.0.1.nip.io",
        "128.0.0.1",
        "126.255.255.255",
        "1.27.0.1",
        "127.0.0.256",
        "127.0.0.0.1",
        "2130706432.1",
        "[::2]",
        "[::ffff:128.0.0.1]",
        "[fe80::1]",
        "10.0.0.1",
    ] {
        let uri = format!("https://{host}/");
        assert!(proxy(&rules, &uri).unwrap().is_some(), "{uri}");
        assert!(!ProxyRules::never_for(&uri.parse().unwrap()), "{uri}");
    }
}

/// What `NO_PROXY` lists, what is then asked directly, and what is not.
const LISTS: &[(&str, &[&str], &[&str])] = &[
    ("*", &["https://as.example", "http://10.0.0.1", "https://[2001:db8::1]"], &[]),
    ("x.example,*", &["https://as.example"], &[]),
    (
        "example.com",
        &[
            "https://example.com",
            "https://a.example.com",
            "https://a.b.EXAMPLE.com:8443",
            "https://example.com.",
        ],
        &["https://notexample.com", "https://example.com.evil", "https://example.org"],
    ),
    (".example.com", &["https://example.com", "https://a.example.com"], &["https://notexample.com"]),
    ("*.example.com", &["https://a.example.com"], &["https://example.com", "https://notexample.com"]),
    (
        " one.example ,two.example\tthree.example,, ",
        &["https://one.example", "https://two.example", "https://three.example"],
        &["https://four.example"],
    ),
    ("EXAMPLE.com.", &["https://example.com"], &[]),
    (
        "example.com:8443",
        &["https://example.com:8443", "http://a.example.com:8443"],
        &["https://example.com", "https://example.com:443"],
    ),
    ("example.com:443", &["https://example.com", "https://example.com:443"], &["http://example.com"]),
    (
        "10.1.2.3",
        &["https://10.1.2.3", "https://10.1.2.3:99", "https://[::ffff:10.1.2.3]", "https://10.1.515"],
        &["https://10.1.2.4", "https://a.10.1.2.3.example"],
    ),
    ("10.1.2.3:80", &["http://10.1.2.3"], &["https://10.1.2.3"]),
    (
        "10.0.0.0/8,192.168.0.0/16",
        &["https://10.255.0.1", "https://192.168.7.1"],
        &["https://11.0.0.1", "https://192.169.0.1", "https://as.example"],
    ),
    ("2001:db8::/32", &["https://[2001:db8::1]", "https://[2001:DB8:0::1]"], &["https://[2001:db9::1]"]),
    ("[2001:db8::]/32", &["https://[2001:db8::1]"], &[]),
    ("2001:db8::1", &["https://[2001:db8::1]"], &["https://[2001:db8::2]"]),
    ("[2001:db8::1]", &["https://[2001:db8::1]:8443"], &["https://[2001:db8::2]"]),
    ("[2001:db8::1]:8443", &["https://[2001:db8::1]:8443"], &["https://[2001:db8::1]"]),
    (
        "10.0.0.0/99,10.0.0.0/,a/b,:,.,*.,example.com:port,http://x.example",
        &[],
        &["https://10.0.0.1", "https://example.com", "https://x.example"],
    ),
];

#[test]
fn s3_no_proxy_lists_what_is_asked_directly() {
    for (list, direct, through) in LISTS {
        for variable in ["NO_PROXY", "no_proxy"] {
            let rules = rules(&[("ALL_PROXY", "http://proxy:1"), (variable, list)]);
            for uri in *direct {
                assert_eq!(proxy(&rules, uri), Ok(None), "{list}: {uri}");
            }
            for uri in *through {
                assert!(proxy(&rules, uri).unwrap().is_some(), "{list}: {uri}");
            }
        }
    }
}
