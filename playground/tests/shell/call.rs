//! `valetkey call`: one request, as curl would send it, with the profile's token.

use valetkey_sandbox::Misbehaviour;

use crate::world::{Ran, SECRET, World, chatbot};

const POST: &str = "/api/http/chats/messages/send-message";
const MESSAGE: &str = r#"{"channel":"id:general","content":{"text":"hello"}}"#;

fn world() -> World {
    let world = World::space();
    let scope = "scope = \"global:Profile.Absences.View channel:general:Channel.PostMessages\"";
    world.profiles(&[(
        "bot",
        &chatbot("space = \"URL\"").replace("scope = \"global:Profile.Absences.View\"", scope),
    )]);
    world
}

fn call(world: &World, arguments: &[&str], input: &str) -> Ran {
    let arguments = [&["call"], arguments].concat();
    world.run_with(&arguments, &[(SECRET, &world.secret_of("chatbot"))], input)
}

impl Ran {
    /// What it printed, however it ended its last line.
    pub(crate) fn line_free(&self) -> &str {
        assert_eq!(self.code, 0, "{self:?}");
        &self.out
    }
}

/// It is not followed, and without this nothing would be seen of it.
#[test]
fn a_redirect_is_told_of() {
    let world = world();
    world.front.sandbox().misbehave(Misbehaviour::ApiRedirect);
    let ran = call(&world, &["/api/http/absences"], "");
    ran.failed(
        0,
        &["the API answered with status 302 and points to https://attacker.example/api, where the token was not sent"],
    );
}

#[test]
fn the_body_of_the_answer_is_printed_as_it_came() {
    let world = world();
    let whole = format!("{}/api/http/absences", world.url());
    let ran = call(&world, &[&whole], "");
    assert_eq!(ran.json()["totalCount"], 2);
    assert_eq!(ran.err, "");
    let path = call(&world, &["/api/http/absences", "--profile", "bot"], "");
    assert_eq!(path.out, ran.out);
    let included = call(&world, &["-i", "/api/http/absences"], "");
    assert!(included.out.starts_with("HTTP/1.1 200 OK\n"), "{included:?}");
    assert!(included.out.contains("\ncontent-type: application/json\n"), "{included:?}");
    assert!(included.out.ends_with(&ran.out));
}

#[test]
fn a_body_is_a_text_a_file_or_standard_input() {
    let world = world();
    std::fs::write(world.path("message.json"), MESSAGE).unwrap();
    for (data, input) in [(MESSAGE, ""), ("@message.json", ""), ("-", MESSAGE)] {
        let ran = call(&world, &[POST, "-d", data], input);
        assert_eq!(ran.json()["author"]["name"], "Chatbot", "{ran:?}");
    }
    assert_eq!(world.front.sandbox().created().len(), 3);
}

/// A body that is cut off would be another body.
#[test]
fn a_body_that_is_too_large_is_not_sent() {
    let world = world();
    let large = std::fs::File::create(world.path("large")).unwrap();
    large.set_len((64 << 20) + 1).unwrap();
    let input = std::fs::File::open(world.path("large")).unwrap();
    let from_input = world.command(&["call", POST, "-d", "-"]).stdin(input).output().unwrap();
    assert_eq!(from_input.status.code(), Some(2), "{from_input:?}");
    let ran = call(&world, &[POST, "-d", "@large"], "");
    ran.failed(2, &["the body is larger than 64 MiB"]);
    assert_eq!(world.requests(), 0);
}

#[test]
fn method_and_headers_are_the_callers() {
    let world = world();
    call(&world, &["/api/http/absences", "-X", "DELETE", "-H", "X-Trace: seven", "-H", "x-trace: eight"], "");
    let sandbox = world.front.sandbox();
    let request = sandbox.log().last().unwrap().request();
    assert_eq!(request.method(), "DELETE");
    let traces: Vec<_> =
        request.headers().get_all("x-trace").iter().map(|value| value.to_str().unwrap()).collect();
    assert_eq!(traces, ["seven", "eight"]);
}

#[test]
fn a_status_of_400_or_above_is_an_exit_code_and_a_next_step() {
    let world = world();
    let missing = call(&world, &["/api/http/nothing"], "");
    missing.failed(8, &["the API answered with status 404"]);
    assert!(missing.out.contains("not-found"), "the body is printed all the same: {missing:?}");
    let body = r#"{"title":"no"}"#;
    let forbidden = call(&world, &["/api/http/projects/key:DEMO/planning/issues", "-d", body], "");
    forbidden.failed(8, &["status 403", "next: "]);
}

/// WA-5: a token goes to the APIs that the profile names, and to nobody else.
#[test]
fn a_token_goes_to_no_other_host() {
    let world = world();
    let other = World::space();
    let ran = call(&world, &[&format!("{}/api/http/absences", other.url())], "");
    ran.failed(2, &["WA-5", "`api = "]);
    assert_eq!(other.requests(), 0);
}

#[test]
fn the_tokens_header_is_not_the_callers() {
    let world = world();
    let ran = call(&world, &["/api/http/absences", "-H", "Authorization: Bearer mine"], "");
    ran.failed(2, &["has a header Authorization already"]);
}

/// WA-3: an access token that the API refuses is renewed, and the request repeated once.
#[test]
fn a_token_that_is_refused_is_renewed() {
    let world = world();
    call(&world, &["/api/http/absences"], "").json();
    world.front.sandbox().revoke_application("chatbot");
    let ran = call(&world, &["/api/http/absences"], "");
    assert_eq!(ran.json()["totalCount"], 2);
}

/// WA-3: F43, I11: an API that says so by 400 or 403 is understood where the profile admits it, and is answered as it is otherwise.
#[test]
fn a_token_that_is_refused_by_another_status_is_renewed_where_that_is_admitted() {
    for (status, quirk) in [(400, "bad-token-by-400"), (403, "bad-token-by-403")] {
        for admitted in [false, true] {
            let world = world();
            if admitted {
                let path = world.path("config.toml");
                let config = std::fs::read_to_string(&path).unwrap();
                let with = format!("quirks = [\"loopback-http\", \"{quirk}\"]");
                std::fs::write(path, config.replace("quirks = [\"loopback-http\"]", &with)).unwrap();
            }
            world.front.sandbox().settings_mut().bad_token_status = status;
            call(&world, &["/api/http/absences"], "").json();
            world.front.sandbox().revoke_application("chatbot");
            let ran = call(&world, &["/api/http/absences"], "");
            if admitted {
                assert_eq!(ran.json()["totalCount"], 2, "{status}");
            } else {
                ran.failed(8, &[&format!("the API answered with status {status}")]);
            }
        }
    }
}

/// WA-3, WA-4: a 401 that asks for another login is not answered by a renewal.
#[test]
fn an_answer_that_asks_for_a_person_renews_nothing() {
    let world = world();
    call(&world, &["/api/http/absences"], "").json();
    let before = world.requests();
    world.front.sandbox().misbehave("api-step-up-always".parse().unwrap());
    let ran = call(&world, &["/api/http/absences"], "");
    ran.failed(8, &["it wants another or a newer login"]);
    assert_eq!(world.requests(), before + 1);
}

#[test]
fn a_stored_token_that_is_good_needs_no_secret() {
    let world = world();
    call(&world, &["/api/http/absences"], "").json();
    let before = world.requests();
    assert_eq!(world.run(&["call", "/api/http/absences"]).json()["totalCount"], 2);
    assert_eq!(world.requests(), before + 1);
}

#[test]
fn a_redirect_is_an_answer() {
    let world = world();
    call(&world, &["/api/http/absences"], "").json();
    world.front.sandbox().misbehave_once("api-redirect".parse().unwrap());
    let ran = call(&world, &["/api/http/absences", "-i"], "");
    assert!(ran.line_free().contains("\nlocation: "), "{ran:?}");
}
