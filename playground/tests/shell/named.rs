//! F60: servers by their names.

use crate::world::World;

#[test]
fn a_server_whose_endpoints_are_known_is_named() {
    let world = World::space();
    world.config("");
    let github = [
        "login",
        "--no-open",
        "--within",
        "0",
        "--set",
        "server=github",
        "--set",
        "client_id=Iv1.a",
        "--set",
        "store=file:kept",
        "--set",
        "client_authentication=post",
        "--set",
        "secret=env:A_SECRET",
    ];
    let ran = world.run_with(&github, &[("A_SECRET", "s3cr3t")], "");
    ran.failed(3, &["no browser brought the response"]);
    assert!(ran.out.starts_with("https://github.com/login/oauth/authorize?"), "{ran:?}");
    world.config("[profile.hub]\nserver = \"github\"\nclient_id = \"Iv1.a\"\nstore = \"file:kept\"\n");
    let rows = world.run(&["list", "--json"]).json();
    assert_eq!(rows[0]["server"], "github");
    world
        .run(&["login", "--set", "issuer=https://a.example"])
        .failed(2, &["GitHub has endpoints that are known"]);
}

#[test]
fn a_family_is_asked_which_of_its_servers_is_meant() {
    let world = World::space();
    let auth0 = "[profile.one]\nclient_id = \"a\"\nstore = \"file:kept\"\nserver = \"auth0\"\n";
    world.config(auth0);
    world.run(&["login"]).failed(
        2,
        &[
            "needs the issuer of yours",
            "https://TENANT.REGION.auth0.com/",
            "`issuer = \"https://tenant.region.auth0.com/\"`",
        ],
    );
    world.config(&format!("{auth0}issuer = \"https://mine.eu.auth0.com/\"\n"));
    let rows = world.run(&["list", "--json"]).json();
    assert_eq!(rows[0]["server"], "https://mine.eu.auth0.com/");
    assert_eq!(rows[0]["error"], serde_json::Value::Null);
}

#[test]
fn a_name_that_nobody_knows_is_told_the_nearest() {
    let world = World::space();
    for (keys, says) in [
        ("server = \"gihtub\"", "did you mean \"github\"? Otherwise write an issuer"),
        ("server = \"login.example\"", ". Write an issuer with its `https://`"),
        ("server = \"https://login.example\"\nissuer = \"https://login.example\"", "leave `issuer` out"),
        (
            "space = \"https://s.example\"\nissuer = \"https://login.example\"",
            "`issuer` goes with the name of a server",
        ),
    ] {
        world.config(&format!("[profile.one]\nclient_id = \"a\"\n{keys}\n"));
        world.run(&["token"]).failed(2, &[says]);
    }
}

#[test]
fn the_servers_that_have_names_are_listed() {
    let world = World::space();
    let ran = world.run(&["list", "--servers"]);
    ran.failed(0, &["`server = \"NAME\"`", "http://127.0.0.1/callback"]);
    for says in ["github", "GitHub", "auth0", "issuer: `https://TENANT.REGION.auth0.com/`"] {
        assert!(ran.out.contains(says), "{says}: {ran:?}");
    }
    let too_long = |line: &&str| line.chars().count() > 80 && line.trim().contains(' ');
    assert_eq!(ran.out.lines().chain(ran.err.lines()).find(too_long), None);
    let rows = world.run(&["list", "--servers", "--json"]).json();
    let github = rows.as_array().unwrap().iter().find(|row| row["name"] == "github").unwrap();
    assert_eq!(
        (&github["title"], &github["issuer"]),
        (&serde_json::json!("GitHub"), &serde_json::Value::Null)
    );
    assert_eq!(github["authentication_methods"], serde_json::json!(["client_secret_post"]));
    assert_eq!(github["quirks"], serde_json::json!(["empty-scope", "scope-with-commas"]));
    assert_eq!(github["pkce"], "known");
    assert!(
        github["endpoints"].to_string().contains("https://github.com/login/oauth/access_token"),
        "{github}"
    );
    assert!(rows.as_array().unwrap().iter().all(|row| !row["issuer"].to_string().contains('`')));
    assert!(ran.out.contains("needs a secret, has --device"), "{ran:?}");
    assert!(github["source"].as_str().unwrap().starts_with("https://docs.github.com/"));
}

/// A consent that leads to nothing is not asked for.
#[test]
fn ca3_a_known_server_that_wants_a_secret_is_not_met_without_one() {
    let world = World::space();
    world.config("[profile.hub]\nserver = \"github\"\nclient_id = \"Iv1.a\"\nstore = \"file:kept\"\n");
    let login = |more: &[&str]| {
        world.run_with(
            &[&["login", "--no-open", "--within", "0"], more].concat(),
            &[("A_SECRET", "s3cr3t")],
            "",
        )
    };
    let ran = login(&[]);
    ran.failed(2, &["GitHub wants a client secret (CA-3)", "next: set `secret = \"keyring\"`"]);
    assert_eq!(ran.out, "");
    let ran = login(&["--set", "secret=env:A_SECRET", "--set", "client_authentication=basic"]);
    ran.failed(
        2,
        &[
            "GitHub does not take client_secret_basic (CA-3): it takes client_secret_post",
            "`client_authentication = \"post\"`",
        ],
    );
    assert_eq!(ran.out, "");
}
