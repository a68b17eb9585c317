//! The guide: what its pages tell of core, and how far core's items are from it.

mod crawl;
mod pages;
