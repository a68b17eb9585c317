//! What people write and run together.

use crate::ground::endpoint::Endpoint::{Authorization, DeviceAuthorization, Revocation, Token};
use crate::ground::quirk::Quirk;
use crate::server::profile::kind::{BLANK, Profile};

pub(super) const PROFILES: &[Profile] = &[
    Profile::DISCORD,
    Profile::MASTODON,
    Profile::MEETUP,
    Profile::REDDIT,
    Profile::WIKIMEDIA,
    Profile::WORDPRESS,
];

impl Profile {
    /// Discord.
    pub const DISCORD: Self = Self {
        name: "discord",
        title: "Discord",
        iss: "https://discord.com",
        endpoints: &[
            (Authorization, "https://discord.com/oauth2/authorize"),
            (DeviceAuthorization, "https://discord.com/api/oauth2/device/authorize"),
            (Revocation, "https://discord.com/api/oauth2/token/revoke"),
            (Token, "https://discord.com/api/oauth2/token"),
        ],
        methods: &["client_secret_basic", "client_secret_post", "none"],
        means: &[("error_description", "Invalid \"refresh_token\" in request.", "invalid_grant")],
        has_pkce: true,
        remark: "a refresh token is good once; a client without a secret is set to be public where it is registered; a bot is added by the scope `bot`, and has a token of its own",
        source: "https://discord.com/developers/docs/topics/oauth2",
        ..BLANK
    };

    /// Mastodon.
    pub const MASTODON: Self = Self {
        name: "mastodon",
        title: "Mastodon",
        issuer: "`https://HOST/`",
        has_pkce: true,
        remark: "the slash at the end belongs to the issuer; metadata are published from version 4.3 on; an application registers itself over the API",
        source: "https://docs.joinmastodon.org/methods/oauth/",
        ..BLANK
    };

    /// Meetup.
    pub const MEETUP: Self = Self {
        name: "meetup",
        title: "Meetup",
        endpoints: &[
            (Authorization, "https://secure.meetup.com/oauth2/authorize"),
            (Token, "https://secure.meetup.com/oauth2/access"),
        ],
        methods: &["client_secret_post"],
        remark: "the redirect URI has the host and the port that are registered, and its path may be below the registered one",
        source: "https://www.meetup.com/graphql/authentication/",
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
        means: &[("error", "400", "invalid_grant")],
        remark: "an application without a secret authenticates by an empty one; a refresh token is not replaced; requests need a `User-Agent` of their own",
        source: "https://github.com/reddit-archive/reddit/wiki/OAuth2",
        ..BLANK
    };

    /// Wikimedia.
    pub const WIKIMEDIA: Self = Self {
        name: "wikimedia",
        title: "Wikimedia",
        endpoints: &[
            (Authorization, "https://meta.wikimedia.org/w/rest.php/oauth2/authorize"),
            (Token, "https://meta.wikimedia.org/w/rest.php/oauth2/access_token"),
        ],
        methods: &["client_secret_post", "none"],
        means: &[("error_description", "The refresh token is invalid.", "invalid_grant")],
        has_pkce: true,
        remark: "its API wants a `User-Agent` that names the program; a client without a secret is registered as not confidential; the scope is set where the client is registered",
        source: "https://www.mediawiki.org/wiki/OAuth/For_Developers",
        ..BLANK
    };

    /// WordPress.com.
    pub const WORDPRESS: Self = Self {
        name: "wordpress",
        title: "WordPress.com",
        endpoints: &[
            (Authorization, "https://public-api.wordpress.com/oauth2/authorize"),
            (Token, "https://public-api.wordpress.com/oauth2/token"),
        ],
        quirks: &[(Quirk::EmptyScope, "https://developer.wordpress.com/docs/oauth2/")],
        methods: &["client_secret_post"],
        remark: "its tokens do not expire; the redirect URI is the very one that is registered; the parameter `blog` asks for one site",
        source: "https://developer.wordpress.com/docs/api/oauth2/",
        ..BLANK
    };
}
