//! ER, and bytes that are read: refusals, challenges, numbers, texts of any length.

mod bounds;
mod challenges;
mod checks;
mod errors;
mod long;
mod numbers;
mod places;
mod refusals;
mod shown;
