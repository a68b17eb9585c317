//! A configuration file that others could have written is refused: it says where secrets go.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::Path;

use crate::world::World;

/// Nobody's user, and somebody else's.
const NOBODY: u32 = 65534;
const SOMEBODY: u32 = 54321;

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// A folder of its own with a good configuration file in it.
fn world() -> World {
    let world = World::space();
    world.config("[profile.me]\nserver = \"https://as.example\"\nclient_id = \"c\"\nstore = \"file\"\n");
    fs::create_dir(world.path("own")).unwrap();
    fs::copy(world.path("config.toml"), world.path("own/config.toml")).unwrap();
    mode(&world.path("own"), 0o755);
    mode(&world.path("own/config.toml"), 0o644);
    world
}

/// The exit code and what was said, with this file, by this user if that is said.
fn list(world: &World, file: &str, user: Option<u32>) -> (i32, String) {
    let mut command = world.command(&["list", "--config", file]);
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    let output = command.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn require_refused(world: &World, file: &str, user: Option<u32>, says: &[&str]) {
    let (code, told) = list(world, file, user);
    assert_eq!(code, 7, "{file}: {told}");
    for text in says {
        assert!(told.contains(text), "{text} is not in {told}");
    }
}

fn require_good(world: &World, file: &str, user: Option<u32>) {
    let (code, told) = list(world, file, user);
    let at = fs::metadata(world.path(file)).unwrap();
    let is_readable = at.is_file() && at.mode() & 0o044 != 0;
    assert_eq!(code, 0, "{file}: {told}");
    // A build that measures coverage has words of its own.
    let said = told.lines().filter(|line| line.starts_with("valetkey: ")).count();
    assert_eq!(said, usize::from(is_readable), "{file}: {told}");
    assert_eq!(told.contains("others may read the configuration file"), is_readable, "{file}: {told}");
}

/// Changing owners and users is for root; whoever else runs the tests is the one that owns the files.
fn is_root(world: &World) -> bool {
    fs::metadata(world.path("own")).unwrap().uid() == 0
}

#[test]
fn s27_a_file_that_others_may_write_is_refused() {
    let world = world();
    for good in [0o600, 0o400, 0o644, 0o640, 0o444, 0o755] {
        mode(&world.path("own/config.toml"), good);
        require_good(&world, "own/config.toml", None);
    }
    for bad in [0o620, 0o602, 0o664, 0o646, 0o666, 0o660, 0o777, 0o1666] {
        mode(&world.path("own/config.toml"), bad);
        require_refused(&world, "own/config.toml", None, &["may be written by others", "`chmod go-w "]);
    }
    // One that others may read is warned about, once and with the way to mend it.
    mode(&world.path("own/config.toml"), 0o640);
    let (_, told) = list(&world, "own/config.toml", None);
    assert!(
        told.contains("(mode 0640): `chmod 600 ") && told.contains("own/config.toml` ends that"),
        "{told}"
    );
    mode(&world.path("own/config.toml"), 0o1666);
    // Every subcommand that reads it, and however it is named.
    let ran = world.run(&["token", "--config", "own/config.toml"]);
    ran.failed(7, &["valetkey: the configuration file, ", "(mode 1666)"]);
    fs::create_dir_all(world.path("config/valetkey")).unwrap();
    fs::copy(world.path("config.toml"), world.path("config/valetkey/config.toml")).unwrap();
    for subcommand in ["list", "token", "login", "logout"] {
        mode(&world.path("config/valetkey/config.toml"), 0o666);
        let output = world.command(&[subcommand]).env_remove("VALETKEY_CONFIG").output().unwrap();
        assert_eq!(output.status.code(), Some(7), "{subcommand}: {output:?}");
    }
    mode(&world.path("config.toml"), 0o666);
    world.run(&["list"]).failed(7, &["may be written by others"]);
    // The advice is what helps.
    mode(&world.path("config.toml"), 0o644);
    assert_eq!(world.run(&["list"]).code, 0);
}

#[test]
fn s27_a_file_in_a_folder_that_others_may_write_is_refused() {
    let world = world();
    for bad in [0o777, 0o775, 0o757, 0o722] {
        mode(&world.path("own"), bad);
        require_refused(
            &world,
            "own/config.toml",
            None,
            &["the configuration file's folder", "`chmod go-w "],
        );
        require_refused(&world, "own/../own/config.toml", None, &["folder"]);
    }
    // As in /tmp, nobody replaces a file of mine.
    for good in [0o1777, 0o1775, 0o700, 0o755] {
        mode(&world.path("own"), good);
        require_good(&world, "own/config.toml", None);
    }
}

#[test]
fn s27_of_a_link_both_ends_are_looked_at() {
    let world = world();
    symlink("own/config.toml", world.path("link")).unwrap();
    symlink("link", world.path("link-to-link")).unwrap();
    require_good(&world, "link", None);
    require_good(&world, "link-to-link", None);
    mode(&world.path("own/config.toml"), 0o666);
    require_refused(&world, "link", None, &["own/config.toml", "may be written by others"]);
    require_refused(&world, "link-to-link", None, &["own/config.toml"]);
    mode(&world.path("own/config.toml"), 0o644);
    mode(&world.path("own"), 0o777);
    require_refused(&world, "link", None, &["folder"]);
    mode(&world.path("own"), 0o755);
    // Others may lead the link elsewhere.
    fs::create_dir(world.path("open")).unwrap();
    mode(&world.path("open"), 0o777);
    symlink("../own/config.toml", world.path("open/link")).unwrap();
    require_refused(&world, "open/link", None, &["open", "folder"]);
    if is_root(&world) {
        std::os::unix::fs::lchown(world.path("link"), Some(SOMEBODY), None).unwrap();
        require_refused(&world, "link", None, &["the link", "another user"]);
    }
}

/// As root, and as a user: what is one's own is good, and what is root's; what is anybody else's is not.
#[test]
fn s27_a_file_of_another_user_is_refused() {
    let world = world();
    if !is_root(&world) {
        // Nobody else can be made its owner. A file that is root's is good.
        require_good(&world, "own/config.toml", None);
        return;
    }
    let (folder, file) = (world.path("own"), world.path("own/config.toml"));
    let owned = |of_folder: u32, of_file: u32| {
        chown(&folder, Some(of_folder), None).unwrap();
        chown(&file, Some(of_file), None).unwrap();
    };
    for (user, own) in [(None, 0), (Some(NOBODY), NOBODY)] {
        for (of_folder, of_file) in [(0, 0), (own, own), (0, own), (own, 0)] {
            owned(of_folder, of_file);
            require_good(&world, "own/config.toml", user);
        }
        for (of_folder, of_file) in [(own, SOMEBODY), (SOMEBODY, own), (SOMEBODY, SOMEBODY), (0, SOMEBODY)] {
            owned(of_folder, of_file);
            require_refused(&world, "own/config.toml", user, &["belongs to another user", "54321"]);
        }
        // The sticky bit is no help against the folder's owner.
        owned(SOMEBODY, own);
        mode(&folder, 0o1777);
        require_refused(&world, "own/config.toml", user, &["folder", "another user"]);
        mode(&folder, 0o755);
    }
}

/// What is no file of its own: the empty device, and what a shell hands over.
#[test]
fn s27_a_device_and_a_pipe_are_read() {
    let world = world();
    require_good(&world, "/dev/null", None);
    let text = fs::read_to_string(world.path("config.toml")).unwrap();
    let ran = world.run_with(&["list", "--config", "/dev/stdin"], &[], &text);
    assert!(ran.code == 0 && ran.out.contains("me "), "{ran:?}");
    // One that is not there is as it was.
    world.run(&["list", "--config", "nowhere.toml"]).failed(2, &["nowhere.toml cannot be read"]);
    let help = world.run(&["--help"]);
    assert!(help.line_free().contains("others may write to") && help.out.contains("on Windows"), "{help:?}");
}
