//! TR, ER, IN, RV and WA: what endpoints and APIs may answer, and what is made of it.

mod challenges;
mod checks;
mod errors;
mod introspection;
mod long;
mod numbers;
mod refusals;
mod revocation;
mod step_up;
mod token_members;
mod token_response;
