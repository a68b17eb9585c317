//! Where people talk.

use super::{BLANK, Profile};
use crate::ground::endpoint::Endpoint::{Authorization, Revocation, Token};

pub(super) const PROFILES: &[Profile] = &[
    Profile::DISCORD,
    Profile::REDDIT,
];

impl Profile {
    /// Discord.
    pub const DISCORD: Self = Self {
        name: "discord",
        title: "Discord",
        endpoints: &[
            (Authorization, "https://discord.com/oauth2/authorize"),
            (Revocation, "https://discord.com/api/oauth2/token/revoke"),
            (Token, "https://discord.com/api/oauth2/token"),
        ],
        source: "https://discord.com/developers/docs/topics/oauth2",
        ..BLANK
    };

    /// Reddit.
    pub const REDDIT: Self = Self {
        name: "reddit",
        title: "Reddit",
        endpoints: &[
            (Authorization, "https://www.reddit.com/api/v1/authorize"),
            (Revocation, "https://www.reddit.com/api/v1/revoke_token"),
            (Token, "https://www.reddit.com/api/v1/access_token"),
        ],
        parameters: &[("duration", "permanent")],
        methods: &["client_secret_basic"],
        remark: "an application without a secret authenticates by an empty one; requests need a `User-Agent` of their own",
        source: "https://github.com/reddit-archive/reddit/wiki/OAuth2",
        ..BLANK
    };
}
