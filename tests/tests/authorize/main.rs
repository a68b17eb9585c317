//! AQ, AR and LB: the authorization request, what it may ask for, and the response that must answer it; also pushed (PAR),
//! signed by the client (JAR), and answered with what the server signed (JARM), or with an ID token (hybrid).

mod encrypted;
mod entropy;
mod fragment_page;
mod hybrid;
mod hybrid_request;
mod jarm;
mod jarm_keys;
mod openid;
mod pushed;
mod receiver;
mod repeated_claims;
mod request;
mod resource;
mod response;
mod shown;
mod signed_request;
mod stored;
mod support;
mod types;
