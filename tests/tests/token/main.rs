//! TR: the grants that need no person, and what the token endpoint may answer.

mod access;
mod assertions;
mod edges;
mod exchange;
mod further;
mod many;
mod refresh;
mod token_members;
mod token_response;
