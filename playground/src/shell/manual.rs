//! What the help and the manual say of profiles and exit codes: [`text`].

use super::exit::Exit;

const PROFILES: &str = r#"Profiles:
  A profile is a table of the configuration file. That file is
  valetkey/config.toml in the folder for configuration (~/.config, or %APPDATA%
  on Windows), or the file that --config or VALETKEY_CONFIG names. A profile is
  chosen on the command line, by VALETKEY_PROFILE, or by `default` at the top
  of the file; which login of it, by --account, by VALETKEY_ACCOUNT, or by the
  profile's key `account`.
  The file says where secrets go. So it is refused if others may write to it or
  to its folder, or if it belongs to another user than you or root. If others
  may read it, a warning says so. On Windows neither is checked.

    default = "work"

    [profile.work]
    server = "https://login.example"    # the rest comes from its metadata
    client_id = "s6BhdRkqt3"
    scope = "profile calendar"
    api = "https://calendar.example"    # where tokens may be sent; or a list

    [profile.bot]
    space = "https://mycompany.jetbrains.space"
    client_id = "0b4d"
    secret = "keyring"
    method = "client-credentials"
    scope = "global:Profile.View"

  The server, one of:
    server                  an issuer; or a name, such as "github", of one of
                            the servers that `valetkey list --servers` lists
    issuer                  the issuer of yours, where `server` names a family,
                            such as "auth0"
    space, hub              the URL of a JetBrains Space or Hub service, which
                            is an API too
    authorization_endpoint, token_endpoint, device_authorization_endpoint,
    introspection_endpoint, revocation_endpoint,
    pushed_authorization_request_endpoint, jwks_uri, userinfo_endpoint
                            the URLs of a server that publishes no metadata.
                            `server` beside them is its issuer: answers are
                            compared with it, and it is not asked
    quirks                  a name or a list of names: departures from the RFCs
                            that the server is allowed, such as "loopback-http".
                            An error that one of them admits says which
    clock_skew              how many seconds its clock may be from this one: 60
                            by default, 300 at most
    tenants                 whose people may log in, at a server of many: a list
                            of the tenants' identifiers, or "any"
    discovery               "openid-first": OpenID's metadata are looked for
                            before RFC 8414's; "joined": both are read as one
  A server that speaks in its own way:
    tokens_at               where in an answer the tokens are, if not at its
                            top: a JSON pointer, such as "/body"
    refusals                a list of what refusals mean in OAuth's words, each
                            a table: { member = "status", value = 601,
                            means = "invalid_grant" }
    names                   a table of its own names for `client_id` and for the
                            `code` of the browser's response, such as
                            { client_id = "client_key", code = "auth_code" }
    token_parameters        a table of further parameters of every token request
    refresh_parameters      the same, when a refresh token is used
  The client:
    client_id               under which it is registered at the server
    secret                  where its secret is; a client without is public
    client_authentication   "basic" (the default, but for servers that are known
                            to take "post" alone), "post", "client-secret-jwt",
                            or "private-key-jwt": then `secret` says where a
                            private key is, as a JWK or in PEM. For a client
                            that has no secret: "basic-without-secret"
    algorithm, key_id       by what a key signs (ES256, or HS256 if it is the
                            secret), and the identifier of a private key (the
                            one that is in its JWK)
    dpop                    true: tokens are bound to a key (RFC 9449), which is
                            kept beside them; only `valetkey call` can use them
    security_profile        "fapi-2" or "fapi-2-message-signing": the client is
                            held to this profile of FAPI as a whole. It wants
                            "private-key-jwt" and `dpop`
    key_by_thumbprint       true: a pushed request names that key by its
                            thumbprint, and brings no proof of it
    id_token_algorithm, user_info_algorithm
                            by what its ID tokens and UserInfo are signed, as it
                            is registered at the server, such as "ES256". By
                            default ID tokens by any that the server lists, and
                            UserInfo not at all
    trusted_audience        whom its ID tokens may be for beside itself: one, or
                            a list of them
  The method:
    method                  "authorization-code" (the default), "device",
                            "client-credentials", "refresh-token",
                            "jwt-bearer", "token-exchange", "permanent-token",
                            or "password" (deprecated)
    scope                   what is asked for, with spaces between. With
                            `openid`, the server proves who logged in
    resource                the URL of the API that the token is to be for (RFC
                            8707), or a list
    pushed                  true: the authorization request is pushed (RFC
                            9126), even if the server does not require it
    offline                 true: Space or Hub is asked for a refresh token
    parameters              a table of further parameters of the request that
                            begins the method: for "authorization-code" of the
                            authorization request, { access_type = "offline" }
    login_hint              who is probably going to log in, by a name that the
                            server knows
    prompt                  what the person is to be asked for: "login",
                            "consent", "select_account", "create", a list of
                            these, or "none" for nothing at all
    max_age                 how many seconds ago the person may have logged in;
                            with `openid` in `scope` an older login is refused
    acr_values              the ways to log in that are welcome, the best first
    claims                  a table of what is to be told of the person, and how
                            they must log in:
                            { id_token = { acr = { essential = true,
                            values = ["phr"] } } }
                            These five are for "authorization-code" alone
    redirect_ports, redirect_path
                            where the browser comes back on 127.0.0.1; by
                            default any free port at /callback
    redirect_host           "127.0.0.1" (the default), "::1", or "localhost",
                            for servers that register no address (Entra)
    forwarded_port          the port of the redirect URI, if it is not the one
                            that is listened at (`ssh -L`)
    account                 which of several logins of the profile: --account
                            NAME and VALETKEY_ACCOUNT come before it
    token                   where the refresh token, the assertion, the token to
                            exchange or the permanent token is
    subject                 "user" or "application": whose a permanent token is
    username, password      the user's name, and where the password is
  What becomes of the tokens:
    api                     the API that they may be sent to: its URL, or a list
                            of several
    store                   "keyring" (the default), "file", or "file:PATH".
                            Large tokens fit into each: Windows' keyring takes
                            2,560 bytes an entry, and gets them in parts
  The network:
    ca                      a PEM file of authorities that TLS trusts beside
                            the system's; --ca FILE is the same
    Proxies are those of HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY (http,
    https, socks5, socks5h). What is on this computer is asked through none.

  Where a secret is (`secret`, `token`, `password`): "keyring", which asks once
  and keeps it; "env:NAME"; "fd:N", a file descriptor; or "prompt". The secret
  itself is written neither here nor on a command line.
  `--set KEY=VALUE` sets any key for one run. A list is written as in TOML:
    valetkey token --set server=https://login.example --set client_id=s6
    valetkey token --set 'quirks=["loopback-http", "empty-scope"]'

"#;

/// The end of the program's help and of its manual.
pub(crate) fn text() -> String {
    format!("{PROFILES}{}", Exit::table())
}
