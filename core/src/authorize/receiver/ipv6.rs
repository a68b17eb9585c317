//! Whether `localhost` has a second address on this system: [`is_without_ipv6`].

use std::io::{self, ErrorKind};

/// Whether this error of binding a port on `[::1]` says that the system has no IPv6: no such address, or no such family of
/// addresses. Then nobody else can have the port there, and `localhost` is 127.0.0.1 alone. After any other error somebody may: it is
/// one ([LB-4](crate::Rule::Lb4)).
#[must_use]
pub fn is_without_ipv6(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::AddrNotAvailable | ErrorKind::Unsupported)
        || error.raw_os_error() == Some(NO_SUCH_FAMILY)
}

/// `EAFNOSUPPORT`, which has no [`ErrorKind`].
const NO_SUCH_FAMILY: i32 = if cfg!(windows) {
    10047
} else if cfg!(any(target_os = "linux", target_os = "android")) {
    97
} else {
    47
};
