//! Where a Redis is, and how one logs in: [`Server`], and [`Access`] to many that are alike.

#[cfg(unix)]
use std::path::PathBuf;
use std::sync::Arc;

use redis::{Cmd, ConnectionAddr, IntoConnectionInfo as _, RedisConnectionInfo};
#[cfg(feature = "redis-tls")]
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use valetkey_core::store::StoreError;

use super::slots::Node;

/// Where a Redis listens if its URL does not say.
pub(super) const DEFAULT_PORT: u16 = 6379;

/// A server, with what it wants to hear first.
pub(super) struct Server {
    /// Under which its connection is kept.
    pub(super) node: Node,
    pub(super) place: Place,
    login: Arc<RedisConnectionInfo>,
    /// Whether it is of use only while it is the master.
    pub(super) must_be_master: bool,
}

/// Where it is.
pub(super) enum Place {
    /// Host and port.
    Tcp(String, u16),
    /// The same, by TLS.
    #[cfg(feature = "redis-tls")]
    Tls(String, u16, Tls),
    /// A socket of this machine.
    #[cfg(unix)]
    Unix(PathBuf),
}

/// Whom to accept.
#[cfg(feature = "redis-tls")]
#[derive(Clone)]
pub(super) struct Tls {
    pub(super) config: Arc<ClientConfig>,
    pub(super) name: ServerName<'static>,
}

/// How servers are reached that differ by their addresses alone.
#[derive(Clone)]
pub(super) struct Access {
    scheme: Scheme,
    login: Arc<RedisConnectionInfo>,
    must_be_master: bool,
}

#[derive(Clone)]
enum Scheme {
    Tcp,
    #[cfg(feature = "redis-tls")]
    Tls(Arc<ClientConfig>),
}

impl Server {
    /// The server at this URL. Nothing is sent.
    pub(super) fn at(url: &str) -> Result<Self, StoreError> {
        let (address, login) = parsed(url)?;
        #[cfg(unix)]
        if let ConnectionAddr::Unix(path) = address {
            let node = Node { host: path.display().to_string(), port: 0 };
            return Ok(Self {
                node,
                place: Place::Unix(path),
                login: Arc::new(login),
                must_be_master: false,
            });
        }
        let (access, node) = Access::of(address, login)?;
        access.server(&node).ok_or_else(strange)
    }

    /// What is asked before all else, each to be answered with OK.
    pub(super) fn login(&self) -> Vec<Cmd> {
        let mut commands = Vec::new();
        if let Some(password) = self.login.password() {
            let mut command = redis::cmd("AUTH");
            if let Some(user) = self.login.username() {
                command.arg(user);
            }
            command.arg(password);
            commands.push(command);
        }
        if self.login.db() != 0 {
            let mut command = redis::cmd("SELECT");
            command.arg(self.login.db());
            commands.push(command);
        }
        commands
    }
}

impl Access {
    /// How this URL's server is reached, and where it is. Nothing is sent.
    pub(super) fn at(url: &str) -> Result<(Self, Node), StoreError> {
        let (address, login) = parsed(url)?;
        Self::of(address, login)
    }

    fn of(address: ConnectionAddr, login: RedisConnectionInfo) -> Result<(Self, Node), StoreError> {
        let (scheme, host, port) = match address {
            ConnectionAddr::Tcp(host, port) => (Scheme::Tcp, host, port),
            #[cfg(feature = "redis-tls")]
            ConnectionAddr::TcpTls { host, port, insecure: false, .. } => {
                (Scheme::Tls(config()?), host, port)
            }
            _ => {
                return Err(StoreError::new(
                    "the scheme of the URL is not one of a Redis server: use redis://, rediss:// with the \
                     certificate checked, unix:// for a single server",
                ));
            }
        };
        let access = Self { scheme, login: Arc::new(login), must_be_master: false };
        Ok((access, Node { host, port }))
    }

    /// The server there, unless a certificate could not be of that host.
    pub(super) fn server(&self, node: &Node) -> Option<Server> {
        let (host, port) = (node.host.clone(), node.port);
        let place = match &self.scheme {
            Scheme::Tcp => Place::Tcp(host, port),
            #[cfg(feature = "redis-tls")]
            Scheme::Tls(config) => {
                let name = ServerName::try_from(host.as_str()).ok()?.to_owned();
                Place::Tls(host, port, Tls { config: config.clone(), name })
            }
        };
        let login = Arc::clone(&self.login);
        Some(Server { node: node.clone(), place, login, must_be_master: self.must_be_master })
    }

    /// The same for servers that are of use only while they are the master.
    pub(super) fn for_masters(self) -> Self {
        Self { must_be_master: true, ..self }
    }

    /// Whether another URL says the same but for the address.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let (one, two) = (&self.login, &other.login);
        std::mem::discriminant(&self.scheme) == std::mem::discriminant(&other.scheme)
            && (one.username(), one.password(), one.db()) == (two.username(), two.password(), two.db())
    }

    /// Whether a database is named other than the first.
    pub(super) fn has_database(&self) -> bool {
        self.login.db() != 0
    }
}

fn parsed(url: &str) -> Result<(ConnectionAddr, RedisConnectionInfo), StoreError> {
    let info = url.into_connection_info().map_err(|_| strange())?;
    Ok((info.addr().clone(), info.redis_settings().clone()))
}

pub(super) fn strange() -> StoreError {
    StoreError::new("the URL is not that of a Redis server: write it as redis://HOST:PORT")
}

/// The system's roots, as rustls wants them.
#[cfg(feature = "redis-tls")]
fn config() -> Result<Arc<ClientConfig>, StoreError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(StoreError::new(
            "the system has no authorities' certificates to check a Redis by: install them",
        ));
    }
    // Named here, because a program may have several providers, and rustls then panics if it has to choose.
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| StoreError::new("rustls was built without a version of TLS to speak with a Redis"))?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}
