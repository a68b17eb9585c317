//! What all sides of the benchmark share: the inputs, the jobs and what must come out of them, the probes, the load, and how
//! a side is played. It has no dependencies, so that it changes no feature of a peer's.
//!
//! A side is a program of its own, made of [`Side`]s and [`play`]. The runner starts it in one of four ways:
//!
//! ```text
//! describe                       checks each job, probes, and prints what there is
//! count SIDE JOB prepare|do      32 rounds, only prepared or done too, for valgrind to count
//! serve SIDE                     reads "JOB ROUNDS" line by line, and answers with nanoseconds
//! load SIDE SCENARIO CALLERS URL shares one token source among callers
//! ```

pub mod check;
pub mod inputs;
mod job;
mod load;
mod probe;
mod side;

pub use job::Job;
pub use load::{Answers, Load, Recovery, Scenario};
pub use probe::{Probe, Probing, Verdict, printed, refused};
pub use side::{Play, Round, Side, play};
