//! JWTs by jsonwebtoken, with AWS-LC.

mod jwt;

fn main() -> std::process::ExitCode {
    jwt::play_as("jsonwebtoken (AWS-LC)")
}
