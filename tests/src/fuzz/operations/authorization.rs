//! A pending authorization, the responses to it, and the receiver that waits for them.

use std::time::Duration;

use valetkey_core::authorize::receiver::{Heard, Receiver};
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, Client, Error, PendingAuthorization, UnixTime,
};

use super::choose;
use crate::stored::taken_out;
use crate::{NOW, client, client_of, entropy, server};

const REDIRECT_URI: &str = "http://127.0.0.1:4711/callback";

const OPERATIONS: [(u8, Operation); 14] = [
    (b'c', Operation::Respond("?code=SplxlOBeZQQYbYS6WxSbIA&state={state}")),
    (b'e', Operation::Respond("?error=access_denied&state={state}")),
    (b'w', Operation::Respond("?code=SplxlOBeZQQYbYS6WxSbIA&state=wrong")),
    (b'f', Operation::Respond("?error=access_denied&error_description=call+us&state=wrong")),
    (b'd', Operation::Respond("?code=a&code=b&state={state}")),
    (b'b', Operation::Respond("?code=a&error=access_denied&state={state}")),
    (b'n', Operation::Respond("?state={state}")),
    (b'm', Operation::Respond("/elsewhere?code=a&state={state}")),
    (b'k', Operation::AnotherClient),
    (b's', Operation::StoreAndRestore),
    (b'l', Operation::Listen("/callback?code=SplxlOBeZQQYbYS6WxSbIA&state={state}")),
    (b'v', Operation::Listen("/favicon.ico")),
    (b'p', Operation::Listen("/callback")),
    (b'T', Operation::Later(200)),
];

#[derive(Clone, Copy)]
enum Operation {
    /// A response at the redirect URI and this, `{state}` being the right one.
    Respond(&'static str),
    AnotherClient,
    StoreAndRestore,
    /// A GET of this at the receiver.
    Listen(&'static str),
    Later(u64),
}

pub(super) fn play(operations: &[u8]) {
    let Some(mut game) = Game::new() else { return };
    for operation in operations {
        game.play(choose(&OPERATIONS, *operation));
    }
    assert!(game.token_requests <= 1, "a pending authorization is used once (AR-12)");
}

struct Game {
    client: Client,
    pending: PendingAuthorization,
    receiver: Receiver,
    now: UnixTime,
    token_requests: u32,
    has_redirected: bool,
}

impl Game {
    fn new() -> Option<Self> {
        let client = client();
        let (_, pending) =
            AuthorizationRequest::new(&client, REDIRECT_URI).ok()?.begin_unbound(entropy(3), NOW).ok()?;
        let receiver = Receiver::new(&pending, NOW.after(Duration::from_secs(600))).ok()?;
        Some(Self { client, pending, receiver, now: NOW, token_requests: 0, has_redirected: false })
    }

    fn play(&mut self, operation: Operation) {
        match operation {
            Operation::Respond(rest) => self.respond(rest),
            Operation::AnotherClient => {
                let other = client_of(server().token_endpoint("https://evil.example/token").unwrap());
                let outcome = self.pending.finish(&other, &self.response("?state={state}&code=a"), self.now);
                assert!(matches!(outcome, Err(Error::Misuse(_))), "TR-17, AR-12");
            }
            Operation::StoreAndRestore => {
                let stored = serde_json::to_string(&self.pending).unwrap();
                self.pending = taken_out(&stored);
            }
            Operation::Listen(target) => self.listen(target),
            Operation::Later(seconds) => self.now = self.now.after(Duration::from_secs(seconds)),
        }
    }

    fn response(&self, rest: &str) -> AuthorizationResponse {
        let url = format!("{REDIRECT_URI}{}", rest.replace("{state}", self.pending.state()));
        AuthorizationResponse::from_url(&url).unwrap()
    }

    fn respond(&mut self, rest: &str) {
        let response = self.response(rest);
        let (was_spent, is_late) = (self.pending.is_spent(), self.now.since(NOW) > Duration::from_secs(600));
        match self.pending.finish(&self.client, &response, self.now) {
            Ok(_) => {
                assert!(!was_spent && !is_late, "AR-12, AR-13");
                self.token_requests += 1;
            }
            Err(Error::Misuse(_)) => assert!(was_spent, "the program did nothing wrong"),
            Err(Error::AuthorizationRequired(_)) => assert!(is_late, "AR-13"),
            Err(Error::Refused(_)) => assert!(rest.starts_with("?error=") && rest.contains("{state}")),
            Err(_) => {}
        }
        assert!(self.pending.is_spent() || !was_spent, "what is used up stays so");
    }

    fn listen(&mut self, target: &str) {
        let target = target.replace("{state}", self.pending.state());
        let request = format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:4711\r\n\r\n");
        let Heard::Answer(answer) = self.receiver.hear(request.as_bytes(), self.now) else {
            panic!("a whole head is answered")
        };
        let redirects = answer.starts_with(b"HTTP/1.1 303 ");
        assert!(!(redirects && self.has_redirected), "one response is taken");
        self.has_redirected |= redirects;
        if answer.starts_with(b"HTTP/1.1 200 ") {
            assert!(self.has_redirected, "the page is shown after a response");
            // The same response again has a page too, while the browser is on its way to that of the first.
            let is_over = self.receiver.wait(self.now).is_none();
            assert!(is_over || target != "/callback", "and then it is over");
        }
    }
}
