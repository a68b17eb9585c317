//! What people wear and weigh.

use super::{BLANK, Profile};
use crate::ground::endpoint::Endpoint::{Authorization, Token};

pub(super) const PROFILES: &[Profile] = &[
    Profile::STRAVA,
];

impl Profile {
    /// Strava.
    pub const STRAVA: Self = Self {
        name: "strava",
        title: "Strava",
        endpoints: &[
            (Authorization, "https://www.strava.com/oauth/authorize"),
            (Token, "https://www.strava.com/oauth/token"),
        ],
        methods: &["client_secret_post"],
        has_commas: true,
        remark: "an access token is replaced only within its last hour; the refresh token may change with it",
        source: "https://developers.strava.com/docs/authentication/",
        ..BLANK
    };
}
