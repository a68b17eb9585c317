//! What people listen to and watch.

use crate::ground::endpoint::Endpoint::{
    Authorization, DeviceAuthorization, Jwks, Revocation, Token, Userinfo,
};
use crate::ground::quirk::Quirk;
use crate::server::profile::kind::{BLANK, Profile};

pub(super) const PROFILES: &[Profile] = &[
    Profile::MUSICBRAINZ,
    Profile::PATREON,
    Profile::SPOTIFY,
    Profile::TUMBLR,
    Profile::TWITCH,
    Profile::VIMEO,
];

impl Profile {
    /// MusicBrainz.
    pub const MUSICBRAINZ: Self = Self {
        name: "musicbrainz",
        title: "MusicBrainz",
        endpoints: &[
            (Authorization, "https://musicbrainz.org/oauth2/authorize"),
            (Revocation, "https://musicbrainz.org/oauth2/revoke"),
            (Token, "https://musicbrainz.org/oauth2/token"),
        ],
        parameters: &[("access_type", "offline")],
        methods: &["client_secret_post"],
        has_pkce: true,
        remark: "a public application has a secret, too, and sends it; any port of `http://localhost` will do; the refresh token is not replaced; its API wants a `User-Agent` that names the program",
        source: "https://musicbrainz.org/doc/Development/OAuth2",
        ..BLANK
    };

    /// Patreon.
    pub const PATREON: Self = Self {
        name: "patreon",
        title: "Patreon",
        endpoints: &[
            (Authorization, "https://www.patreon.com/oauth2/authorize"),
            (Token, "https://www.patreon.com/api/oauth2/token"),
        ],
        methods: &["client_secret_post"],
        remark: "its API wants a `User-Agent`",
        source: "https://docs.patreon.com/#oauth",
        ..BLANK
    };

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
        remark: "the redirect URI is https, or has 127.0.0.1 or `[::1]`, not `localhost`: at any port, where it is registered without one; a refresh token ends six months after the person's yes",
        source: "https://developer.spotify.com/documentation/web-api/tutorials/code-flow",
        ..BLANK
    };

    /// Tumblr.
    pub const TUMBLR: Self = Self {
        name: "tumblr",
        title: "Tumblr",
        endpoints: &[
            (Authorization, "https://www.tumblr.com/oauth2/authorize"),
            (Token, "https://api.tumblr.com/v2/oauth2/token"),
        ],
        methods: &["client_secret_post"],
        remark: "a refresh token comes for the scope `offline_access`, and is good once; `#_=_` is appended to the redirect",
        source: "https://www.tumblr.com/docs/en/api/v2#oauth2-authorization",
        ..BLANK
    };

    /// Twitch. With the scope `openid` it tells who logged in.
    pub const TWITCH: Self = Self {
        name: "twitch",
        title: "Twitch",
        iss: "https://id.twitch.tv/oauth2",
        endpoints: &[
            (Authorization, "https://id.twitch.tv/oauth2/authorize"),
            (DeviceAuthorization, "https://id.twitch.tv/oauth2/device"),
            (Jwks, "https://id.twitch.tv/oauth2/keys"),
            (Revocation, "https://id.twitch.tv/oauth2/revoke"),
            (Token, "https://id.twitch.tv/oauth2/token"),
            (Userinfo, "https://id.twitch.tv/oauth2/userinfo"),
        ],
        is_openid: true,
        quirks: &[(Quirk::ScopeAsArray, "https://dev.twitch.tv/docs/authentication/refresh-tokens/")],
        methods: &["client_secret_post", "none"],
        scope_in: &[(DeviceAuthorization, "scopes")],
        means: &[
            ("message", "Invalid refresh token", "invalid_grant"),
            ("message", "Invalid authorization code", "invalid_grant"),
            ("message", "authorization_pending", "authorization_pending"),
            ("message", "invalid device code", "expired_token"),
        ],
        remark: "the redirect URI is https or `http://localhost`, with its very port; a public client's refresh token is good once; its API wants the client identifier in the header `Client-Id`",
        source: "https://dev.twitch.tv/docs/authentication/",
        ..BLANK
    };

    /// Vimeo.
    pub const VIMEO: Self = Self {
        name: "vimeo",
        title: "Vimeo",
        endpoints: &[
            (Authorization, "https://api.vimeo.com/oauth/authorize"),
            (Token, "https://api.vimeo.com/oauth/access_token"),
        ],
        methods: &["client_secret_basic"],
        remark: "its tokens do not expire; its device login is not that of RFC 8628, and not met",
        source: "https://developer.vimeo.com/api/authentication",
        ..BLANK
    };
}
