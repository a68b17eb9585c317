//! Help, manual and completions: generated, and saying what there is.

use crate::world::World;

const SUBCOMMANDS: [&str; 9] =
    ["token", "login", "whoami", "call", "inspect", "logout", "list", "completions", "man"];

#[test]
fn the_help_names_every_subcommand_and_every_exit_code() {
    let world = World::space();
    let help = world.run(&["--help"]);
    for subcommand in SUBCOMMANDS.iter().chain(&["tour", "playground", "sandbox"]) {
        assert!(help.line_free().contains(&format!("\n  {subcommand} ")), "{subcommand}: {help:?}");
    }
    for code in 0..=8 {
        assert!(help.out.contains(&format!("\n  {code}  ")), "{code}: {help:?}");
    }
    for subcommand in SUBCOMMANDS {
        assert!(world.run(&[subcommand, "--help"]).line_free().contains("Usage: valetkey "));
    }
}

/// What the error of an unknown key lists is what a profile may say, and the help explains all of it.
#[test]
fn the_help_explains_every_key_of_a_profile() {
    let world = World::space();
    world.profiles(&[("one", "no_such_key = 1")]);
    let error = world.run(&["token"]).err;
    let keys: Vec<&str> = error
        .split("(known: ")
        .nth(1)
        .unwrap()
        .split(['`', '\n'])
        .filter(|part| part.chars().all(|c| c.is_ascii_lowercase() || c == '_') && !part.is_empty())
        .collect();
    assert!(keys.len() > 20, "{keys:?}");
    let help = world.run(&["--help"]);
    for key in keys {
        assert!(help.out.contains(key), "the help does not explain {key:?}");
    }
}

#[test]
fn the_manual_is_a_page_for_man_for_the_program_and_each_subcommand() {
    let world = World::space();
    let page = world.run(&["man"]);
    assert!(page.line_free().contains(".TH valetkey 1"), "{page:?}");
    assert!(page.out.contains("Exit codes:") && page.out.contains("[profile.work]"), "{page:?}");
    assert!(
        world.run(&["man", "token"]).line_free().contains(".TH valetkey\\-token 1")
            || world.run(&["man", "token"]).out.contains(".TH valetkey-token 1")
    );
    world.run(&["man", "nonsense"]).failed(2, &["no subcommand is named \"nonsense\""]);
    std::fs::create_dir(world.path("man")).unwrap();
    assert_eq!(world.run(&["man", "--folder", "man"]).code, 0);
    for subcommand in SUBCOMMANDS {
        assert!(world.path(&format!("man/valetkey-{subcommand}.1")).is_file(), "{subcommand}");
    }
}

#[test]
fn every_shell_has_its_completions() {
    let world = World::space();
    for (shell, marks) in [
        ("bash", "complete -F _valetkey"),
        ("zsh", "#compdef valetkey"),
        ("fish", "complete -c valetkey"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion"),
    ] {
        let script = world.run(&["completions", shell]);
        assert!(script.line_free().contains(marks), "{shell}");
        assert!(SUBCOMMANDS.iter().all(|subcommand| script.out.contains(subcommand)), "{shell}");
    }
    world.run(&["completions", "cmd"]).failed(2, &["invalid value 'cmd'"]);
}
