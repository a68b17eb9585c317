//! Token requests: by a grant that may be repeated, and by an authorization code, which is sent once (TR-18).

use std::time::Duration;

use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, Error, Flow, Grant, Response, Step, TokenRequest, UnixTime,
};

use super::choose;
use crate::{NOW, client, entropy, json};

const OPERATIONS: [(u8, Operation); 9] = [
    (b'a', Operation::Ask),
    (b'g', Operation::Answer(200, r#"{"access_token":"a","token_type":"Bearer","expires_in":600}"#)),
    (b'e', Operation::Answer(400, r#"{"error":"invalid_grant"}"#)),
    (b'v', Operation::Answer(503, "")),
    (b'f', Operation::Answer(307, "")),
    (b'h', Operation::HangsUp),
    (b'c', Operation::NewCode),
    (b'n', Operation::NewGrant),
    (b'T', Operation::Later(1_000)),
];

#[derive(Clone, Copy)]
enum Operation {
    Ask,
    Answer(u16, &'static str),
    HangsUp,
    NewCode,
    NewGrant,
    Later(u64),
}

pub(super) fn play(operations: &[u8]) {
    let Some(flow) = repeatable() else { return };
    let mut game = Game { flow, now: NOW, asked: None, has_ended: false };
    for operation in operations {
        game.play(choose(&OPERATIONS, *operation));
    }
}

fn repeatable() -> Option<TokenRequest> {
    TokenRequest::new(&client(), Grant::client_credentials()).ok()
}

fn of_a_code() -> Option<TokenRequest> {
    let request = AuthorizationRequest::new(&client(), "https://app.example/callback").ok()?;
    let (_, mut pending) = request.begin_unbound(entropy(2), NOW).ok()?;
    let url = format!("https://app.example/callback?code=SplxlOBeZQQYbYS6WxSbIA&state={}", pending.state());
    pending.finish(&client(), &AuthorizationResponse::from_url(&url).ok()?, NOW).ok()
}

struct Game {
    flow: TokenRequest,
    now: UnixTime,
    /// The body that was asked for first.
    asked: Option<Vec<u8>>,
    has_ended: bool,
}

impl Game {
    fn play(&mut self, operation: Operation) {
        match operation {
            Operation::Ask => self.step(None),
            Operation::Answer(status, body) => self.step(Some(json(status, body))),
            Operation::HangsUp => {
                assert!(!self.flow.unanswered(self.now), "a token request is not repeated by itself");
                self.has_ended = true;
            }
            Operation::NewCode => self.begin(of_a_code()),
            Operation::NewGrant => self.begin(repeatable()),
            Operation::Later(seconds) => self.now = self.now.after(Duration::from_secs(seconds)),
        }
    }

    fn begin(&mut self, flow: Option<TokenRequest>) {
        let Some(flow) = flow else { panic!("the request is in order") };
        *self = Self { flow, now: self.now, asked: None, has_ended: false };
    }

    fn step(&mut self, response: Option<Response>) {
        let is_answer = response.is_some();
        let step = self.flow.step(response, self.now);
        match &step {
            _ if self.has_ended => assert!(matches!(step, Err(Error::Misuse(_))), "it has ended (TR-18)"),
            Ok(Step::Send(request)) => {
                assert!(!is_answer, "one round");
                let first = self.asked.get_or_insert_with(|| request.body().clone());
                assert_eq!(first, request.body(), "asking twice changes nothing");
            }
            Ok(Step::Wait(_)) => panic!("there is nothing to wait for"),
            Ok(Step::Done(tokens)) => {
                assert!(is_answer && self.asked.is_some(), "there are no tokens without an answer");
                assert!(tokens.issued_at() <= self.now);
                self.has_ended = true;
            }
            Err(Error::Misuse(_)) => assert!(
                is_answer && self.asked.is_none(),
                "an answer came that no request was for: step with `None`"
            ),
            Err(_) => self.has_ended = true,
        }
    }
}
