//! The checker itself, on small houses with a fault planted in each: a test that finds nothing must be able to find
//! something.

use crate::house::House;
use crate::reader::Sources;

const HOUSE: House = House { folder: "planted", floors: &[&["ground"], &["middle", "beside"], &["top"]] };

/// A house without a fault, but for the files that are put into it.
fn faults(files: &[(&str, &str)]) -> Vec<String> {
    let sound = [
        (
            "lib.rs",
            "mod beside; mod ground; mod middle; mod top; pub use top::roof::Roof; pub use ground::Stone;",
        ),
        ("beside.rs", "use crate::Stone; pub struct Shed(Stone);"),
        (
            "ground.rs",
            "pub struct Stone; macro_rules! bricks { ($($name:ident)*) => { $(pub struct $name;)* } } bricks! { Red Blue }",
        ),
        ("middle/mod.rs", "mod door; mod wall; pub use door::Door; pub use wall::Wall;"),
        (
            "middle/door.rs",
            "use super::Wall; use crate::ground::{self, Red}; pub struct Door(Wall, ground::Stone, Red);",
        ),
        ("middle/wall.rs", "use std::fmt; pub struct Wall; impl fmt::Debug for Wall {}"),
        ("top/mod.rs", "pub(crate) mod roof;"),
        ("top/roof.rs", "use crate::middle::*; pub struct Roof(Door, crate::ground::Blue, Option<u8>);"),
    ];
    let mut sources = Sources::default();
    let planted = |file: &str| files.iter().any(|(name, _)| *name == file);
    for (file, text) in sound.iter().filter(|(file, _)| !planted(file)).chain(files) {
        sources.read(file, text);
    }
    HOUSE.faults(&sources)
}

#[track_caller]
fn assert_fault(files: &[(&str, &str)], expected: &str) {
    let faults = faults(files);
    assert_eq!(faults, [expected]);
}

#[test]
fn a_sound_house_stands() {
    assert_eq!(faults(&[]), [""; 0]);
}

#[test]
fn an_import_from_above_is_found() {
    assert_fault(
        &[("ground.rs", "use crate::top::roof::Roof; pub struct Stone; pub struct Red; pub struct Blue;")],
        "ground.rs: `crate::top::roof::Roof` leads up, from ground to top (top/roof.rs)",
    );
}

#[test]
fn a_name_of_the_root_is_followed_to_its_room() {
    assert_fault(
        &[("middle/wall.rs", "pub struct Wall; pub fn up(_: &crate::Roof) {}")],
        "middle/wall.rs: `crate::Roof` leads up, from middle to top (top/roof.rs)",
    );
}

#[test]
fn a_path_in_a_macro_is_found() {
    assert_fault(
        &[(
            "middle/wall.rs",
            "pub struct Wall; pub fn up() { assert!(super::super::top::roof::Roof::holds()) }",
        )],
        "middle/wall.rs: `super::super::top::roof::Roof::holds` leads up, from middle to top (top/roof.rs)",
    );
}

#[test]
fn what_the_root_defines_is_above_every_room() {
    let root = "mod beside; mod ground; mod middle; mod top; pub use top::roof::Roof; pub use ground::Stone; pub struct Sky;";
    assert_fault(
        &[("lib.rs", root), ("top/roof.rs", "pub struct Roof(crate::Sky);")],
        "top/roof.rs: `crate::Sky` leads up, from top to the root (lib.rs)",
    );
}

#[test]
fn rooms_on_one_floor_do_not_use_one_another() {
    assert_fault(
        &[("beside.rs", "pub fn through() { let _ = crate::middle::Door; }")],
        "beside.rs: `crate::middle::Door` leads up, from beside to middle (middle/door.rs)",
    );
}

#[test]
fn two_files_that_need_each_other_are_a_knot() {
    assert_fault(
        &[("middle/wall.rs", "use super::Door; pub struct Wall(Box<Door>);")],
        "a knot: middle/door.rs needs middle/wall.rs (`super::Wall`), middle/wall.rs needs middle/door.rs (`super::Door`)",
    );
}

#[test]
fn a_child_and_its_mod_rs_that_need_each_other_are_a_knot() {
    let door = "mod door; mod wall; use door::Door; pub use wall::Wall; pub struct House(Door);";
    assert_fault(
        &[
            ("middle/mod.rs", door),
            ("middle/door.rs", "pub struct Door(Box<super::House>);"),
            ("top/roof.rs", "pub struct Roof;"),
        ],
        "a knot: middle/door.rs needs middle/mod.rs (`super::House`), middle/mod.rs needs middle/door.rs (`door::Door`)",
    );
}

#[test]
fn a_room_without_a_floor_is_found() {
    assert_fault(&[("cellar.rs", "pub struct Wine;")], "the room cellar has no floor in the table");
}

#[test]
fn a_name_that_is_nowhere_is_found() {
    assert_fault(
        &[("beside.rs", "use crate::ground::Gold;")],
        "beside.rs: `crate::ground::Gold`: where is `Gold` defined?",
    );
}
