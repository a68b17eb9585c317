//! JWTs by jsonwebtoken, with pure Rust: what it does is beside that of the other provider.

#[path = "../../jsonwebtoken-aws-lc/src/jwt.rs"]
mod jwt;

fn main() -> std::process::ExitCode {
    jwt::play_as("jsonwebtoken (pure Rust)")
}
