//! A crate is a house of rooms on floors: **a room uses only rooms below it**, and the files of one room do not need each
//! other in a circle. Then whoever reads a file has only to look down, and a change moves only upwards.
//!
//! A room is a module at the top of a crate, a folder or a file; `lib.rs` and `main.rs` stand above them all. What is
//! looked at is every path of the sources that leads to another file of the crate: imports, and paths in types,
//! expressions, patterns, attributes' paths and macros. A name is followed through the re-exports of `lib.rs` and of each
//! `mod.rs` to the file that defines it, so that `use crate::Thing` counts for the room of `Thing`.
//!
//! A `mod.rs` that declares and re-exports its children needs none of them: it is the room's door. If it *uses* one in its
//! own code, it does; so a child that uses what is defined in its `mod.rs`, while that uses what the child defines, is a
//! knot like any other.
//!
//! Not looked at: methods that are called by a dot (an `impl` may stand in any file, so nothing says where to look),
//! links in documentation, and `pub(in …)`.

mod house;
mod planted;
mod reader;

use house::House;

/// The rooms of core, from the ground up: the table *Layers* of its `lib.rs`.
const CORE: House = House {
    folder: "core",
    floors: &[
        &["ground"],
        &["wire"],
        &["host"],
        &["terms"],
        &["jose"],
        &["server"],
        &["client"],
        &["identity"],
        &["token"],
        &["authorize", "device", "status"],
        &["openid"],
        &["api"],
        &["store"],
        &["session"],
        &["logout"],
        &["dialect"],
    ],
};

const BLOCKING: House = House {
    folder: "adapter-blocking",
    floors: &[
        &["system", "traced"],
        &["network"],
        &["failure"],
        &["stream"],
        &["loopback", "transport"],
        &["run"],
        &["log_in", "tokens"],
        &["api_client", "end", "user_info"],
        &["logged_in", "said"],
        &["sessions"],
        &["log_out"],
        // Documentation, which speaks of everything.
        &["guide"],
    ],
};

/// The same as the other adapter's, with the tasks that it has in the place of threads.
const ASYNC: House = House {
    folder: "adapter-async",
    floors: &[
        &["system", "tasks", "traced"],
        &["network"],
        &["failure"],
        &["stream"],
        &["loopback", "transport"],
        &["run"],
        &["log_in", "tokens"],
        &["api_client", "end", "user_info"],
        &["logged_in", "said"],
        &["sessions"],
        &["log_out"],
        // Documentation, which speaks of everything.
        &["guide"],
    ],
};

const STORES: House = House {
    folder: "stores",
    floors: &[&["blocking", "name", "record"], &["locked", "redis", "sealed", "suite"], &["file", "keyring"]],
};

const MIDDLEWARE: House = House { folder: "middleware", floors: &[&["reqwest", "tower", "ureq"]] };

const AXUM: House = House {
    folder: "axum",
    floors: &[
        &["asked", "common", "failure", "no_store", "starts", "texts"],
        &["base", "cookies", "page", "return_to", "seal", "tower"],
        &["names", "record", "sent", "waiting"],
        &["known"],
        &["web_login"],
        &["announced", "builder", "log_out", "login", "posted", "user"],
        &["callback", "layer"],
        &["answer"],
        &["router"],
    ],
};

const SANDBOX: House = House {
    folder: "sandbox",
    floors: &[
        &["ground"],
        &["wrong"],
        &["world"],
        &["proof"],
        &["grant"],
        &["endpoint"],
        &["person", "persona"],
        &["front"],
        &["stage"],
    ],
};

const PLAYGROUND: House =
    House { folder: "playground", floors: &[&["shell", "play"], &["inspect", "tour", "page"], &["command"]] };

#[test]
fn a_room_of_core_uses_only_rooms_below() {
    CORE.stands();
}

#[test]
fn a_room_of_the_blocking_adapter_uses_only_rooms_below() {
    BLOCKING.stands();
}

#[test]
fn a_room_of_the_async_adapter_uses_only_rooms_below() {
    ASYNC.stands();
}

#[test]
fn a_room_of_the_stores_uses_only_rooms_below() {
    STORES.stands();
}

#[test]
fn a_room_of_the_middleware_uses_only_rooms_below() {
    MIDDLEWARE.stands();
}

#[test]
fn a_room_of_the_web_applications_uses_only_rooms_below() {
    AXUM.stands();
}

#[test]
fn a_room_of_the_sandbox_uses_only_rooms_below() {
    SANDBOX.stands();
}

#[test]
fn a_room_of_the_playground_uses_only_rooms_below() {
    PLAYGROUND.stands();
}
