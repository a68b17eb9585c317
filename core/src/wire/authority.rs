//! Hosts and ports as the URL standard takes them: [`Authority`].
//!
//! RFC 3986 lets a host be almost anything; the URL standard (<https://url.spec.whatwg.org/#host-parsing>), by which browsers
//! and HTTP libraries go, refuses much of that and reads some of it otherwise: `1.2.3.256` is nothing to it, `127.1` and
//! `0x7f.1` are `127.0.0.1`, `%61` is `a`. So what is taken here is what both read alike: a host that means to the library
//! that sends a request what it meant to the check before.

use core::net::{Ipv4Addr, Ipv6Addr};

/// The longest name of a host, and the longest label of it (RFC 1035 §2.3.4).
const MAX_NAME: usize = 253;
const MAX_LABEL: usize = 63;

/// The host of a URL, by what kind it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host<'a> {
    V4(Ipv4Addr),
    V6(Ipv6Addr),
    Name(&'a str),
}

impl<'a> Host<'a> {
    /// Reads a host: an IPv4 address of four decimal numbers, an IPv6 address in brackets, both in their canonical form, or
    /// a name.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        if let Some(address) = text.strip_prefix('[') {
            return v6(address.strip_suffix(']')?).map(Self::V6);
        }
        // Rust's parser takes no leading zeros, so that each address has one form.
        if let Ok(address) = text.parse() {
            return Some(Self::V4(address));
        }
        is_name(text).then_some(Self::Name(text))
    }
}

/// Host and port of an http or https URL. There is no user before it, which would be sent along as credentials.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Authority<'a> {
    pub(crate) host: &'a str,
    pub(crate) port: Option<u16>,
}

impl<'a> Authority<'a> {
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        // The colons of an IPv6 address are before its bracket.
        let end =
            if text.starts_with('[') { text.find(']')? + 1 } else { text.find(':').unwrap_or(text.len()) };
        let (host, rest) = text.split_at_checked(end)?;
        Host::read(host)?;
        Some(Self { host, port: port(rest)? })
    }

    /// Whether a label of the host is in the ASCII form of an international name (RFC 5890 §2.3.2.1).
    pub(crate) fn is_international(&self) -> bool {
        let is_encoded = |label: &str| label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"));
        self.host.split('.').any(is_encoded)
    }
}

/// The port after a host: none, or a colon and a number that is written in one way. `:` alone, `:+443` and `:0443` are
/// ports to some readers and none to others.
pub(crate) fn port(text: &str) -> Option<Option<u16>> {
    if text.is_empty() {
        return Some(None);
    }
    let digits = text.strip_prefix(':')?;
    let is_canonical = digits == "0" || !digits.starts_with('0');
    let is_number = is_canonical && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number).map(Some)
}

/// An IPv6 address in the one form of RFC 5952. One that has an IPv4 address inside (RFC 4291 §2.5.5.2) has two forms, and is
/// not how an IPv4 host is named.
fn v6(text: &str) -> Option<Ipv6Addr> {
    let address: Ipv6Addr = text.parse().ok()?;
    let is_canonical = address.to_string().eq_ignore_ascii_case(text);
    (is_canonical && address.to_ipv4_mapped().is_none()).then_some(address)
}

/// Labels of letters, digits, `-` and `_`, the last of which is not a number: the URL standard takes a host that ends in a
/// number for an IPv4 address in one of its older forms. A dot at the end makes another name of the same host, which TLS does
/// not know (RFC 6066 §3); it is not taken.
fn is_name(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=MAX_LABEL).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    text.len() <= MAX_NAME
        && text.split('.').all(is_label)
        && text.rsplit('.').next().is_some_and(|last| !is_number(last))
}

/// Whether the URL standard reads the label as a number, decimal or hexadecimal ("ends in a number checker").
fn is_number(label: &str) -> bool {
    let hexadecimal = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X"));
    label.bytes().all(|byte| byte.is_ascii_digit())
        || hexadecimal.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
