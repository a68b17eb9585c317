//! Logins by OpenID Connect: who logged in is told, what a profile asks of a login is held to, and what is refused names the key
//! of the profile.

use valetkey_sandbox::{Endpoint, Misbehaviour};

use crate::world::{Ran, World};

/// A login of the demo's native application, with who it is.
pub(crate) const NATIVE: &str =
    "server = \"URL\"\nclient_id = \"native\"\nscope = \"openid profile global:Profile.Absences.View\"\n";

/// Alice logs in by her browser.
pub(crate) fn logged_in(world: &World, arguments: &[&str]) -> Ran {
    let arguments: Vec<&str> = ["login", "--no-open"].iter().chain(arguments).copied().collect();
    let (login, url) = world.start(&arguments);
    world.visit(&url, true);
    login.end(world)
}

fn in_own_terms(ran: &Ran, code: i32, says: &[&str]) {
    ran.failed(code, says);
    for foreign in ["::", "misuse"] {
        assert!(!ran.err.contains(foreign), "{foreign:?}: {ran:?}");
    }
}

#[test]
fn a_login_says_who_it_is() {
    let world = World::standard();
    world.profiles(&[("me", NATIVE)]);
    let alice = world.front.sandbox().user_id("alice");
    let as_whom = format!("Logged in as Alice Archer (subject {alice} at {}), for ", world.url());
    logged_in(&world, &[]).failed(0, &[&as_whom]);
    // Without a name, what is left is the subject.
    let unnamed = ["--set", "scope=openid"];
    let as_whom = format!("Logged in as subject {alice} at {}, for openid", world.url());
    logged_in(&world, &unnamed).failed(0, &[&as_whom]);
    // A login that was not asked who it is says whose tokens they are.
    let unasked = ["--set", "scope=global:Profile.Absences.View"];
    logged_in(&world, &unasked).failed(0, &["Logged in on behalf of the user"]);
}

#[test]
fn a_device_says_who_it_is() {
    let world = World::standard();
    world.front.sandbox().settings_mut().device_interval = std::time::Duration::from_secs(1);
    world.profiles(&[("tv", NATIVE)]);
    let (login, line) = world.start(&["login", "--device", "--no-open"]);
    assert!(world.front.sandbox().approve_device(line.split_once(' ').unwrap().1, "alice"));
    login.end(&world).failed(0, &["Logged in as Alice Archer (subject "]);
}

/// AQ-11, AQ-17, AQ-21, AQ-22: each key is in the request.
#[test]
fn what_a_profile_asks_of_a_login_is_asked() {
    let world = World::standard();
    let asks = "max_age = 300\nprompt = [\"login\", \"consent\"]\nlogin_hint = \"alice\"\nacr_values = [\"pwd\", \"mfa\"]\n\
                claims = { id_token = { email = { essential = true } } }\n";
    world.profiles(&[("me", &format!("{NATIVE}{asks}"))]);
    let (login, url) = world.start(&["login", "--no-open"]);
    for parameter in [
        "max_age=300",
        "prompt=login+consent",
        "login_hint=alice",
        "acr_values=pwd+mfa",
        "claims=%7B%22id_token",
    ] {
        assert!(url.contains(parameter), "{parameter}: {url}");
    }
    world.visit(&url, true);
    login.end(&world).failed(0, &["Logged in as Alice Archer"]);
}

/// ID-17: a login that is older than was asked for is none.
#[test]
fn an_old_login_is_refused() {
    let world = World::standard();
    world.profiles(&[("me", NATIVE)]);
    world.front.sandbox().misbehave(Misbehaviour::IdTokenAuthTimeOld);
    logged_in(&world, &[]).failed(0, &["Logged in as"]);
    in_own_terms(&logged_in(&world, &["--set", "max_age=300"]), 5, &["ID-17", "run `valetkey login` again"]);
}

/// A device's request has no place for it, and so the login would not be as new as it seems.
#[test]
fn what_only_a_browser_can_be_asked_is_refused_elsewhere() {
    let world = World::standard();
    for (key, value) in [
        ("max_age", "300"),
        ("prompt", "\"login\""),
        ("login_hint", "\"alice\""),
        ("acr_values", "\"mfa\""),
        ("claims", "{ id_token = { acr = { essential = true } } }"),
    ] {
        world.profiles(&[("me", &format!("{NATIVE}{key} = {value}"))]);
        let says = format!("`{key}` is asked of a login by the browser");
        in_own_terms(&world.run(&["login", "--device", "--no-open"]), 2, &[&says, "device"]);
        in_own_terms(&world.run(&["token", "--set", "method=client-credentials"]), 2, &[&says]);
    }
    let sandbox = world.front.sandbox();
    assert!(sandbox.log().iter().all(|entry| entry.endpoint() != Endpoint::DeviceAuthorization));
}

#[test]
fn what_cannot_be_asked_is_told_with_its_key() {
    let world = World::standard();
    world.profiles(&[("me", NATIVE)]);
    for (set, says) in [
        ("prompt=loggin", "`prompt`: one of the words is unknown (known: none, login, consent"),
        ("prompt=[\"none\", \"login\"]", "AQ-17"),
        ("max_age=soon", "`max_age` is a whole number of seconds: write it as 300"),
        ("clock_skew=301", "`clock_skew`: a skew of clocks of more than five minutes"),
        ("claims=all", "`claims` is a table: write it as { id_token = "),
        ("claims={ here = {} }", "AQ-22"),
        ("id_token_algorithm=none", "`id_token_algorithm`: the algorithm is unknown here (known: ES256"),
        ("user_info_algorithm=RSA", "`user_info_algorithm`: the algorithm is unknown here"),
        ("id_token_algorithm=HS384", "ID-30"),
    ] {
        in_own_terms(&world.run(&["login", "--no-open", "--set", set]), 2, &[says]);
    }
}

/// ID-28, ID-10: what the library would have a program say is said by a key of the profile, and the key helps.
#[test]
fn what_refuses_an_id_token_names_the_key_that_admits_it() {
    let world = World::standard();
    world.profiles(&[("me", NATIVE)]);
    let refused = logged_in(&world, &["--set", "id_token_algorithm=RS256"]);
    in_own_terms(&refused, 5, &["ID-28", "`id_token_algorithm = \"ES256\"` in the profile"]);
    logged_in(&world, &["--set", "id_token_algorithm=ES256"]).failed(0, &["Logged in as"]);
    world.front.sandbox().misbehave(Misbehaviour::IdTokenAudBeside);
    in_own_terms(&logged_in(&world, &[]), 5, &["ID-10", "`trusted_audience = \"…\"` in the profile"]);
    logged_in(&world, &["--set", "trusted_audience=another"]).failed(0, &["Logged in as"]);
}

/// ID-8, ID-9: a server that is described by its endpoints needs its issuer and its keys, and the error says so before a person is
/// sent anywhere.
#[test]
fn a_described_server_needs_its_issuer_and_its_keys() {
    let world = World::standard();
    let endpoints = "authorization_endpoint = \"URL/oauth/auth\"\ntoken_endpoint = \"URL/oauth/token\"\n";
    let described = |more: &str| {
        let keys = NATIVE.replace("server = \"URL\"\n", "");
        world.profiles(&[("me", &format!("{endpoints}{keys}{more}"))]);
    };
    described("");
    in_own_terms(
        &world.run(&["login", "--no-open"]),
        2,
        &["ID-9", "name the server's issuer beside its endpoints", "\"id-token-unread\""],
    );
    described("server = \"URL\"\n");
    in_own_terms(
        &world.run(&["login", "--no-open"]),
        2,
        &[
            "the keys that verify it are not known (ID-8",
            "`jwks_uri = \"https://…\"` in the profile",
            "\"id-token-by-tls\"",
        ],
    );
    assert_eq!(world.requests(), 0);
    let keys = "server = \"URL\"\njwks_uri = \"URL/oauth/jwks.json\"\nid_token_algorithm = \"ES256\"\n";
    described(keys);
    logged_in(&world, &[]).failed(0, &["Logged in as Alice Archer"]);
    // The exits by name: what was let through is told.
    described("server = \"URL\"\n");
    let by_tls = logged_in(&world, &["--set", "quirks=[\"loopback-http\", \"id-token-by-tls\"]"]);
    by_tls.failed(0, &["Logged in as Alice Archer", "this was let through: id-token-by-tls"]);
    let unread = logged_in(&world, &["--set", "quirks=[\"loopback-http\", \"id-token-unread\"]"]);
    unread.failed(0, &["Logged in on behalf of the user"]);
}

/// ID-22, ID-53: nothing is done in another's name, and the person is told what to do.
#[test]
fn a_renewal_that_brings_another_person_ends_the_session() {
    let world = World::standard();
    world.profiles(&[("me", NATIVE)]);
    logged_in(&world, &[]).failed(0, &["renewed from then on"]);
    world.front.sandbox().misbehave(Misbehaviour::RenewedSubOther);
    for (arguments, what) in [
        (&["token", "--fresh"][..], "about another person"),
        (&["token"], "is not of the login that it renewed"),
    ] {
        in_own_terms(
            &world.run(arguments),
            3,
            &[what, "ID-22", "the stored session has ended", "run `valetkey login me` at a terminal"],
        );
    }
    in_own_terms(&world.run(&["whoami"]), 3, &["the stored login has ended", "run `valetkey login me`"]);
}
