//! Where a Redis is, and how one logs in: [`Server`].

#[cfg(unix)]
use std::path::PathBuf;
#[cfg(feature = "redis-tls")]
use std::sync::Arc;

use redis::{Cmd, ConnectionAddr, IntoConnectionInfo as _, RedisConnectionInfo};
#[cfg(feature = "redis-tls")]
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use valetkey_core::store::StoreError;

/// A server, with what it wants to hear first.
pub(super) struct Server {
    pub(super) place: Place,
    login: RedisConnectionInfo,
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

impl Server {
    /// The server at this URL. Nothing is sent.
    pub(super) fn at(url: &str) -> Result<Self, StoreError> {
        let strange =
            || StoreError::new("the URL is not that of a Redis server: write it as redis://HOST:PORT");
        let info = url.into_connection_info().map_err(|_| strange())?;
        let place = match info.addr() {
            ConnectionAddr::Tcp(host, port) => Place::Tcp(host.clone(), *port),
            #[cfg(feature = "redis-tls")]
            ConnectionAddr::TcpTls { host, port, insecure: false, .. } => {
                let name = ServerName::try_from(host.as_str()).map_err(|_| strange())?.to_owned();
                Place::Tls(host.clone(), *port, Tls { config: config()?, name })
            }
            #[cfg(unix)]
            ConnectionAddr::Unix(path) => Place::Unix(path.clone()),
            _ => {
                return Err(StoreError::new(
                    "the scheme of the URL is not one of a Redis server: use redis://, rediss:// with the \
                     certificate checked, unix://",
                ));
            }
        };
        Ok(Self { place, login: info.redis_settings().clone() })
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
