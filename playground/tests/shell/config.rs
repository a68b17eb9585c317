//! The configuration file: which profile is meant, and what a wrong one is told.

use crate::world::{SECRET, World, chatbot};

#[test]
fn an_unknown_key_is_named_with_the_known_ones() {
    let world = World::space();
    world.profiles(&[("bot", "space = \"URL\"\nclinet_id = \"chatbot\"")]);
    let ran = world.run(&["token"]);
    ran.failed(
        2,
        &["profile bot of ", "config.toml", "`clinet_id`", "`client_id`", "`server`", "`redirect_ports`"],
    );
    world.config("defualt = \"bot\"");
    world.run(&["token"]).failed(2, &["line 1", "`defualt`", "`default`", "`profile`"]);
}

/// A typing error is the commonest fault, so the nearest key or word is asked back.
#[test]
fn a_mistyped_name_is_told_the_nearest_one() {
    let world = World::space();
    for (keys, says) in [
        ("clinet_id = \"a\"", "did you mean `client_id`?"),
        ("client-id = \"a\"", "did you mean `client_id`?"),
        ("metod = \"device\"", "did you mean `method`?"),
        ("method = \"devcie\"", "did you mean `device`?"),
    ] {
        world.profiles(&[("one", &format!("space = \"URL\"\n{keys}"))]);
        world.run(&["token"]).failed(2, &["profile one of ", says]);
    }
    world.config(
        "[profile.one]\nspace = \"https://s.example\"\nclient_id = \"a\"\nquirks = [\"loopbck-http\"]",
    );
    world.run(&["token"]).failed(2, &["did you mean \"loopback-http\"?"]);
    world.config("defualt = \"one\"");
    world.run(&["token"]).failed(2, &["line 1", "did you mean `default`?"]);
    // What is near to nothing is told the names alone.
    world.profiles(&[("one", "space = \"URL\"\nhovercraft = 1")]);
    let ran = world.run(&["token"]);
    ran.failed(2, &["`hovercraft`", "known: `server`"]);
    assert!(!ran.err.contains("did you mean"), "{ran:?}");
}

/// What the command line says wrongly is not blamed on the file, and says how such a value is written.
#[test]
fn a_wrong_set_is_blamed_on_the_command_line() {
    let world = World::space();
    world.profiles(&[("one", "space = \"URL\"\nclient_id = \"a\"")]);
    for (set, says) in [
        ("quirks={}", "`quirks` is a name or a list of names: write it as \"one\" or [\"one\", \"another\"]"),
        ("quirks=loopbck-http", "did you mean \"loopback-http\"?"),
        ("redirect_ports=x", "`redirect_ports` is a list of ports: write it as [8080, 8081]"),
        ("redirect_ports=[99999]", "`redirect_ports` is a list of ports"),
        ("forwarded_port=0", "`forwarded_port` is a port: write it as 8080"),
        ("refusals=[{ member = \"a\", means = \"b\" }]", "`refusals`: `value` is missing"),
        ("scope=", "--set: `scope`: the scope is empty"),
        ("api=api.example", "--set: `api`: the URL is not"),
        ("redirect_ports=[\"x\"]", "`redirect_ports` is a list of ports"),
        ("dpop=yes", "`dpop` is true or false"),
        ("parameters=x", "`parameters` is a table"),
        ("scope=[\"a\"]", "`scope` is a text"),
        ("clinet_id=a", "did you mean `client_id`?"),
    ] {
        let ran = world.run(&["token", "one", "--set", set]);
        ran.failed(2, &["valetkey: --set: ", says]);
        assert!(!ran.err.contains("config.toml"), "{ran:?}");
    }
    // The same in the file is the file's.
    world.profiles(&[("one", "space = \"URL\"\nclient_id = \"a\"\ndpop = \"yes\"")]);
    world.run(&["token"]).failed(2, &["profile one of ", "config.toml", "`dpop` is true or false"]);
}

/// An endpoint that is no URL is told by its key.
#[test]
fn a_wrong_url_is_told_with_its_key() {
    let world = World::space();
    for key in [
        "authorization_endpoint",
        "token_endpoint",
        "device_authorization_endpoint",
        "introspection_endpoint",
        "pushed_authorization_request_endpoint",
        "revocation_endpoint",
    ] {
        world.config(&format!("[profile.one]\n{key} = \"/here\"\nclient_id = \"a\""));
        world.run(&["token"]).failed(2, &["profile one of ", &format!("`{key}`: the URL is not absolute")]);
    }
    world.config("[profile.one]\nserver = \"https://as.example?tenant=1\"\nclient_id = \"a\"");
    world.run(&["token"]).failed(2, &["profile one of ", "`server`: the issuer has a query"]);
    // A name that is empty is near to no other.
    let ran = world.run(&["token", "one", "--set", "server="]);
    ran.failed(2, &["valetkey: --set: no server is named \"\". Write an issuer"]);
    world.config("");
    world.run(&["token"]).failed(2, &["has no profiles", "`valetkey --help`"]);
}

/// One of several needs no brackets, and a port on the command line no other form than in the file.
#[test]
fn one_value_of_a_list_needs_no_brackets() {
    let world = World::space();
    world.profiles(&[("one", "space = \"URL\"\nclient_id = \"native\"\nscope = \"global:Profile.View\"")]);
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let ports = format!("redirect_ports={port}");
    let login = ["login", "--no-open", "--within", "0", "--set", "quirks=loopback-http", "--set", &ports];
    let ran = world.run(&login);
    ran.failed(3, &[&format!("no browser brought the response to http://127.0.0.1:{port}/")]);
    let ran = world.run(&[&login[..], &["--set", "forwarded_port=8765"]].concat());
    assert!(ran.out.contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A8765%2F"), "{ran:?}");
}

/// A secret that somebody writes where its source belongs is refused, and not repeated.
#[test]
fn a_secret_in_the_profile_or_on_the_command_line_is_refused_unseen() {
    let world = World::space();
    let bot = "space = \"URL\"\nclient_id = \"chatbot\"\nmethod = \"client-credentials\"\n";
    world.plant("hunter2-and-more");
    for wrong in [
        "secret = \"hunter2-and-more\"",
        "secret = [\"hunter2-and-more\"]",
        "secret = \"fd:hunter2-and-more\"",
    ] {
        world.profiles(&[("bot", &format!("{bot}{wrong}"))]);
        world.run(&["token"]).failed(2, &["\"keyring\"", "\"env:NAME\"", "\"fd:N\"", "\"prompt\""]);
    }
    world.profiles(&[("bot", bot)]);
    world.run(&["token", "--set", "secret=hunter2-and-more"]).failed(2, &["\"env:NAME\""]);
    world.profiles(&[("bot", &format!("{bot}client_secret = \"hunter2-and-more\""))]);
    world.run(&["token"]).failed(2, &["`client_secret`", "`secret`"]);
    world.config("[profile.bot]\nsecret = \"hunter2-and-more\nclient_id = 1");
    world.run(&["token"]).failed(2, &["line 2"]);
    // Whoever forgets the profile's name writes its keys where profiles are.
    world.config("[profile]\nsecret = \"hunter2-and-more\"");
    world.run(&["token"]).failed(2, &["line 2", "`[profile.NAME]`"]);
}

#[test]
fn a_profile_that_makes_no_sense_says_what_is_missing() {
    let world = World::space();
    for (keys, says) in [
        ("client_id = \"a\"", "the server is missing"),
        ("server = \"URL\"\nspace = \"URL\"\nclient_id = \"a\"", "more than one server is named"),
        ("space = \"URL\"", "`client_id` is missing"),
        (
            "space = \"URL\"\nclient_id = \"a\"\nmethod = \"refresh-token\"",
            "`token`, where the refresh token comes from",
        ),
        ("space = \"URL\"\nclient_id = \"a\"\nmethod = \"password\"", "`username` and `password`"),
        ("space = \"URL\"\nclient_id = \"a\"\nmethod = \"magic\"", "the word `magic` is unknown"),
        ("space = \"URL\"\nclient_id = \"a\"\nscope = \"a\\\"b\"", "TR-11"),
        ("space = \"URL\"\nclient_id = \"a\"\nresource = \"/here\"", "AQ-9"),
        ("space = \"http://space.example\"\nclient_id = \"a\"", "DI-5"),
    ] {
        world.profiles(&[("one", keys)]);
        world.run(&["token"]).failed(2, &[says]);
    }
    world.config("[profile.one]\nspace = \"https://s.example\"\nclient_id = \"a\"\nquirks = [\"sloppy\"]");
    world.run(&["token"]).failed(2, &["no quirk is named \"sloppy\"", "no-token-type"]);
    world.config("[profile.one]\nspace = \"https://s.example\"\nclient_id = \"a\"\nstore = \"cloud\"");
    world.run(&["token"]).failed(2, &["`store` is \"cloud\"", "\"file:PATH\""]);
}

#[test]
fn a_profile_is_named_or_usual_or_the_only_one() {
    let world = World::space();
    let secret = world.secret_of("chatbot");
    let run = |arguments: &[&str], profile: &str| {
        let variables: &[(&str, &str)] = &[(SECRET, &secret), ("VALETKEY_PROFILE", profile)];
        world.run_with(arguments, variables, "")
    };
    let bot = chatbot("space = \"URL\"");
    world.profiles(&[("one", &bot)]);
    let one = run(&["token"], "").line().to_owned();
    world.profiles(&[("one", &bot), ("two", &bot)]);
    run(&["token"], "").failed(2, &["which profile?", "one, two"]);
    assert_eq!(run(&["token", "one"], "").line(), one);
    assert_eq!(run(&["token"], "one").line(), one);
    assert_ne!(run(&["token"], "two").line(), one);
    let text = std::fs::read_to_string(world.path("config.toml")).unwrap();
    world.config(&format!("default = \"one\"\n{text}"));
    assert_eq!(run(&["token"], "").line(), one);
    run(&["token", "three"], "").failed(2, &["no profile is named \"three\"", "one, two"]);
}

/// What one server's client asks for, and its secret, is not sent to another.
#[test]
fn another_server_is_not_laid_over_a_profile_that_nobody_named() {
    let world = World::space();
    world.profiles(&[("me", "server = \"https://one.example\"\nclient_id = \"mine\"\nscope = \"all\"")]);
    let says = [
        "--set server is another server than that of profile me of ",
        "config.toml",
        "set `client_id` too",
        "name the profile, me",
    ];
    world.run(&["login", "--no-open", "-s", "server=github"]).failed(2, &says);
    world.run(&["token", "-s", "space=https://s.example"]).failed(2, &["--set space is another server"]);
    // Its own is its own.
    world
        .run(&["login", "me", "--no-open", "-s", "server=github"])
        .failed(2, &["GitHub wants a client secret"]);
    world
        .run(&["token", "-s", "server=gihtub", "-s", "client_id=a"])
        .failed(2, &["no server is named \"gihtub\""]);
    // Without any profile it is the command line that says too little.
    world.config("");
    let ran = world.run(&["login", "-s", "server=github"]);
    ran.failed(2, &["`client_id` is missing"]);
    assert!(!ran.err.contains("has no profiles"), "{ran:?}");
}

/// What was set is set in the command that is advised too, as a shell takes it.
#[test]
fn what_is_to_be_run_next_has_what_was_set() {
    let world = World::space();
    world.config("");
    let set = ["server=github", "client_id=a b", "store=file:kept", "redirect_ports=[8910]"];
    let set: Vec<&str> = set.iter().flat_map(|set| ["--set", set]).collect();
    let ran = world.run(&[&["token"], set.as_slice()].concat());
    ran.failed(
        3,
        &["valetkey: nobody is logged in", "`valetkey login --set server=github --set 'client_id=a b' --set store=file:kept --set 'redirect_ports=[8910]'` at a terminal"],
    );
}

#[test]
fn a_file_that_is_named_must_be_there_and_the_usual_one_need_not() {
    let world = World::space();
    world.run(&["token", "--config", "nowhere.toml"]).failed(2, &["nowhere.toml cannot be read"]);
    let list = world.run_with(&["list", "--json"], &[("VALETKEY_CONFIG", "")], "");
    assert_eq!(list.line(), "[]");
    world
        .run_with(&["token"], &[("VALETKEY_CONFIG", "")], "")
        .failed(2, &["has no profiles", "--set KEY=VALUE"]);
    // Where nothing else is said, it is in the folder for configuration.
    std::fs::create_dir_all(world.path("config/valetkey")).unwrap();
    std::fs::write(
        world.path("config/valetkey/config.toml"),
        "[profile.usual]\nspace = \"https://s.example\"\nclient_id = \"a\"\nstore = \"file\"",
    )
    .unwrap();
    let list = world.run_with(&["list", "--json"], &[("VALETKEY_CONFIG", "")], "");
    assert_eq!(list.json()[0]["profile"], "usual");
}

#[cfg(unix)]
#[test]
fn a_secret_comes_from_a_file_descriptor() {
    let world = World::space();
    world.profiles(&[("bot", &chatbot("space = \"URL\"").replace("env:A_SECRET", "fd:3"))]);
    std::fs::write(world.path("secret"), format!("{}\n", world.secret_of("chatbot"))).unwrap();
    let mut program = world.command(&["token"]);
    let shell = std::process::Command::new("/bin/sh")
        .args(["-c", "exec \"$0\" token 3<secret"])
        .arg(program.get_program())
        .envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .current_dir(world.path(""))
        .output()
        .unwrap();
    assert_eq!(shell.status.code(), Some(0), "{shell:?}");
    world.require_good(String::from_utf8(shell.stdout).unwrap().trim_end());
    // A descriptor that nobody opened.
    let closed = program.arg("--set=scope=global:Profile.View").output().unwrap();
    assert_eq!(closed.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&closed.stderr).contains("the file descriptor 3, which cannot be read"));
}

#[test]
fn a_secret_that_is_not_there_says_where_it_was_looked_for() {
    let world = World::space();
    world.profiles(&[("bot", &chatbot("space = \"URL\""))]);
    world
        .run(&["token"])
        .failed(2, &["the client secret", "the variable A_SECRET, which is not set", "next: set A_SECRET"]);
    world
        .run_with(&["token"], &[(SECRET, "")], "")
        .failed(2, &["the client secret from env:A_SECRET is empty"]);
    world.run(&["token", "--set", "secret=prompt"]).failed(2, &["this is not a terminal"]);
    world.run(&["token", "--set", "secret=keyring"]).failed(7, &["the keyring", "\"env:NAME\""]);
}
