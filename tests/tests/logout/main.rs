//! The end of a login at the server too, and what the server says when it ends there (LO).

mod back_channel;
mod bounds;
mod encrypted;
mod front_channel;
mod parsers;
mod remote;
mod request;
mod shown;
mod under_way;
mod without_exp;
mod world;
