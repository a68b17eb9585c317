//! What people listen to and watch.

use super::{BLANK, Profile};
use crate::ground::endpoint::Endpoint::{Authorization, Token};

pub(super) const PROFILES: &[Profile] = &[
    Profile::SPOTIFY,
];

impl Profile {
    /// Spotify.
    pub const SPOTIFY: Self = Self {
        name: "spotify",
        title: "Spotify",
        endpoints: &[
            (Authorization, "https://accounts.spotify.com/authorize"),
            (Token, "https://accounts.spotify.com/api/token"),
        ],
        methods: &["client_secret_basic", "none"],
        has_pkce: true,
        remark: "a loopback redirect is registered with 127.0.0.1, not `localhost`",
        source: "https://developer.spotify.com/documentation/web-api/tutorials/code-flow",
        ..BLANK
    };
}
