//! RF, ST and ER-7: one renewal for all who share a session, whatever fails.

mod commits;
mod ended;
mod failures;
mod merges;
mod order;
mod properties;
mod remembered;
mod tombstones;
mod turns;
