//! AQ, AR and LB: the authorization request, what it may ask for, and the response that must answer it.

mod openid;
mod receiver;
mod request;
mod resource;
mod response;
mod stored;
