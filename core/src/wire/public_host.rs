//! Which hosts the internet can have: [`is_public_host`], [`is_public_address`].
//!
//! Somebody else's URL must not send this program into the network that it stands in (RFC 9728 §7.7): to a cloud's metadata
//! service, a database on localhost, a printer. What can be told from a URL is told here; the rest is for the code that connects.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::wire::authority::Host;

/// Whether a host of a URL is one that the internet can have: a public address, or a name of more than one label that is not
/// for local use. An IPv6 address has its brackets, as in a URL.
///
/// `false` for whatever is not a host in its canonical form, too: `127.1`, `0x7f000001`, `localhost.`.
///
/// **A name that resolves to a private address cannot be seen here**, and a name may resolve to a public address when it is
/// looked at and to a private one a moment later (DNS rebinding). Only who opens the connection can help against that: resolve
/// the name, ask [`is_public_address`] of each address, and connect to those and no other. With ureq and reqwest that is a
/// resolver of the program's own, and no proxy, which would resolve by itself.
///
/// The sources are IANA's registries: IPv4 and IPv6 Special-Purpose Addresses (RFC 6890), IPv6 Global Unicast Address
/// Assignments, and Special-Use Domain Names (RFC 6761); and for names that private networks use without a registry's leave,
/// RFC 6762 Appendix G, ICANN's decisions on `.internal`, `.corp`, `.home` and `.mail`, and the usual `.localdomain`, `.svc`
/// and `.consul`. Names that are reserved for
/// documentation, `as.example` for one, are public: nobody's network has them.
///
/// ```
/// use valetkey_core::host::is_public_host;
///
/// assert!(is_public_host("as.example.com") && is_public_host("8.8.8.8"));
/// for host in ["kubernetes", "printer.local", "169.254.169.254", "[64:ff9b::a00:1]", "127.1"] {
///     assert!(!is_public_host(host), "{host}");
/// }
/// ```
#[must_use]
pub fn is_public_host(host: &str) -> bool {
    match Host::read(host) {
        None => false,
        Some(Host::V4(address)) => is_public_v4(address),
        Some(Host::V6(address)) => is_public_v6(address),
        Some(Host::Name(name)) => is_public_name(name),
    }
}

/// Whether an address is one that the internet can have, by the registries that [`is_public_host`] names: what a resolver of
/// the program's own asks of each address before it connects.
///
/// An IPv6 address with an IPv4 address inside is not public, whatever is inside: in a network with NAT64, reach servers that
/// have IPv4 alone by their IPv4 addresses.
///
/// ```
/// use valetkey_core::host::is_public_address;
///
/// assert!(is_public_address("2606:4700::1".parse().unwrap()));
/// assert!(!is_public_address("::ffff:10.0.0.1".parse().unwrap()));
/// ```
#[must_use]
pub const fn is_public_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

const fn is_public_v4(address: Ipv4Addr) -> bool {
    !matches!(
        address.octets(),
        [0, ..] // this network, RFC 791
        | [10, ..] // private use, RFC 1918
        | [100, 64..=127, ..] // shared between a provider and its customers, RFC 6598
        | [127, ..] // loopback, RFC 1122
        | [169, 254, ..] // link-local, RFC 3927
        | [172, 16..=31, ..] // private use, RFC 1918
        | [192, 0, 0 | 2, _] // protocol assignments, RFC 6890; documentation, RFC 5737
        | [192, 88, 99, _] // relays of 6to4, RFC 7526
        | [192, 168, ..] // private use, RFC 1918
        | [198, 18 | 19, ..] // benchmarking, RFC 2544
        | [198, 51, 100, _] // documentation, RFC 5737
        | [203, 0, 113, _] // documentation, RFC 5737
        | [224..=255, ..] // multicast, RFC 5771; reserved, RFC 1112; broadcast, RFC 919
    )
}

/// The internet's addresses are in 2000::/3, and not in all of it. Outside are loopback, the unspecified address, those with an
/// IPv4 address inside (`::/96`, `::ffff:0:0/96`, NAT64's `64:ff9b::/96` and `64:ff9b:1::/48`), unique local ones
/// (`fc00::/7`), link-local (`fe80::/10`), site-local (`fec0::/10`) and multicast (`ff00::/8`).
const fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // Protocol assignments, RFC 2928: Teredo, benchmarking, ORCHID.
        [0x2001, 0..=0x01ff, ..] => false,
        [0x2001, 0x0db8, ..] => false,     // documentation, RFC 3849
        [0x2002, ..] => false,             // 6to4, RFC 3056: an IPv4 address inside
        [0x3fff, 0..=0x0fff, ..] => false, // documentation, RFC 9637
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// The last labels of names that mean something in one network, or nowhere.
const LOCAL: [&str; 17] = [
    // Special-Use Domain Names. `home.arpa` is RFC 8375's; `arpa` has no web pages.
    "alt",
    "arpa",
    "invalid",
    "local",
    "localhost",
    "onion",
    "test",
    // Kept from the DNS's root for good: ICANN's resolutions of 2018 and 2024.
    "corp",
    "home",
    "internal",
    "mail",
    // In use without a registry's leave: RFC 6762 Appendix G.
    "intranet",
    "lan",
    "private",
    // In use by resolvers of one machine or cluster, which their own search lists reach: of Unix, Kubernetes, Consul.
    "localdomain",
    "svc",
    "consul",
];

fn is_public_name(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, last)| !LOCAL.iter().any(|local| last.eq_ignore_ascii_case(local)))
}
