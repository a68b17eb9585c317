//! A server that speaks in its own way, described by keys of the profile.

use valetkey_blocking::http::Method;
use valetkey_blocking::{Request, http_client, send};
use valetkey_sandbox::{Application, Endpoint, FlowKind, LogEntry, RawAnswer, RawFront, Rights};

use crate::world::{SECRET, World, chatbot};

/// What the sandbox was asked at this endpoint, the last time.
fn last(world: &World, endpoint: Endpoint) -> LogEntry {
    let sandbox = world.front.sandbox();
    sandbox.log().iter().rev().find(|entry| entry.endpoint() == endpoint).unwrap().clone()
}

fn body(entry: &LogEntry) -> String {
    String::from_utf8(entry.request().body().clone()).unwrap()
}

/// A server that gives every request this answer, as a profile's token endpoint.
fn answering(status: &str, body: &str) -> (RawFront, String) {
    let head = "Content-Type: application/json\r\nCache-Control: no-store\r\nConnection: close\r\n";
    let front = RawFront::start([RawAnswer::new(format!("HTTP/1.1 {status}\r\n{head}\r\n{body}"))]).unwrap();
    let keys = format!(
        "token_endpoint = \"{}/token\"\nclient_id = \"odd\"\nmethod = \"refresh-token\"\ntoken = \"env:A_SECRET\"\n",
        front.url()
    );
    (front, keys)
}

#[test]
fn tokens_are_found_where_the_profile_says() {
    let world = World::space();
    let (_front, keys) =
        answering("200 OK", r#"{"status":0,"body":{"access_token":"a075","token_type":"Bearer"}}"#);
    world.profiles(&[("odd", &keys)]);
    world.run_with(&["token"], &[(SECRET, "r1")], "").failed(5, &[]);
    // What was answered to one profile is not asked again; this is another.
    world.profiles(&[("told", &format!("{keys}tokens_at = \"/body\"\n"))]);
    assert_eq!(world.run_with(&["token"], &[(SECRET, "r1")], "").line(), "a075");
}

/// A dead refresh token in the server's own words, one of which is a number.
#[test]
fn refusals_mean_what_the_profile_says() {
    let world = World::space();
    let (_front, keys) = answering("400 Bad Request", r#"{"status":601,"message":"no such token"}"#);
    world.profiles(&[("odd", &keys)]);
    world.run_with(&["token"], &[(SECRET, "r1")], "").failed(4, &[]);
    for (name, value) in [("number", "601"), ("digits", "\"601\"")] {
        let meaning = format!("{{ member = \"status\", value = {value}, means = \"invalid_grant\" }}");
        world.profiles(&[(name, &format!("{keys}refusals = [{meaning}]\n"))]);
        world.run_with(&["token"], &[(SECRET, "r1")], "").failed(3, &["get another refresh token"]);
    }
}

#[test]
fn token_requests_have_the_parameters_that_the_server_wants() {
    let world = World::standard();
    let keys = "token_parameters = { action = \"requesttoken\" }\nrefresh_parameters = { channel = \"web\" }";
    world.profiles(&[("bot", &chatbot(&format!("server = \"URL\"\n{keys}")))]);
    let secret = world.secret_of("chatbot");
    let first = world.run_with(&["token"], &[(SECRET, &secret)], "").line().to_owned();
    let sent = body(&last(&world, Endpoint::Token));
    assert!(sent.contains("action=requesttoken") && !sent.contains("channel="), "{sent}");
    // What is asked for with other parameters is another token.
    let other = ["token", "--set", "token_parameters={ action = \"another\" }"];
    assert_ne!(world.run_with(&other, &[(SECRET, &secret)], "").line(), first);
    assert_eq!(world.run(&["token"]).line(), first);
    // When a refresh token is used, both.
    let refresh = {
        let rights = Rights::parse("global:Profile.Absences.View").unwrap();
        world.front.sandbox().push_refresh_token("web", "alice", &rights).unwrap().refresh_token
    };
    world.plant(&refresh);
    let web = format!(
        "server = \"URL\"\nclient_id = \"web\"\nsecret = \"env:CLIENT\"\nmethod = \"refresh-token\"\n\
         token = \"env:A_SECRET\"\n{keys}"
    );
    world.profiles(&[("web", &web)]);
    world.run_with(&["token"], &[("CLIENT", &world.secret_of("web")), (SECRET, &refresh)], "").line();
    let sent = body(&last(&world, Endpoint::Token));
    assert!(sent.contains("action=requesttoken") && sent.contains("channel=web"), "{sent}");
}

#[test]
fn the_server_has_names_of_its_own() {
    let world = World::standard();
    let keys = "server = \"URL\"\nclient_id = \"native\"\nscope = \"global:Profile.Absences.View\"\n";
    // Without the key, the error names it.
    for (names, code, says) in
        [("", 5, "names = { code ="), ("names = { code = \"auth_code\" }", 0, "Logged in")]
    {
        world.profiles(&[("me", &format!("{keys}{names}"))]);
        let (login, url) = world.start(&["login", "--no-open"]);
        let arrived = world.arrive(&url, true);
        assert!(arrived.contains("code="), "{arrived}");
        let mut request = Request::new(Vec::new());
        *request.method_mut() = Method::GET;
        *request.uri_mut() = arrived.replacen("code=", "auth_code=", 1).parse().unwrap();
        send(&http_client(), request).unwrap();
        login.end(&world).failed(code, &[says]);
    }
    // At the token endpoint it is `code` still.
    let sent = body(&last(&world, Endpoint::Token));
    assert!(sent.contains("&code=") && !sent.contains("auth_code"), "{sent}");

    world.profiles(&[("me", &format!("{keys}names = {{ client_id = \"client_key\" }}"))]);
    let (_login, url) = world.start(&["login", "--no-open", "--within", "0"]);
    assert!(url.contains("client_key=native") && !url.contains("client_id="), "{url}");
}

/// Which documents are looked for is remembered with what they say.
#[test]
fn metadata_are_looked_for_where_the_profile_says() {
    let world = World::standard();
    let secret = world.secret_of("chatbot");
    let asked = |keys: &str| {
        world.profiles(&[("bot", &chatbot(&format!("server = \"URL\"\n{keys}")))]);
        let before = world.requests();
        world.run_with(&["token", "--fresh"], &[(SECRET, &secret)], "").line();
        let sandbox = world.front.sandbox();
        let paths = sandbox.log().iter().skip(before).map(|entry| entry.request().uri().path().to_owned());
        paths.filter(|path| path.contains("well-known")).collect::<Vec<_>>()
    };
    let oauth = "/.well-known/oauth-authorization-server";
    let openid = "/.well-known/openid-configuration";
    assert_eq!(asked(""), [oauth]);
    assert_eq!(asked("discovery = \"openid-first\"").first().map(String::as_str), Some(openid));
    assert_eq!(asked("discovery = \"joined\""), [oauth, openid]);
    for keys in ["", "discovery = \"openid-first\"", "discovery = \"joined\""] {
        assert!(asked(keys).is_empty(), "{keys} is remembered");
    }
}

#[test]
fn a_client_without_a_secret_names_itself_in_the_header() {
    let world = World::standard();
    let keys =
        "server = \"URL\"\nclient_id = \"native\"\nmethod = \"refresh-token\"\ntoken = \"env:A_SECRET\"\n";
    let keys = format!("{keys}client_authentication = \"basic-without-secret\"\n");
    world.profiles(&[("me", &keys)]);
    world.run_with(&["token"], &[(SECRET, "r1")], "");
    let entry = last(&world, Endpoint::Token);
    assert_eq!(entry.request().headers()["authorization"], "Basic bmF0aXZlOg==");
    assert!(!body(&entry).contains("client_id"));
    world.profiles(&[("me", &format!("{keys}secret = \"env:A_SECRET\""))]);
    world.run(&["token"]).failed(2, &["`client_authentication = \"basic-without-secret\"`", "`secret`"]);
}

/// GitHub documents the secret in the body; the endpoint is here, the rest is as the name says.
#[test]
fn a_secret_is_sent_as_the_named_server_documents() {
    let world = World::space();
    let bot = chatbot("server = \"github\"\ntoken_endpoint = \"URL/oauth/token\"");
    world.profiles(&[("bot", &bot)]);
    let secret = world.secret_of("chatbot");
    world.run_with(&["token"], &[(SECRET, &secret)], "");
    let entry = last(&world, Endpoint::Token);
    assert!(body(&entry).contains("client_secret="));
    assert!(!entry.request().headers().contains_key("authorization"));
}

/// RFC 9449 §10.1: a pushed request has the thumbprint, and no proof.
#[test]
fn a_pushed_request_names_the_key_by_its_thumbprint() {
    let world = World::standard();
    world.front.sandbox().add_application(
        Application::public("bound")
            .flow(FlowKind::AuthorizationCode)
            .loopback("/callback")
            .may_request(Rights::All)
            .require_dpop(),
    );
    let keys = "server = \"URL\"\nclient_id = \"bound\"\nscope = \"global:Profile.Absences.View\"\ndpop = true\npushed = true\n";
    for alone in [false, true] {
        world.profiles(&[("me", &format!("{keys}key_by_thumbprint = {alone}"))]);
        let (login, url) = world.start(&["login", "--no-open"]);
        if url.is_empty() {
            panic!("{:?}", login.end(&world))
        }
        let entry = last(&world, Endpoint::PushedAuthorization);
        assert_eq!(entry.request().headers().contains_key("dpop"), !alone);
        assert!(body(&entry).contains("dpop_jkt="));
        world.visit(&url, true);
        login.end(&world).failed(0, &["Logged in"]);
    }
}

#[test]
fn a_wrong_value_is_told_with_its_key() {
    let world = World::space();
    for (key, says) in [
        ("tokens_at = \"body\"", "`tokens_at`: the place of the tokens is not a JSON pointer"),
        ("tokens_at = 1", "`tokens_at` is a text"),
        ("refusals = \"x\"", "`refusals` is a list of tables: write it as [{ member ="),
        ("refusals = [{ member = \"a\", value = 1 }]", "`refusals`: `means` is missing"),
        ("refusals = [{ member = \"a\", value = 1, mean = \"b\" }]", "`refusals`: the key `mean` is unknown"),
        ("refusals = [{ member = \"a\", value = [1], means = \"b\" }]", "`refusals`: `value` is a text"),
        (
            "refusals = [{ member = \"a\", value = 1, means = \"b\" }]",
            "`refusals`: a refusal can mean a registered error code only",
        ),
        ("names = { client_id = \"state\" }", "`names`: the name \"state\""),
        ("names = { code = \"a b\" }", "`names`: the name of the parameter"),
        ("names = { clientid = \"a\" }", "`names`: the key `clientid` is unknown: did you mean `client_id`?"),
        ("names = { code = 1 }", "`names` is a table: write it as { client_id ="),
        ("token_parameters = { code = \"a\" }", "`token_parameters`: the parameter \"code\""),
        ("token_parameters = { a = 1 }", "`token_parameters` is a table of texts"),
        ("refresh_parameters = { resource = \"a\" }", "`refresh_parameters`: the parameter \"resource\""),
        ("discovery = \"both\"", "`discovery`: the word `both` is unknown"),
        ("discovery = \"joined\"", "`discovery` is for a server that is asked about itself"),
        ("client_authentication = \"body\"", "`client_authentication`: the word `body` is unknown"),
        ("security_profile = \"fapi-3\"", "`security_profile`: the word `fapi-3` is unknown"),
        ("security_profile = \"fapi-2\"", "write `client_authentication = \"private-key-jwt\"`"),
        ("security_profile = \"fapi-1-advanced\"", "bound to a certificate, and this program shows none"),
        ("key_by_thumbprint = true", "`key_by_thumbprint` is about the key of `dpop = true`"),
    ] {
        let keys = format!("token_endpoint = \"URL/token\"\nclient_id = \"a\"\n{key}");
        world.profiles(&[("odd", &keys)]);
        let ran = world.run(&["token"]);
        ran.failed(2, &["profile odd of ", says]);
        assert!(!ran.err.contains("::") && !ran.err.contains("misuse"), "{ran:?}");
    }
    world.profiles(&[("odd", "token_endpoint = \"URL/token\"\nclient_id = \"a\"")]);
    world.run(&["token", "--set", "tokens_at=body"]).failed(2, &["valetkey: --set: `tokens_at`"]);
}
