//! The guide: what its pages tell of core, and how far core's items are from it.

#![expect(clippy::disallowed_methods, reason = "the test plants pages")]

mod crawl;
mod pages;
