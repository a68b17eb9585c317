//! What the program around core brings: its network, and what went wrong there.

pub(crate) mod network;
pub(crate) mod no_proxy;
pub(crate) mod proxy;
pub(crate) mod transport;

pub use crate::ground::limits::MAX_BODY;
pub use crate::host::network::Network;
pub use crate::host::proxy::{Proxy, ProxyRules, UnusableProxy};
pub use crate::host::transport::{BadCertificate, Http, HttpKind};
pub use crate::wire::public_host::{is_public_address, is_public_host};
