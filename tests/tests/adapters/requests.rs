//! The same conversation, carried by the blocking adapter, by the async one and by hand, is the same to the server.

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use valetkey_core::{
    AuthorizationResponse, Entropy, Error, Flow, Grant, PendingAuthorization, Request, Session, Step,
    TokenRequest,
};
use valetkey_sandbox::{Arrival, Endpoint, Front, Misbehaviour, Person, Rotation, Sandbox};
use valetkey_tests::get;

use crate::face::{Adapter, Async, Blocking};
use crate::for_both;
use crate::wire::{application, exchange};

/// What a host does for core.
trait Host {
    fn run<F: Flow>(&self, flow: F) -> F::Output;
    /// Calls the API so often, with the server's tokens expired in between.
    fn call(&self, session: Session, front: &Front);
}

impl<A: Adapter> Host for A {
    fn run<F: Flow>(&self, flow: F) -> F::Output {
        Adapter::run(self, flow).unwrap()
    }

    fn call(&self, session: Session, front: &Front) {
        let api = self.api(session);
        for _ in 0..2 {
            assert_eq!(Adapter::call(self, &api, absences(front)).unwrap().status(), 200);
            front.sandbox().expire_all();
        }
    }
}

/// A host of one's own: a socket, and the system's clock.
struct ByHand;

impl Host for ByHand {
    fn run<F: Flow>(&self, mut flow: F) -> F::Output {
        let mut response = None;
        loop {
            match flow.step(response.take(), valetkey_blocking::now()).unwrap() {
                Step::Send(request) => response = Some(exchange(&request)),
                Step::Wait(_) => unreachable!("nothing here waits"),
                Step::Done(output) => return output,
            }
        }
    }

    fn call(&self, mut session: Session, front: &Front) {
        for _ in 0..2 {
            assert_eq!(self.run(session.call(absences(front)).unwrap()).status(), 200);
            front.sandbox().expire_all();
        }
    }
}

fn absences(front: &Front) -> Request {
    let mut request = get(&format!("{}/api/http/absences", front.url()));
    request.headers_mut().insert(ACCEPT, "application/json".parse().unwrap());
    request
}

/// Logs in, calls the API, has the token expire, calls again: what the server was sent, and by whom it is of core's making.
fn conversation(host: &impl Host) -> Vec<String> {
    let mut sandbox = Sandbox::demo([5; 32]);
    sandbox.settings_mut().rotation = Rotation::On;
    let front = Front::start(sandbox).unwrap();
    let app = application(&front, "web");
    let request = app.authorization_code("https://app.example/callback").unwrap();
    let request = request.scope("global:Profile.Absences.View").unwrap().offline();
    let now = valetkey_blocking::now();
    let (url, mut pending): (_, PendingAuthorization) =
        request.begin_unbound(Entropy::from_seed([6; 32]), now).unwrap();
    let alice = Person::new("alice", front.sandbox().password("alice").unwrap());
    let arrival = front.sandbox().visit(url.as_str(), &alice, now).unwrap();
    let Arrival::Get(back) = arrival else { unreachable!() };
    let response = AuthorizationResponse::from_url(&back).unwrap();
    let tokens = host.run(pending.finish(&app, &response, now).unwrap());
    host.call(Session::from_tokens(&app, &tokens), &front);

    let sandbox = front.sandbox();
    let log = sandbox.log().iter().filter(|exchange| exchange.endpoint() != Endpoint::Authorization);
    log.map(|exchange| {
        let request = exchange.request();
        let headers = [ACCEPT, AUTHORIZATION, CONTENT_TYPE, CONTENT_LENGTH]
            .map(|name| format!("{name}: {:?}", request.headers().get_all(&name).iter().collect::<Vec<_>>()));
        let body = String::from_utf8(request.body().clone()).unwrap();
        format!(
            "{} {}\n{}\n{body}",
            request.method(),
            request.uri().path_and_query().unwrap(),
            headers.join("\n")
        )
    })
    .collect()
}

/// Every host sends the same, to the byte: the sandbox's seed and the entropy decide all that is random.
#[test]
fn every_host_sends_the_same() {
    let by_hand = conversation(&ByHand);
    let outline: Vec<_> = by_hand.iter().map(|request| request.lines().next().unwrap()).collect();
    assert_eq!(
        outline,
        [
            "POST /oauth/token",
            "GET /api/http/absences",
            "GET /api/http/absences",
            "POST /oauth/token",
            "GET /api/http/absences"
        ]
    );
    assert!(
        by_hand[0].contains("grant_type=authorization_code")
            && by_hand[3].contains("grant_type=refresh_token")
    );
    assert_eq!(conversation(&Blocking::new()), by_hand);
    assert_eq!(conversation(&Async::new()), by_hand);
}

/// The client credentials grant of the sandbox's chatbot.
fn token_request(front: &Front) -> TokenRequest {
    let scope = "global:Profile.Absences.View";
    TokenRequest::new(
        application(front, "chatbot").client(),
        Grant::client_credentials().scope(scope).unwrap(),
    )
    .unwrap()
}

/// What core says when it is handed the sandbox's answer itself.
fn said_by_core(front: &Front) -> Result<(), Error> {
    let (mut flow, now) = (token_request(front), valetkey_blocking::now());
    let Step::Send(request) = flow.step(None, now)? else { unreachable!() };
    let answer = front.sandbox().answer(&request, now);
    flow.step(Some(answer), now).map(drop)
}

for_both! {
    /// Whatever an authorization server answers, core's word on it is the same over HTTP: an adapter decides nothing, but
    /// that it reads no further than its limits.
    fn every_misbehaviour_is_told_as_core_tells_it(adapter: A) {
        let front = Front::start(Sandbox::demo([7; 32])).unwrap();
        for misbehaviour in Misbehaviour::ALL.iter().filter(|wrong| wrong.endpoint() == Endpoint::Token) {
            front.sandbox().behave();
            front.sandbox().misbehave(*misbehaviour);
            let said = said_by_core(&front).map_err(|error| error.to_string());
            let told = adapter.run(token_request(&front)).map(drop);
            let told = told.map_err(|failed| failed.core.map_or(failed.http.unwrap_or_default(), |error| error.to_string()));
            match misbehaviour {
                Misbehaviour::HugeBody => assert_eq!(told, Err("TooLarge".to_owned())),
                // One library sees that it is too large, the other that it cannot read it; and one that happens to be
                // read at once, before anybody looks how much it is, is as good as any.
                Misbehaviour::HugeHeader => {
                    let is_refused = matches!(&told, Err(kind) if kind == "TooLarge" || kind == "Broken");
                    assert!(is_refused || told == said, "{told:?}");
                }
                _ => assert_eq!(told, said, "{misbehaviour}"),
            }
        }
    }
}
