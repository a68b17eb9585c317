//! A reader that has had enough closes the pipe: the program ends as it would have, and says nothing.

use std::process::Stdio;

use crate::world::{SECRET, World, chatbot};

/// Runs it with a standard output that nobody reads; its exit code, and what it says on standard error.
fn unread(world: &World, arguments: &[&str]) -> (i32, String) {
    let (reader, writer) = std::io::pipe().unwrap();
    let mut command = world.command(arguments);
    command
        .env(SECRET, world.secret_of("chatbot"))
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(Stdio::piped());
    // Closed before the program writes anything, as by `| true`.
    drop(reader);
    let output = command.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_closed_pipe_ends_every_subcommand_quietly() {
    let world = World::space();
    world.profiles(&[("bot", &format!("{}\napi = \"URL\"", chatbot("space = \"URL\"")))]);
    let calls: [&[&str]; 13] = [
        &["--help"],
        &["help"],
        &["help", "call"],
        &["call", "-h"],
        &["--version"],
        &["token"],
        &["token", "--json"],
        &["call", "/api/http/absences"],
        &["list"],
        &["list", "--json"],
        &["completions", "bash"],
        &["man"],
        &["tour"],
    ];
    for arguments in calls {
        assert_eq!(unread(&world, arguments), (0, String::new()), "{arguments:?}");
    }
}

/// What the API said still counts.
#[test]
fn a_closed_pipe_changes_no_exit_code() {
    let world = World::space();
    world.profiles(&[("bot", &chatbot("space = \"URL\""))]);
    let (code, err) = unread(&world, &["call", "/api/http/nowhere"]);
    assert_eq!(code, 8, "{err}");
    assert!(err.contains("status 404") && !err.contains("panicked"), "{err}");
}
