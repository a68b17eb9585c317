//! Several logins of one profile: `--account`.

use crate::world::World;

const NATIVE: &str = "server = \"URL\"\nclient_id = \"native\"\nscope = \"global:Profile.Absences.View\"\n";

fn login(world: &World, arguments: &[&str], says: &str) {
    let (login, url) = world.start(&[&["login", "--no-open"], arguments].concat());
    world.visit(&url, true);
    login.end(world).failed(0, &["Logged in", says]);
}

#[test]
fn a_profile_keeps_a_login_for_each_account() {
    let world = World::standard();
    world.profiles(&[("me", NATIVE)]);
    login(&world, &["--account", "work"], "as the account work");
    login(&world, &["--account", "home"], "as the account home");
    let token = |account: &str| world.run(&["token", "--account", account]).line().to_owned();
    assert_ne!(token("work"), token("home"));
    world.require_good(&token("work"));

    // Without a name things are as they were, and the error tells which names there are.
    world
        .run(&["token"])
        .failed(3, &["me: nobody is logged in", "home, work, by --account", "`valetkey login me`"]);
    world
        .run(&["token", "--account", "wrok"])
        .failed(3, &["a stored account is called work: did you mean --account work? Otherwise run `valetkey login me --account wrok`"]);
    world.run(&["logout", "--account", "wrok"]).failed(
        0,
        &["Nothing is stored of me --account wrok: a stored account is called work: did you mean --account work?"],
    );
    world.run(&["token", "--account", "other"]).failed(3, &["`valetkey login me --account other`"]);
    let shown = world.run(&["list"]);
    assert!(shown.out.contains("me (home)") && shown.out.contains("me (work)"), "{shown:?}");
    let rows = world.run(&["list", "--json"]).json();
    let accounts: Vec<_> = rows.as_array().unwrap().iter().map(|row| row["account"].as_str()).collect();
    assert_eq!(accounts, [Some("home"), Some("work")]);
    login(&world, &[], "Stored in");
    let rows = world.run(&["list", "--json"]).json();
    let accounts: Vec<_> = rows.as_array().unwrap().iter().map(|row| row["account"].as_str()).collect();
    assert_eq!(accounts, [None, Some("home"), Some("work")]);

    // A log-out ends one.
    world.run(&["logout", "--account", "work"]).failed(0, &["Revoked"]);
    world.run(&["token", "--account", "work"]).failed(3, &["nobody is logged in"]);
    world.require_good(&token("home"));
    let rows = world.run(&["list", "--json", "--account", "home"]).json();
    assert_eq!((rows.as_array().unwrap().len(), &rows[0]["state"]), (1, &serde_json::json!("good")));
    assert!(!world.run(&["list"]).out.contains("work"));
    // The environment names one too; an option comes before it, and it before the profile's own key. `list` shows them all.
    let named = |arguments: &[&str]| world.run_with(arguments, &[("VALETKEY_ACCOUNT", "home")], "");
    assert_eq!(named(&["token"]).line(), token("home"));
    assert_eq!(named(&["token", "--set", "account=home"]).line(), token("home"));
    named(&["token", "--account", "other"]).failed(3, &["`valetkey login me --account other`"]);
    named(&["token", "--set", "account=other"]).failed(3, &["`valetkey login me --account other`"]);
    world.profiles(&[("me", &format!("{NATIVE}account = \"other\"\n"))]);
    assert_eq!(named(&["token"]).line(), token("home"));
    world.run(&["token"]).failed(3, &["`valetkey login me --account other`"]);
    world.profiles(&[("me", NATIVE)]);
    assert_eq!(named(&["list", "--json"]).json().as_array().unwrap().len(), 2);
    world.run(&["token", "--account", ""]).failed(2, &["`account` is empty"]);
}
