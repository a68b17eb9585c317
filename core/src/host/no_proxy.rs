//! What is asked without a proxy: this machine, always, and what `NO_PROXY` lists: [`NoProxy`].

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// The entries of `NO_PROXY`, read.
#[derive(Clone, Debug, Default)]
pub(crate) struct NoProxy(Vec<Entry>);

#[derive(Clone, Debug)]
enum Entry {
    Everything,
    Network(IpNet, Option<u16>),
    /// A domain and what is below it, or only what is below it.
    Domain {
        name: String,
        is_itself: bool,
        port: Option<u16>,
    },
}

impl NoProxy {
    pub(crate) fn parse(list: &str) -> Self {
        let entries = list.split(|c: char| c == ',' || c.is_whitespace());
        Self(entries.filter_map(Entry::parse).collect())
    }

    /// Whether a host is listed; the brackets of IPv6 belong to it.
    pub(crate) fn contains(&self, host: &str, port: u16) -> bool {
        let host = Host::of(host);
        self.0.iter().any(|entry| entry.matches(&host, port))
    }
}

impl Entry {
    fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Everything);
        }
        if let Some(network) = network(text) {
            return Some(Self::Network(network, None));
        }
        // A colon may belong to IPv6, which was read above if it has no port.
        let (place, port) = match text.rsplit_once(':') {
            Some((place, port)) => (place, Some(self::port(port)?)),
            None => (text, None),
        };
        if let Some(network) = network(place) {
            return Some(Self::Network(network, port));
        }
        let below = place.strip_prefix("*.");
        let name = below.unwrap_or_else(|| place.strip_prefix('.').unwrap_or(place));
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        (!name.is_empty()).then_some(Self::Domain { name, is_itself: below.is_none(), port })
    }

    fn matches(&self, host: &Host, asked: u16) -> bool {
        let suits = |port: &Option<u16>| port.is_none_or(|port| port == asked);
        match (self, host) {
            (Self::Everything, _) => true,
            (Self::Network(network, port), Host::Address(address)) => {
                suits(port) && network.contains(address)
            }
            (Self::Domain { name, is_itself, port }, Host::Name(host)) => {
                let below = host.strip_suffix(name.as_str());
                let is_in = below.is_some_and(|below| below.ends_with('.') || *is_itself && below.is_empty());
                suits(port) && is_in
            }
            _ => false,
        }
    }
}

/// `10.0.0.0/8`, `10.1.2.3`, `2001:db8::/32`, `[2001:db8::1]`.
fn network(text: &str) -> Option<IpNet> {
    match text.split_once('/') {
        Some((address, length)) => format!("{}/{length}", unbracketed(address)).parse().ok(),
        None => unbracketed(text).parse::<IpAddr>().ok().map(|address| address.to_canonical().into()),
    }
}

fn unbracketed(text: &str) -> &str {
    text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text)
}

/// A host as two spellings of it are the same.
enum Host {
    Address(IpAddr),
    Name(String),
}

impl Host {
    fn of(written: &str) -> Self {
        let host = written.strip_suffix('.').unwrap_or(written);
        if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            // A zone, as in `[fe80::1%25eth0]`, says by which interface the same address is reached.
            let address = address.split_once('%').map_or(address, |(address, _)| address);
            if let Ok(address) = address.parse::<Ipv6Addr>() {
                return Self::Address(IpAddr::V6(address).to_canonical());
            }
        }
        match ipv4(host) {
            Some(address) => Self::Address(address.into()),
            None => Self::Name(host.to_ascii_lowercase()),
        }
    }
}

/// Whether a request for this host stays on this machine: loopback, in every spelling that the system's resolver or the
/// URL standard reads as one (`127.1`, `0x7f000001`, `[::ffff:127.0.0.1]`), the unspecified addresses, which connect to
/// it, and the names that are kept for it (RFC 6761 §6.3).
pub(crate) fn is_this_machine(host: &str) -> bool {
    match Host::of(host) {
        Host::Address(address) => address.is_loopback() || address.is_unspecified(),
        Host::Name(name) => name == "localhost" || name.ends_with(".localhost"),
    }
}

/// An IPv4 address as `inet_aton` and the URL standard read it: one to four numbers, the last of which fills the rest,
/// each decimal, octal or hexadecimal.
fn ipv4(text: &str) -> Option<Ipv4Addr> {
    let mut parts = text.split('.').map(number).collect::<Option<Vec<u32>>>()?;
    let last = parts.pop()?;
    if parts.len() > 3 || parts.iter().any(|part| *part > 255) {
        return None;
    }
    let mut octets = [0_u8; 4];
    for (octet, part) in octets.iter_mut().zip(&parts) {
        *octet = u8::try_from(*part).ok()?;
    }
    let shift = 8 * u32::try_from(parts.len()).ok()?;
    let room = u32::MAX.checked_shr(shift)?;
    (last <= room).then(|| Ipv4Addr::from(u32::from_be_bytes(octets) | last))
}

fn number(text: &str) -> Option<u32> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None if text.len() > 1 && text.starts_with('0') => (text, 8),
        None => (text, 10),
    };
    // A sign is no digit, though it would be read.
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, radix).ok())?
}

/// A port, in digits and not 0.
fn port(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?.filter(|port| *port != 0)
}

/// `HOST[:PORT]` with its port, if it is a host that every URL parser takes for the same one.
pub(crate) fn place(text: &str, default_port: u16) -> Option<String> {
    let has_port = text.rsplit_once(':').filter(|(_, port)| !port.ends_with(']'));
    let (host, port) = match has_port {
        Some((host, port)) => (host, self::port(port)?),
        None => (text, default_port),
    };
    if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return Some(format!("[{}]:{port}", address.parse::<Ipv6Addr>().ok()?));
    }
    let host = host.to_ascii_lowercase();
    let labels = host.strip_suffix('.').unwrap_or(&host).split('.');
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    // What ends in a number is an address or nothing.
    let is_numeric = labels.clone().next_back().is_some_and(|last| number(last).is_some());
    match is_numeric {
        true => ipv4(&host).map(|address| format!("{address}:{port}")),
        false => labels.clone().all(is_label).then(|| format!("{host}:{port}")),
    }
}
