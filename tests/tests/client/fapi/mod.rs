//! FA-1 to FA-4: a client that is held to a profile of FAPI.

mod answers;
mod good;
mod refused;
mod refused_requests;
mod whole;
