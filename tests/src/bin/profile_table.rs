//! Writes the table of profiles in core's documentation: `cargo run -p valetkey-tests --bin profile_table`.

#![expect(clippy::disallowed_methods, reason = "it writes a file of the repository")]

fn main() -> std::io::Result<()> {
    let place = concat!(env!("CARGO_MANIFEST_DIR"), "/../core/src/server/profile/table.md");
    std::fs::write(place, valetkey_tests::profile_table::table())
}
