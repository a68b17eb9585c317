//! ST-4, over random histories: users, a user's second session, the application with several grants and a service account
//! log in, come back, renew, fail and expire over one store, in any order; none of them ever holds another's token.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use valetkey_core::session::{RenewalAnswer, RenewalStep, SessionRecord};
use valetkey_core::store::{MemoryStore, Store, StoreKey, StoredBytes};
use valetkey_core::token::JwtAssertion;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, Flow, Grant, RefreshToken, Request, Response, Session, Step,
    Subject, TokenRequest, TokenResponse, UnixTime,
};
use valetkey_tests::world::token;
use valetkey_tests::{NOW, client, entropy, json};

const CALLBACK: &str = "https://app.example/callback";

/// Whose a session is; the number is a part of each of its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Alice,
    AlicesCalendar,
    Bob,
    Service,
    ServiceForX,
    Robot,
    OtherRobot,
}

const OWNERS: [Owner; 7] = [
    Owner::Alice,
    Owner::AlicesCalendar,
    Owner::Bob,
    Owner::Service,
    Owner::ServiceForX,
    Owner::Robot,
    Owner::OtherRobot,
];

impl Owner {
    /// What gets this owner's tokens without a person.
    fn grant(self) -> Option<Grant> {
        let robot =
            |jwt: &str| Grant::from(&JwtAssertion::new(jwt).unwrap()).on_behalf_of(Subject::Application);
        match self {
            Self::Alice | Self::AlicesCalendar | Self::Bob => None,
            Self::Service => Some(Grant::client_credentials()),
            Self::ServiceForX => Some(Grant::client_credentials().parameter("audience", "x").unwrap()),
            Self::Robot => Some(robot("e30.e30.cm9ib3Q")),
            Self::OtherRobot => Some(robot("e30.e30.b3RoZXI")),
        }
    }

    fn key(self) -> StoreKey {
        let client = client();
        let own = |grant: Option<Grant>| StoreKey::of_application(&client, &grant.unwrap());
        match self {
            Self::Alice => StoreKey::of_user(&client, "alice"),
            Self::AlicesCalendar => StoreKey::of_user(&client, "alice").named("calendar"),
            Self::Bob => StoreKey::of_user(&client, "bob"),
            Self::Service | Self::ServiceForX => own(self.grant()),
            Self::Robot => own(self.grant()).named("robot"),
            Self::OtherRobot => own(self.grant()).named("other"),
        }
    }

    fn label(self) -> String {
        format!("{self:?}-")
    }
}

#[derive(Clone, Copy, Debug)]
enum Act {
    /// Tokens of just now take the place of what is there.
    LogIn,
    /// Another process takes the session up.
    ComeBack,
    /// The session is kept elsewhere and put into the store again.
    Restore,
    /// A refresh token of this owner's comes from elsewhere.
    Refresh,
    TimePasses,
    /// The server refuses the next requests.
    ServerRefuses,
    ServerIsSilent,
    ServerAnswers,
    /// Somebody puts one owner's record in another's place.
    Swap(Owner),
}

fn acts() -> impl Strategy<Value = (Owner, Act)> {
    let owners = || select(OWNERS.to_vec());
    let act = prop_oneof![
        3 => Just(Act::LogIn),
        4 => Just(Act::ComeBack),
        1 => Just(Act::Restore),
        1 => Just(Act::Refresh),
        2 => Just(Act::TimePasses),
        1 => Just(Act::ServerRefuses),
        1 => Just(Act::ServerIsSilent),
        1 => Just(Act::ServerAnswers),
        1 => owners().prop_map(Act::Swap),
    ];
    (owners(), act)
}

struct World {
    store: MemoryStore,
    now: UnixTime,
    count: u32,
    answers: Option<u16>,
}

impl World {
    /// Tokens that say whose they are.
    fn issue(&mut self, label: &str) -> Response {
        self.count += 1;
        let body = token(&format!("{label}a{}", self.count), 60, Some(&format!("{label}r{}", self.count)));
        json(200, &body)
    }

    /// What the server gives for a request: tokens of whom the request proves to be.
    fn answer(&mut self, request: &Request) -> Option<Response> {
        let form: Vec<_> = form_urlencoded::parse(request.body()).into_owned().collect();
        let value = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let whose = match (value("refresh_token"), value("assertion"), value("audience")) {
            (Some(token), ..) => format!("{}-", token.split('-').next().unwrap()),
            (_, Some(jwt), _) if jwt.ends_with("cm9ib3Q") => Owner::Robot.label(),
            (_, Some(_), _) => Owner::OtherRobot.label(),
            (.., Some(_)) => Owner::ServiceForX.label(),
            _ => Owner::Service.label(),
        };
        match self.answers {
            Some(200) => Some(self.issue(&whose)),
            Some(status) => Some(json(status, r#"{"error":"invalid_grant"}"#)),
            None => None,
        }
    }

    fn tokens(&mut self, owner: Owner) -> TokenResponse {
        let mut flow = match owner.grant() {
            Some(grant) => TokenRequest::new(&client(), grant).unwrap(),
            None => {
                let request = AuthorizationRequest::new(&client(), CALLBACK).unwrap();
                let (_, mut pending) = request.begin_unbound(entropy(1), self.now).unwrap();
                let arrival = format!("{CALLBACK}?code=c&state={}&iss=https://as.example", pending.state());
                let response = AuthorizationResponse::from_url(&arrival).unwrap();
                pending.finish(&client(), &response, self.now).unwrap()
            }
        };
        let _ = flow.step(None, self.now).unwrap();
        let answer = self.issue(&owner.label());
        match flow.step(Some(answer), self.now).unwrap() {
            Step::Done(tokens) => tokens,
            step => panic!("there is nothing else to do: {step:?}"),
        }
    }

    fn later(owner: Owner) -> Session {
        match owner.grant() {
            Some(grant) => Session::from_grant(&client(), grant),
            None => Session::from_store(&client()),
        }
    }

    fn session(&mut self, owner: Owner, act: Act) -> Option<Session> {
        let session = match act {
            Act::LogIn => Session::from_tokens(&client(), &self.tokens(owner)),
            Act::ComeBack => Self::later(owner),
            Act::Restore => {
                let stored = Store::load(&self.store, &owner.key()).unwrap()?;
                let record: SessionRecord = serde_json::from_slice(stored.bytes.expose()).unwrap();
                let restored = Session::from_record(&client(), record).unwrap();
                match owner.grant() {
                    Some(grant) => restored.with_grant(grant.on_behalf_of(Subject::Application)).ok()?,
                    None => restored,
                }
            }
            Act::Refresh if owner.grant().is_none() => {
                self.count += 1;
                let token = RefreshToken::new(format!("{}r{}", owner.label(), self.count)).unwrap();
                Session::from_refresh_token(&client(), token)
            }
            _ => return None,
        };
        session.in_store(owner.key()).ok()
    }

    /// Runs a renewal of the session to its end, as an adapter does.
    fn renew(&mut self, session: &mut Session) {
        let (mut renewal, key) = (session.renewal().unwrap(), session.key().unwrap().clone());
        let mut answer = None;
        for _ in 0..2_000 {
            answer = match renewal.step(answer.take(), self.now).unwrap() {
                RenewalStep::Store(step) => Some(RenewalAnswer::Store(step.on(&self.store, &key, self.now))),
                RenewalStep::Send(request) => Some(match self.answer(&request) {
                    Some(response) => RenewalAnswer::Response(response),
                    None => RenewalAnswer::NoResponse,
                }),
                RenewalStep::Wait(time) => {
                    self.now = self.now.after(time);
                    None
                }
                RenewalStep::Done => break,
            };
        }
        let _ = session.settle(renewal, self.now);
    }

    fn swap(&mut self, one: Owner, other: Owner) {
        let load = |owner: Owner| Store::load(&self.store, &owner.key()).unwrap();
        let (Some(theirs), version) = (load(other), load(one).map(|stored| stored.version)) else { return };
        let bytes = StoredBytes::new(theirs.bytes.expose().to_vec());
        Store::replace(&self.store, &one.key(), version.as_ref(), Some(&bytes.into()))
            .unwrap()
            .written()
            .unwrap();
    }
}

proptest! {
    #[test]
    fn s0_nobody_ever_holds_anothers_token(history in vec(acts(), 1..60)) {
        let mut world = World { store: MemoryStore::new(), now: NOW, count: 0, answers: Some(200) };
        for (owner, act) in history {
            match act {
                Act::TimePasses => world.now = world.now.after(Duration::from_secs(50)),
                Act::ServerRefuses => world.answers = Some(400),
                Act::ServerIsSilent => world.answers = None,
                Act::ServerAnswers => world.answers = Some(200),
                Act::Swap(other) => world.swap(owner, other),
                act => {
                    let Some(mut session) = world.session(owner, act) else { continue };
                    world.renew(&mut session);
                    if let Some(held) = session.credential() {
                        let token = held.access_token().expose();
                        prop_assert!(token.starts_with(&owner.label()), "{:?} holds {}", owner, token);
                    }
                    if let Some(token) = session.refresh_token() {
                        prop_assert!(token.expose().starts_with(&owner.label()), "{:?} renews by {}", owner, token.expose());
                    }
                }
            }
        }
    }
}
