//! F35, F50: a browser that is on another computer, or that reaches this one by another name or port.

use std::net::TcpListener;
use std::process::Stdio;

use crate::world::World;

const NATIVE: &str = "server = \"URL\"\nclient_id = \"native\"\nscope = \"global:Profile.Absences.View\"\n";

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// The URL at which the browser ended comes by standard input; one that is not it is refused by its rule and asked again.
#[test]
fn the_url_at_which_the_browser_ended_is_pasted() {
    let world = World::standard();
    world.profiles(&[("me", NATIVE)]);
    let (mut login, url) = world.start_hearing(&["login", "--no-open"], Stdio::piped());
    let arrived = world.arrive(&url, true);
    let (before, state) = arrived.split_once("state=").unwrap();
    let state = state.split('&').next().unwrap();
    for code in arrived.split("code=").skip(1) {
        world.plant(code.split('&').next().unwrap());
    }
    world.plant(state);
    login.say("");
    login.say(&format!("{before}state=planted-state"));
    login.say(&url);
    login.say("two words");
    login.say(&arrived);
    let ran = login.end(&world);
    ran.failed(
        0,
        &[
            "paste it here",
            "ssh -L",
            "--device",
            "(AR-5, ",
            "that is not the address at which the browser ended, which begins with http://127.0.0.1:",
            "has a space in it",
            "Logged in",
        ],
    );
    assert_eq!(ran.err.matches("Paste the whole address once more").count(), 3, "{ran:?}");
    world.require_good(world.run(&["token"]).line());
}

/// An address that a terminal would cut comes in a file; one that something has cut is told so.
#[test]
fn a_long_address_comes_in_a_file_or_by_a_pipe() {
    let world = World::standard();
    world.profiles(&[("me", NATIVE)]);
    // With a parameter that OAuth does not know, which counts for nothing.
    let long = |arrived: &str| arrived.replacen('?', &format!("?pad={}&", "x".repeat(20_000)), 1);
    let (mut login, url) = world.start_hearing(&["login", "--no-open"], Stdio::piped());
    let arrived = long(&world.arrive(&url, true));
    login.say(arrived.get(..4095).unwrap());
    login.say("@nowhere.txt");
    std::fs::write(world.path("empty.txt"), "\n").unwrap();
    login.say("@empty.txt");
    std::fs::write(world.path("url.txt"), format!("{arrived}\n")).unwrap();
    login.say("@url.txt");
    let ran = login.end(&world);
    ran.failed(
        0,
        &[
            "that has no `state`, so it is not the whole address. If something cuts it off, write it into a file, and enter @FILE here",
            "the file nowhere.txt cannot be read: ",
            "the file empty.txt is empty",
            "Logged in",
        ],
    );
    // A pipe cuts nothing off.
    let (mut login, url) = world.start_hearing(&["login", "--no-open"], Stdio::piped());
    login.say(&long(&world.arrive(&url, true)));
    login.end(&world).failed(0, &["Logged in"]);
}

/// As a browser shows it: without the scheme, with the fragment that nothing asked for.
#[test]
fn what_an_address_bar_adds_or_leaves_out_does_not_matter() {
    let world = World::standard();
    world.profiles(&[("me", NATIVE)]);
    let (mut login, url) = world.start_hearing(&["login", "--no-open"], Stdio::piped());
    let arrived = world.arrive(&url, true);
    login.say(&format!("  {}#_=_ ", arrived.strip_prefix("http://").unwrap()));
    login.end(&world).failed(0, &["Logged in"]);
}

/// A browser that does reach the port ends it too, though standard input stays open and silent; so does a denial that is pasted.
#[test]
fn whichever_comes_first_counts() {
    let world = World::standard();
    world.profiles(&[("me", NATIVE)]);
    let (login, url) = world.start_hearing(&["login", "--no-open"], Stdio::piped());
    world.visit(&url, true);
    login.end(&world).failed(0, &["Logged in"]);
    let (mut login, url) = world.start_hearing(&["login", "--no-open"], Stdio::piped());
    login.say(&world.arrive(&url, false));
    login.end(&world).failed(4, &["access_denied"]);
}

/// The port at the browser's computer is another than here.
#[test]
fn a_forwarded_port_is_the_redirect_uris() {
    let world = World::standard();
    let port = free_port();
    world.profiles(&[("me", &format!("{NATIVE}redirect_ports = [{port}]\nforwarded_port = 8765\n"))]);
    let (mut login, url) = world.start_hearing(&["login", "--no-open"], Stdio::piped());
    assert!(url.contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A8765%2Fcallback"), "{url}");
    login.say(&world.arrive(&url, true));
    login.end(&world).failed(0, &["Logged in", &format!("ssh -L 8765:127.0.0.1:{port} HOST")]);
    world.run(&["login", "--set", "forwarded_port=x"]).failed(2, &["`forwarded_port` is a port"]);
}

/// F35: Entra's portal registers `http://localhost` only.
#[test]
fn the_redirect_uri_may_say_localhost() {
    let world = World::standard();
    world.profiles(&[("me", NATIVE)]);
    for (host, shown) in [("localhost", "localhost"), ("127.0.0.1", "127.0.0.1")] {
        let ran =
            world.run(&["login", "--no-open", "--within", "0", "--set", &format!("redirect_host={host}")]);
        ran.failed(3, &[&format!("no browser brought the response to http://{shown}:")]);
        assert!(ran.out.contains(&format!("redirect_uri=http%3A%2F%2F{shown}%3A")), "{ran:?}");
    }
    world.run(&["login", "--set", "redirect_host=0.0.0.0"]).failed(2, &["--set: ", "`localhost`"]);
}

#[test]
fn the_help_of_login_tells_the_three_ways() {
    let help = World::space().run(&["login", "--help"]);
    for way in ["paste it here", "@FILE", "ssh -L", "`redirect_ports", "`forwarded_port`", "--device"] {
        assert!(help.out.contains(way), "{way}: {help:?}");
    }
}
