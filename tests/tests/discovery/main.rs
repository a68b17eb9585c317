//! DI, PR and JK: what servers and APIs say of themselves, and where.

mod adapters;
mod keys;
mod metadata;
mod order;
mod profiles;
mod resource;
