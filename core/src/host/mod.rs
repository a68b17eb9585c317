//! What every host of core has in common: its network and proxies, its error, and why no answer came. A host is the
//! program that carries core's requests over a network: the adapters, or one of your own.

pub(crate) mod error;
pub(crate) mod get;
pub(crate) mod network;
pub(crate) mod no_proxy;
pub(crate) mod proxy;
#[cfg(feature = "rustls")]
pub(crate) mod tls;
pub(crate) mod transport;

pub use crate::host::error::Error;
pub use crate::host::get::get;
#[cfg(feature = "rustls")]
pub use crate::host::tls::tls;

pub use crate::ground::limits::MAX_BODY;
pub use crate::host::network::Network;
pub use crate::host::proxy::{Proxy, ProxyRules, UnusableProxy};
pub use crate::host::transport::{BadCertificate, TransportError, TransportErrorKind};
pub use crate::wire::public_host::{is_public_address, is_public_host};
