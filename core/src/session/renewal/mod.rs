//! Getting a session's next token without losing one: [`Renewal`].
//!
//! A refresh token that rotates can be used once, by one of many tasks in many processes, any of which may die at any
//! point. So a renewal writes down what it is about to do before it does it, and what came of it before anybody uses it:
//!
//! ```text
//!  Load ──▶ somebody has renewed already ─────────────────────────────────────────────▶ Done, with theirs
//!    │  └──▶ a renewal failed a moment ago ───────────────────────────────────────────▶ Done, with that failure
//!    ▼
//!  Lease ─▶ somebody else holds it ─▶ Wait ─▶ Load …
//!    ▼
//!  Load again: what was true before the lease may not be now
//!    ▼
//!  Wait … while a key signs later ─▶ the lease is over ─▶ Load …
//!    ▼
//!  Replace: the intent ─▶ somebody was faster ─▶ Release ─▶ Wait ─▶ Load …
//!    ▼
//!  Send … the token request, by refresh token or grant
//!    ├──▶ tokens          Replace: the new tokens ───────┐
//!    ├──▶ invalid_grant   Replace: without the old one ──┤ somebody wrote since ─▶ Load: a newer generation? theirs;
//!    └──▶ failed, no answer  Replace: until when to wait ┘ else ours, once more; a tombstone, or nothing? ─▶ Send: the
//!    ▼                                                       revocation of what came ─▶ Done, ended
//!  Release ──▶ Done
//! ```
//!
//! - A process that dies leaves an intent behind. The next process sends the same refresh token again: nobody can
//!   know whether the first request arrived, and a server that allows for lost answers gives a new token. One that does
//!   not refuses, and then the person must authorize again, told as [`Cause::Lost`](crate::error::Cause::Lost).
//! - A turn is as long as its lease: a process that has not sent anything by then gives it up and looks again, since somebody else
//!   may have begun. Twice the time of a lease is all that is waited for.
//! - A commit that finds a newer record decides by the generation, which counts successes: one that is higher is
//!   somebody else's token, and theirs is used; otherwise ours is the newest there is, and must not be lost.
//! - A session that was ended stays so: its tombstone, or that its record is gone, wins over every renewal, and only a login
//!   writes over it. What a renewal brought too late is revoked, once, where the server can.
//! - Nothing is deleted but a refresh token that the server refused, and that one only if it is still there
//!   ([ER-7](crate::Rule::Er7)).
//! - A replay is bounded by the failures' growing wait, which is in the record too, so that all processes share it.

pub(crate) mod commit;
pub(crate) mod dead;
pub(crate) mod failure;
pub(crate) mod machine;
pub(crate) mod outcome;
pub(crate) mod pause;
pub(crate) mod plan;
pub(crate) mod revoking;
pub(crate) mod step;
pub(crate) mod turn;
