//! Who may do what, and whose name is on it: the page's "Authorization subject".

use valetkey_sandbox::{CHATBOTS_RIGHTS, DEMO_USERS, Rights, Subject, User};

use crate::support::*;

/// The page's first example: a chatbot posts on behalf of itself, and is the author.
#[test]
fn a_message_of_a_chatbot_has_the_application_as_its_author() {
    let mut sandbox = demo();
    let answer = token(&mut sandbox, By::Basic("chatbot"), &[("grant_type", "client_credentials")], NOW);
    let sent = message(&mut sandbox, answer.text("access_token"));
    assert_eq!((sent.status, &sent.body["author"]["name"]), (200, &"Chatbot".into()));
    assert_eq!(sent.body["author"]["details"]["className"], "CApplicationPrincipalDetails");
    assert_eq!(sandbox.created()[0].author, Subject::Application("chatbot".to_owned()));
}

/// The page's second example: an application creates an issue for a person, who is the author.
#[test]
fn an_issue_made_for_a_person_has_that_person_as_its_author() {
    let mut sandbox = demo();
    let answer = tokens(&mut sandbox, "alice", &[("scope", ISSUES)]);
    let made = issue(&mut sandbox, answer.text("access_token"));
    assert_eq!((made.status, &made.body["createdBy"]["name"]), (200, &"Alice Archer".into()));
    assert_eq!(made.body["createdBy"]["details"]["user"]["username"], "alice");
    assert_eq!(sandbox.created()[0].author, Subject::User("alice".to_owned()));
    assert_eq!((&*sandbox.created()[0].place, &*sandbox.created()[0].text), ("DEMO", "Try it"));
}

/// On its own behalf an application has what the administrator granted, no more.
#[test]
fn an_application_has_what_the_administrator_granted() {
    let mut sandbox = demo();
    let answer = token(&mut sandbox, By::Basic("chatbot"), &[("grant_type", "client_credentials")], NOW);
    let access_token = answer.text("access_token").to_owned();
    assert_eq!(message(&mut sandbox, &access_token).status, 200);
    assert_eq!(api(&mut sandbox, "GET", "absences", &access_token, "", NOW).status, 200);
    assert_eq!(issue(&mut sandbox, &access_token).error(), (403, "permission-denied"));
    // "Resources that require user authorization cannot be accessed using the Client Credentials flow."
    assert_eq!(profile(&mut sandbox, &access_token, NOW).error(), (403, "permission-denied"));
    let permanent = sandbox.permanent_token_of_application("chatbot");
    assert_eq!(message(&mut sandbox, &permanent).status, 200);
    assert_eq!(issue(&mut sandbox, &permanent).status, 403);
    assert!(CHATBOTS_RIGHTS.contains(&"channel:general:Channel.PostMessages"));
}

/// On a user's behalf: what the user granted, and never more than the user has, by whatever flow.
#[test]
fn nobody_grants_more_than_they_have() {
    let mut sandbox = demo();
    let by_code = tokens(&mut sandbox, "bob", &[]).text("access_token").to_owned();
    let password = DEMO_USERS[1].1;
    let pairs = [("grant_type", "password"), ("username", "bob"), ("password", password), ("scope", "**")];
    let by_password = token(&mut sandbox, By::Basic("web"), &pairs, NOW).text("access_token").to_owned();
    let permanent = sandbox.permanent_token_of_user("bob");
    for access_token in [by_code, by_password, permanent] {
        assert_eq!(profile(&mut sandbox, &access_token, NOW).status, 200);
        assert_eq!(issue(&mut sandbox, &access_token).error(), (403, "permission-denied"));
        assert_eq!(message(&mut sandbox, &access_token).error(), (403, "permission-denied"));
    }
    let refused = arrive(&mut sandbox, "bob", &with(REQUEST, &[("scope", ISSUES)]));
    assert_eq!(refused.parameter("error").as_deref(), Some("access_denied"));
    let narrow = tokens(&mut sandbox, "alice", &[("scope", "global:Profile.View")]);
    assert_eq!(issue(&mut sandbox, narrow.text("access_token")).status, 403, "alice granted one right alone");
}

#[test]
fn a_right_that_is_taken_away_is_gone_from_tokens_already_issued() {
    let mut sandbox = demo();
    let access_token = tokens(&mut sandbox, "alice", &[]).text("access_token").to_owned();
    assert_eq!(issue(&mut sandbox, &access_token).status, 200);
    let (name, password) = DEMO_USERS[0];
    sandbox.add_user(User::new(name, password).rights(Rights::of(["global:Profile.View"])));
    assert_eq!(issue(&mut sandbox, &access_token).status, 403);
    assert_eq!(profile(&mut sandbox, &access_token, NOW).status, 200);
}

#[test]
fn a_global_right_covers_every_context() {
    let mut sandbox = demo();
    let global = tokens(&mut sandbox, "alice", &[("scope", "global:Project.Issues.Create")]);
    assert_eq!(issue(&mut sandbox, global.text("access_token")).status, 200);
    let other = tokens(&mut sandbox, "alice", &[("scope", "project:key:OTHER:Project.Issues.Create")]);
    assert_eq!(issue(&mut sandbox, other.text("access_token")).status, 403);
}

#[test]
fn the_api_refuses_in_spaces_words() {
    let mut sandbox = demo();
    let alice = sandbox.permanent_token_of_user("alice");
    let table = [
        ("GET", "nothing", "", (404, "not-found")),
        ("POST", "absences", "", (404, "not-found")),
        ("POST", "projects/key:NONE/planning/issues", r#"{"title":"x"}"#, (404, "not-found")),
        ("POST", "projects/DEMO/planning/issues", r#"{"title":"x"}"#, (404, "not-found")),
        ("POST", "projects/key:DEMO/planning/issues", r#"{"title":""}"#, (400, "validation-error")),
        ("POST", "projects/key:DEMO/planning/issues", "[]", (400, "validation-error")),
        ("POST", "chats/messages/send-message", "{}", (400, "validation-error")),
        ("POST", "chats/messages/send-message", r#"{"channel":"general"}"#, (400, "validation-error")),
        ("POST", "chats/messages/send-message", r#"{"channel":"id:x","text":"y"}"#, (404, "not-found")),
    ];
    for (method, path, body, expected) in table {
        assert_eq!(
            api(&mut sandbox, method, path, &alice, body, NOW).error(),
            expected,
            "{method} {path} {body}"
        );
    }
    assert!(sandbox.created().is_empty());
}

/// WA-5: a token belongs into one `Authorization` header, and nowhere else (RFC 6750).
#[test]
fn the_api_takes_a_token_in_one_header_alone() {
    let mut sandbox = demo();
    let alice = sandbox.permanent_token_of_user("alice");
    let path = "/api/http/team-directory/profiles/me";
    let bare = Answer::of(sandbox.answer(&get(path), NOW));
    assert_eq!(bare.error(), (401, "authentication-required"));
    assert_eq!(bare.header("www-authenticate"), "Bearer realm=\"sandbox\"");
    let in_query = Answer::of(sandbox.answer(&get(&format!("{path}?access_token={alice}")), NOW));
    assert_eq!(in_query.error(), (400, "validation-error"));
    let header = format!("Bearer {alice}");
    let twice = with_header(with_header(get(path), "authorization", &header), "authorization", &header);
    assert_eq!(sandbox.answer(&twice, NOW).status(), 401);
    for value in [format!("bearer {alice}"), format!("BEARER  {alice}")] {
        assert_eq!(sandbox.answer(&with_header(get(path), "authorization", &value), NOW).status(), 200);
    }
    for value in ["Bearer", "Bearer unknown", &alice, &format!("Basic {alice}")] {
        let refused = Answer::of(sandbox.answer(&with_header(get(path), "authorization", value), NOW));
        assert_eq!(refused.header("www-authenticate"), "Bearer error=\"invalid_token\"", "{value}");
    }
}
