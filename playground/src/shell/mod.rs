//! What the subcommands for the shell share.
//!
//! | a line about | belongs in |
//! |---|---|
//! | which options every subcommand has | [`options`] |
//! | where the configuration file is, and which profile is meant | [`config`] |
//! | whether others could have written it | [`trust`] |
//! | what a profile may say | [`profile`] |
//! | what is wrong with a key of a profile | [`wrong`], [`nearest`] |
//! | where a secret comes from | [`source`] |
//! | where this program keeps things, and under what name | [`folders`] |
//! | where tokens are kept between two calls | [`storage`] |
//! | the proxies and authorities that requests are sent by | [`network`] |
//! | a client's keys, and how it proves who it is | [`keys`] |
//! | a profile's authorization server, and what is remembered of it | [`server`] |
//! | a profile with its client and what is stored of it | [`account`] |
//! | ending what is stored of it | [`ending`] |
//! | getting tokens with a person's or a source's help | [`login`] |
//! | what is printed, where, and asked | [`terminal`] |
//! | what others wrote, on a terminal | [`visible`] |
//! | what becomes of an error, and what to do next | [`failure`] |
//! | what core says, in this program's terms | [`terms`] |
//! | the exit codes | [`exit`] |
//! | what the manual says of profiles | [`manual`] |

pub(crate) mod account;
pub(crate) mod config;
mod ending;
pub(crate) mod exit;
pub(crate) mod failure;
pub(crate) mod folders;
pub(crate) mod keys;
pub(crate) mod login;
pub(crate) mod manual;
pub(crate) mod nearest;
pub(crate) mod network;
pub(crate) mod options;
pub(crate) mod profile;
pub(crate) mod server;
pub(crate) mod source;
pub(crate) mod storage;
pub(crate) mod terminal;
pub(crate) mod terms;
#[cfg(unix)]
pub(crate) mod trust;
pub(crate) mod visible;
pub(crate) mod wrong;
