//! What the subcommands for the shell share.
//!
//! | a line about | belongs in |
//! |---|---|
//! | which options every subcommand has | [`options`] |
//! | where the configuration file is, and which profile is meant | [`config`] |
//! | what of it the command line sets | [`setting`] |
//! | whether others could have written it | [`trust`] |
//! | what a profile may say, and what its keys may be set to | [`profile`], [`values`] |
//! | whether it makes sense | [`sense`] |
//! | what is wrong with a key of a profile | [`wrong`], [`nearest`] |
//! | where a secret comes from | [`source`] |
//! | where this program keeps things, and under what name | [`folders`] |
//! | where tokens are kept between two calls | [`storage`] |
//! | the proxies and authorities that requests are sent by | [`network`] |
//! | a client's keys, and how it proves who it is | [`keys`] |
//! | servers that have a name | [`named`] |
//! | what the profile says of a server's own way to speak | [`dialect`] |
//! | a profile's authorization server, and what is remembered of it | [`server`] |
//! | a profile with its client and what is stored of it | [`account`] |
//! | its tokens: stored, renewed, or got anew | [`tokens`] |
//! | several logins of one profile | [`accounts`] |
//! | ending what is stored of it | [`ending`] |
//! | who is to log in, how, and who did | [`openid`], [`who`] |
//! | getting tokens with a person's or a source's help | [`login`] |
//! | what the server would refuse after a person's consent | [`foreseen`] |
//! | a login by the browser, which comes back to a port, or whose last URL is pasted | [`browser`], [`paste`] |
//! | how a person is reached | [`way`] |
//! | a browser on another computer | [`remote`] |
//! | a login by another device, and a code for its camera | [`device`], [`qr`] |
//! | what is printed, where, and asked | [`terminal`] |
//! | what others wrote, on a terminal | [`visible`] |
//! | a length of time, for people | [`duration`] |
//! | what becomes of an error, and what to do next | [`failure`] |
//! | what core says, in this program's terms | [`terms`] |
//! | the exit codes | [`exit`] |
//! | what the manual says of profiles | [`manual`] |

pub(crate) mod account;
mod accounts;
mod browser;
pub(crate) mod config;
mod device;
mod dialect;
pub(crate) mod duration;
mod ending;
pub(crate) mod exit;
pub(crate) mod failure;
pub(crate) mod folders;
mod foreseen;
pub(crate) mod keys;
pub(crate) mod login;
pub(crate) mod manual;
mod named;
pub(crate) mod nearest;
pub(crate) mod network;
mod openid;
pub(crate) mod options;
mod paste;
pub(crate) mod profile;
mod qr;
mod remote;
mod sense;
pub(crate) mod server;
mod setting;
pub(crate) mod source;
pub(crate) mod storage;
pub(crate) mod terminal;
pub(crate) mod terms;
mod tokens;
#[cfg(unix)]
pub(crate) mod trust;
pub(crate) mod values;
pub(crate) mod visible;
pub(crate) mod way;
pub(crate) mod who;
pub(crate) mod wrong;
