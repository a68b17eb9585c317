//! The sandbox by itself, for somebody who tries the program for the first time.

use std::process::Stdio;

use crate::world::World;

/// What it tells to put into the configuration file is enough to log in, and to call its API.
#[test]
fn the_sandbox_tells_a_profile_that_works() {
    for dialect in [&["sandbox"][..], &["sandbox", "--standard"]] {
        let world = World::space();
        let (mut sandbox, url) = world.start_hearing(dialect, Stdio::null());
        let told = sandbox.told("quirks = ");
        assert!(told.contains(&format!("\"{url}\"")), "{told}");
        let (_, profile) = told.split_once("\n\n").unwrap();
        world.config(profile);
        let (login, url) = world.start(&["login", "sandbox", "--no-open"]);
        world.visit(&url, true);
        login.end(&world).failed(0, &["Logged in", "Stored in a file of yours."]);
        let called = world.run(&["call", "-p", "sandbox", "/api/http/absences"]);
        assert!(called.code == 0 && called.out.contains("Vacation"), "{dialect:?}: {called:?}");
    }
}
