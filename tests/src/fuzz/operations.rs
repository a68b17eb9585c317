//! Random sequences of operations on a session, its calls and its renewals: any state × any input is legal or a typed
//! error, no request goes out without a credential, and nothing loops.

use std::time::Duration;

use valetkey_core::store::{MemoryStore, StoreKey};
use valetkey_core::{
    AccessToken, Call, CallStep, Grant, Quirks, RefreshToken, Renewal, RenewalAnswer, RenewalStep, Response,
    Session, Subject, UnixTime,
};

use crate::{client, get, json};

/// Plays the bytes as operations.
pub fn operations(data: &[u8]) {
    let Some((kind, operations)) = data.split_first() else { return };
    let Some(session) = begun(*kind) else { return };
    let Ok(call) = Call::new(session.shared(), get("https://api.example/me")) else { return };
    let mut game = Game {
        session,
        call,
        renewal: None,
        store: MemoryStore::new(),
        key: StoreKey::new(&client()),
        now: UnixTime::from_secs(1_000_000),
        last: None,
    };
    for operation in operations.iter().take(256) {
        game.play(*operation);
    }
}

fn begun(kind: u8) -> Option<Session> {
    let client = client();
    Some(match kind % 4 {
        0 => Session::renewing(&client, Grant::client_credentials()),
        1 => Session::refreshing(&client, RefreshToken::new("r0").ok()?, None),
        2 => Session::refreshing(&client, RefreshToken::new("r0").ok()?, None)
            .with_grant(Grant::client_credentials()),
        _ => Session::permanent(
            "https://api.example",
            AccessToken::new("p").ok()?,
            Subject::User,
            Quirks::STRICT,
        )
        .ok()?,
    })
}

struct Game {
    session: Session,
    call: Call,
    renewal: Option<Renewal>,
    store: MemoryStore,
    key: StoreKey,
    now: UnixTime,
    /// What the call wanted last, to check that asking again changes nothing.
    last: Option<String>,
}

impl Game {
    fn play(&mut self, operation: u8) {
        match operation % 8 {
            0 | 1 => self.ask(None),
            2 => self.ask(Some(json(if operation >= 128 { 401 } else { 200 }, "{}"))),
            3 => self.renewal = self.session.renewal().ok(),
            4 => self.answer_renewal(operation >> 3),
            5 => {
                if let Some(renewal) = self.renewal.take() {
                    let _ = self.session.settle(renewal, self.now);
                    self.last = None;
                }
            }
            6 => {
                let time = Duration::from_secs(1 << (operation >> 4));
                self.now = if operation & 8 == 0 { self.now.after(time) } else { self.now.before(time) };
                self.last = None;
            }
            _ => {
                if let Ok(call) = Call::new(self.session.shared(), get("https://api.example/me")) {
                    self.call = call;
                    self.last = None;
                }
            }
        }
    }

    fn ask(&mut self, response: Option<Response>) {
        let again = response.is_none();
        let mut step = self.call.step(response);
        if matches!(step, Ok(CallStep::Authorize)) && self.session.authorize(&mut self.call, self.now).is_ok()
        {
            step = self.call.step(None);
        }
        if let Ok(CallStep::Send(request)) = &step {
            assert!(request.headers().contains_key("authorization"), "never an unauthenticated request");
        }
        let shown = format!("{step:?}");
        if let (true, Some(last)) = (again, &self.last) {
            assert!(
                last == &shown || last.starts_with("Err") || last.starts_with("Ok(Done"),
                "asking twice changes nothing"
            );
        }
        self.last = Some(shown);
    }

    fn answer_renewal(&mut self, choice: u8) {
        let Some(renewal) = &mut self.renewal else { return };
        let bodies = [
            (200, r#"{"access_token":"a","token_type":"Bearer","expires_in":600,"refresh_token":"r1"}"#),
            (200, r#"{"access_token":"b","token_type":"Bearer","expires_in":0}"#),
            (200, r#"{"access_token":"c","token_type":"Bearer","expires_in":18446744073709551615}"#),
            (400, r#"{"error":"invalid_grant"}"#),
            (503, "busy"),
            (302, ""),
        ];
        let mut answer = None;
        while let Ok(step) = renewal.step(answer.take(), self.now) {
            answer = match step {
                RenewalStep::Store(step) => {
                    Some(RenewalAnswer::Store(step.on(&self.store, &self.key, self.now)))
                }
                RenewalStep::Send(_) => bodies
                    .get(usize::from(choice) % (bodies.len() + 1))
                    .map(|(status, body)| RenewalAnswer::Response(json(*status, body)))
                    .or(Some(RenewalAnswer::NoResponse)),
                RenewalStep::Wait(_) | RenewalStep::Done => return,
            };
        }
    }
}
