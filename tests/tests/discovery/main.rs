//! DI, PR and JK: what servers and APIs say of themselves, and where.

mod adapters;
mod hosts;
mod keys;
mod metadata;
mod order;
mod profiles;
mod public_hosts;
mod resource;
