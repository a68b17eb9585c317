//! Looks whether every public item is within two links of the guide, in what `cargo doc --all-features` wrote:
//! `cargo run -p valetkey-tests --bin doc_crawl`. What counts is said in `src/crawl.rs`.
#![expect(clippy::disallowed_macros, reason = "a program prints")]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use valetkey_tests::crawl::{Crawl, FAR};

/// The crates whose items a reader of the guide should come to.
const CRATES: &[&str] = &[
    "valetkey_core",
    "valetkey_async",
    "valetkey_blocking",
    "valetkey_stores",
    "valetkey_middleware",
    "valetkey_axum",
];

/// Prints each public item that is further from the guide than two links, and each link of the guide that leads nowhere.
#[derive(Parser)]
struct Arguments {
    /// Where rustdoc's pages are.
    #[arg(default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/doc"))]
    folder: PathBuf,
}

fn main() -> ExitCode {
    let crawl = match Crawl::of(&Arguments::parse().folder, CRATES) {
        Ok(crawl) => crawl,
        Err(error) => {
            eprintln!("{error}: has `cargo doc --workspace --no-deps --all-features` been run?");
            return ExitCode::FAILURE;
        }
    };
    for pages in crawl.far() {
        println!("too far: {}", pages.join(" = "));
    }
    for (page, link) in &crawl.dead {
        println!("dead: {page} links to {link}");
    }
    let far = crawl.far().count();
    println!(
        "{} pages of the guide, {} public items, {far} of them not within {FAR} links, {} dead links",
        crawl.guide.len(),
        crawl.items.len(),
        crawl.dead.len()
    );
    if far == 0 && crawl.dead.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
