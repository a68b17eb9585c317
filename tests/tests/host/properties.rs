//! What holds for every value of the variables.

use std::net::{Ipv4Addr, Ipv6Addr};

use http::Uri;
use proptest::prelude::*;
use valetkey_core::host::ProxyRules;

use crate::rules;

const VARIABLES: [&str; 9] = [
    "ALL_PROXY",
    "all_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "NO_PROXY",
    "no_proxy",
    "REQUEST_METHOD",
];

/// What may be in a variable: what looks like a proxy, and what does not.
fn value() -> impl Strategy<Value = String> {
    let like = (
        "(http|https|socks5|socks5h|socks4|ftp)://",
        "([a-z]{1,5}(:[!-~]{0,9})?@)?",
        "[a-zA-Z0-9.:_\\[\\]-]{1,20}",
    );
    prop_oneof![
        like.prop_map(|(scheme, user, host)| format!("{scheme}{user}{host}")),
        "\\PC{0,30}",
        "[ -~]{0,30}"
    ]
}

fn environment() -> impl Strategy<Value = ProxyRules> {
    prop::collection::vec(prop::option::of(value()), VARIABLES.len()).prop_map(|values| {
        let set: Vec<_> = VARIABLES
            .iter()
            .zip(&values)
            .filter_map(|(name, value)| Some((*name, value.as_deref()?)))
            .collect();
        rules(&set)
    })
}

fn loopback() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("localhost".to_owned()),
        "[a-z]{1,9}".prop_map(|label| format!("{label}.localhost")),
        any::<[u8; 3]>().prop_map(|[b, c, d]| Ipv4Addr::new(127, b, c, d).to_string()),
        (0x7f00_0000_u32..=0x7fff_ffff).prop_map(|address| address.to_string()),
        (0x7f00_0000_u32..=0x7fff_ffff).prop_map(|address| format!("{address:#x}")),
        any::<[u8; 3]>().prop_map(|[b, c, d]| format!("[{}]", Ipv4Addr::new(127, b, c, d).to_ipv6_mapped())),
        Just(format!("[{}]", Ipv6Addr::LOCALHOST)),
    ]
}

proptest! {
    #[test]
    fn s3_nothing_in_the_environment_sends_loopback_to_a_proxy(
        rules in environment(), host in loopback(), scheme in "https?", port in 1_u16..,
    ) {
        let uri: Uri = format!("{scheme}://{host}:{port}/x").parse().unwrap();
        prop_assert_eq!(rules.for_uri(&uri), Ok(None));
    }

    /// A request never goes around a proxy that is named: it goes through it, or it is an error.
    #[test]
    fn f26_what_is_set_is_used_or_refused(value in value(), scheme in "https?") {
        prop_assume!(!value.trim().is_empty());
        let rules = rules(&[("ALL_PROXY", &value)]);
        let uri: Uri = format!("{scheme}://as.example/").parse().unwrap();
        prop_assert!(!matches!(rules.for_uri(&uri), Ok(None)));
    }

    /// The HTTP libraries read a proxy's URL by one parser or the other: both find the same in it.
    #[test]
    fn f26_a_proxys_url_is_the_same_to_every_parser(value in value()) {
        let rules = rules(&[("ALL_PROXY", &value)]);
        let Ok(Some(proxy)) = rules.for_uri(&Uri::from_static("https://as.example/")) else { return Ok(()) };
        let read: Uri = proxy.expose().parse().unwrap();
        prop_assert_eq!(read.scheme_str(), Some(proxy.scheme()));
        let shown = format!("{}://{}:{}", proxy.scheme(), read.host().unwrap(), read.port_u16().unwrap());
        prop_assert_eq!(&shown, &proxy.to_string());
        // A name that begins with xn-- need not be one of an international domain name.
        if let Ok(url) = url::Url::parse(proxy.expose()) {
            let port = url.port_or_known_default();
            prop_assert_eq!((url.host_str(), port), (read.host(), read.port_u16()));
        } else {
            prop_assert!(proxy.to_string().contains("xn--"));
        }
    }

    #[test]
    fn s3_no_user_and_no_password_is_shown(value in value(), user in "[a-z]{8}", password in "[!-~]{8,20}") {
        let (_, rest) = value.split_once("://").unwrap_or(("", &value));
        let host = rest.rsplit('@').next().unwrap();
        let value = format!("http://{user}:{password}@{host}");
        let rules = rules(&[("ALL_PROXY", &value)]);
        let shown = format!("{rules:?} {:?}", rules.for_uri(&Uri::from_static("https://as.example/")));
        prop_assert!(!shown.contains(&user) && !shown.contains(&password), "{}", shown);
    }
}
