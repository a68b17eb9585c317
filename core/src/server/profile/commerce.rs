//! What people sell and pay with.

use super::{BLANK, Profile};
use crate::ground::endpoint::Endpoint::{Authorization, Token};

pub(super) const PROFILES: &[Profile] = &[Profile::HUBSPOT];

impl Profile {
    /// HubSpot.
    pub const HUBSPOT: Self = Self {
        name: "hubspot",
        title: "HubSpot",
        endpoints: &[
            (Authorization, "https://app.hubspot.com/oauth/authorize"),
            (Token, "https://api.hubapi.com/oauth/v3/token"),
        ],
        methods: &["client_secret_post"],
        remark: "",
        source: "https://developers.hubspot.com/docs/api-reference/auth-oauth-v3/guide",
        ..BLANK
    };
}
