//! The playground's engine: a method as a value that is stepped, for any view of it. No I/O.

mod attack;
mod attack_table;
mod checks;
mod curl;
mod demo;
mod explain;
mod held;
mod jwt;
mod message;
mod method;
mod opening;
mod program;
mod reading;
mod run;
mod setup;
mod step;
mod transcript;
mod trial;
mod verdict;

pub use attack::{Attack, Trick};
pub use attack_table::AttackTable;
pub use checks::{Check, State, checks, links};
pub use curl::curl;
pub use demo::{Organisation, demo_setup};
pub use explain::{header, parameter};
pub use held::Held;
pub use jwt::claims;
pub use message::{Answer, Body, Sent};
pub use method::Method;
pub use program::{Adapter, program};
pub use run::{Next, Run};
pub use setup::{ApiCall, Setup};
pub use step::{Came, Fact, Kind, Outcome, Reading, Step};
pub use transcript::{Mismatch, Transcript};
pub use trial::Trial;
pub use verdict::Verdict;
