//! What is shown of a log-out for a log: what it is and at which server, and nothing about the person.

use std::fmt::Debug;
use std::time::Duration;

use valetkey_core::logout::{
    BackChannel, FrontChannel, LoginUnderWay, LogoutAnswer, LogoutRequest, LogoutResponse, LogoutStep,
    LogoutWay, RemoteLogout,
};
use valetkey_core::store::{Index, StoreError};
use valetkey_tests::openid::logged_in;
use valetkey_tests::{NOW, entropy, json as answer};

use crate::world::*;

#[track_caller]
fn shows(value: &dyn Debug, texts: &[&str]) {
    let shown = format!("{value:?}");
    for text in texts {
        assert!(shown.contains(text), "{shown} says nothing of {text}");
    }
    for secret in [SUB, SID, "bWJq", "eyJ"] {
        assert!(!shown.contains(secret), "{shown} says {secret}");
    }
}

#[test]
fn what_receives_a_log_out_says_for_whom() {
    shows(&receiver(), &["BackChannel {", "s6BhdRkqt3", "needs_session: false", "oldest: 600s"]);
    shows(&BackChannel::new(&client()).unwrap().session_required(), &["needs_session: true"]);
    let front = FrontChannel::new(&client()).unwrap();
    shows(&front, &["FrontChannel {", "s6BhdRkqt3", "needs_session: false"]);
    let query = format!("/out?iss=https://as.example&sid={SID}");
    let notice = front.receive(&http::Request::get(query).body(()).unwrap()).unwrap();
    shows(&notice, &["FrontChannelNotice {", "https://as.example"]);
    let verification = receiver().verify(&token(&claims())).unwrap();
    shows(&verification, &["LogoutTokenVerification {", "s6BhdRkqt3"]);
    let notice = heard(&claims()).unwrap();
    shows(
        &notice,
        &["LogoutNotice {", "https://as.example", "has_subject: true", "has_session_id: true", "issued_at"],
    );
    shows(&heard(&without(&["sid"])).unwrap(), &["has_subject: true", "has_session_id: false"]);
    let remote = RemoteLogout::new(&client(), notice);
    shows(&remote, &["RemoteLogout {", "s6BhdRkqt3", "LogoutNotice", "state: \"look\"", "came: "]);
    let tokens = logged_in(&client(), |_| {}).unwrap();
    shows(&LoginUnderWay::of(&client(), &tokens).unwrap(), &["LoginUnderWay {", "issued_at", "asked_at"]);
}

#[test]
fn what_asks_for_a_log_out_says_where_the_browser_comes_back() {
    let request = LogoutRequest::new(&client()).unwrap().return_to("https://app.example/out").unwrap();
    shows(&request, &["LogoutRequest {", "s6BhdRkqt3", "has_hint: false", "https://app.example/out"]);
    let (way, pending) = request.begin(entropy(1), NOW).unwrap();
    shows(&way, &["Redirect(", "https://as.example/logout"]);
    let pending = pending.unwrap();
    shows(&pending, &["PendingLogout {", "https://app.example/out", "expires_at"]);
    assert!(!format!("{pending:?}").contains(pending.state()));
    let response = LogoutResponse::from_url("https://app.example/out?state=secret").unwrap();
    assert_eq!(format!("{response:?}"), "LogoutResponse(..)");
    let hinted = LogoutRequest::new(&client()).unwrap().logout_hint(SUB).unwrap();
    let (way, _) = hinted.begin(entropy(1), NOW).unwrap();
    assert!(matches!(way, LogoutWay::Form(_)));
    shows(&way, &["LogoutForm {", "https://as.example/logout"]);
}

#[test]
fn a_step_and_its_answer_say_which_they_are() {
    let index = Index::of_login("https://as.example", SID);
    shows(&LogoutStep::Find(index, None), &["Find(", "None"]);
    let request =
        http::Request::post("https://as.example/revoke?token=secret").body(b"token=secret".to_vec());
    let sent = format!("{:?}", LogoutStep::Send(request.unwrap()));
    assert_eq!(sent, "Send(POST https://as.example/revoke)");
    assert_eq!(format!("{:?}", LogoutStep::Wait(Duration::from_secs(2))), "Wait(2s)");
    assert_eq!(format!("{:?}", LogoutStep::Done), "Done");
    let failed = LogoutAnswer::Found(Err(StoreError::new("the disk is broken")));
    shows(&failed, &["Found(Err(", "the disk is broken"]);
    assert_eq!(format!("{:?}", LogoutAnswer::Response(answer(503, "secret"))), "Response(503)");
    assert_eq!(format!("{:?}", LogoutAnswer::NoResponse), "NoResponse");
}
