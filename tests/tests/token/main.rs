//! TR: the grants that need no person, and what the token endpoint may answer.

mod access;
mod assertions;
mod bodies;
mod compared;
mod edges;
mod exchange;
mod further;
mod grants;
mod many;
mod refresh;
mod token_members;
mod token_response;
