//! Authorization requests and responses of today: pushed (PAR), signed by the client (JAR), signed by the server (JARM);
//! and what else a server signs.

mod introspection;
mod jarm;
mod jarm_keys;
mod metadata;
mod pushed;
mod signed_request;
mod support;
mod types;
