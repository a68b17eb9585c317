//! A runtime of one's own: several flows at once on one thread, over plain non-blocking sockets; and one session that
//! several calls share, with one renewal for all of them.
//!
//! Nothing here but `valetkey-core` knows OAuth, and nothing in it knows a runtime. What the host brings is what this
//! example consists of: a clock (`now`), randomness (`entropy`), sockets ([`connection`]), a loop ([`run`]), and another
//! loop that wakes the calls that wait for a renewal ([`shared`]). The person and the browser are played by [`browser`],
//! whose conversation is a flow like any other; the server is the sandbox, on a loopback port.
//!
//! ```sh
//! cargo run -p valetkey-core --example own_runtime
//! ```

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "the example is the host: its are the clock, the sockets, the sleep and the terminal"
)]

mod browser;
mod connection;
mod run;
mod shared;

use std::error::Error;
use std::time::SystemTime;

use valetkey_core::dialect::jetbrains::Application;
use valetkey_core::dialect::space::{Permissions, Space};
use valetkey_core::session::SharedSession;
use valetkey_core::store::MemoryStore;
use valetkey_core::{
    AuthorizationResponse, ClientSecret, Entropy, Grant, Request, Response, Session, TokenRequest, UnixTime,
};
use valetkey_sandbox::{DEMO_USERS, Endpoint, Front, Person, Sandbox};

use browser::Browser;
use run::run;
use shared::call_all;

fn main() -> Result<(), Box<dyn Error>> {
    let front = Front::start(Sandbox::demo([7; 32]))?;
    let secret = |id: &str| ClientSecret::new(front.sandbox().client_secret(id).unwrap_or_default());
    let space = Space::on_loopback(front.url())?;
    let chatbot = space.application("chatbot").secret(secret("chatbot")?)?;
    let web = space.application("web").secret(secret("web")?)?;
    let native = space.application("native");

    // Two people are sent to the server, both at once.
    let rights = Permissions::new().global("Profile.View").global("Profile.Absences.View").scope()?;
    let ask = |app: &Application, redirect_uri: &str| -> Result<_, Box<dyn Error>> {
        let request = app.authorization_code(redirect_uri)?.scope(rights.clone())?.offline();
        Ok(request.begin_unbound(entropy()?, now())?)
    };
    let (alices_url, mut alices) = ask(&web, "https://app.example/callback")?;
    let (bobs_url, mut bobs) = ask(&native, "http://127.0.0.1:4711/callback")?;
    let [alice, bob] = DEMO_USERS.map(|(name, password)| Person::new(name, password));
    let arrivals = run(vec![Browser::open(alice, &alices_url)?, Browser::open(bob, &bobs_url)?])?;
    let mut arrivals = arrivals.into_iter();
    let mut arrival = || -> Result<AuthorizationResponse, Box<dyn Error>> {
        Ok(AuthorizationResponse::from_url(&arrivals.next().ok_or("a browser is lost")??)?)
    };

    // Three token requests at once: two codes, and the application's own credentials.
    let own_rights = Permissions::new().global("Profile.Absences.View").scope()?;
    let tokens = run(vec![
        alices.finish(&web, &arrival()?, now())?,
        bobs.finish(&native, &arrival()?, now())?,
        TokenRequest::new(&chatbot, Grant::client_credentials().scope(own_rights.clone())?)?,
    ])?;

    // Three calls at once, each of which would renew its token if that were due.
    let mut sessions = Vec::new();
    for (app, tokens) in [&web, &native, &chatbot].into_iter().zip(&tokens) {
        sessions.push(Session::from_tokens(app, tokens));
    }
    let mut calls = Vec::new();
    for session in &mut sessions {
        calls.push(session.call(get(&space.api("absences"))?)?);
    }
    let answers: Vec<Response> = run(calls)?;

    for (session, answer) in sessions.iter().zip(&answers) {
        let subject = session.subject().ok_or("a session without a subject")?;
        println!(
            "on behalf of the {subject}: {} {}",
            answer.status(),
            String::from_utf8_lossy(answer.body())
        );
    }
    if answers.len() != 3 || !answers.iter().all(|answer| answer.status().is_success()) {
        return Err("the API refused a call".into());
    }

    // Two calls at once over one session that has no token yet: one of them renews it, and both use what came.
    let token_requests = || {
        let sandbox = front.sandbox();
        sandbox.log().iter().filter(|exchange| exchange.endpoint() == Endpoint::Token).count()
    };
    let before = token_requests();
    let grant = Grant::client_credentials().scope(own_rights)?;
    let session = SharedSession::new(Session::from_grant(&chatbot, grant));
    let absences = space.api("absences");
    let answers = call_all(&session, &MemoryStore::new(), vec![get(&absences)?, get(&absences)?])?;
    let requests = token_requests() - before;
    println!("{} calls over one session: {requests} token request", answers.len());
    if requests == 1 && answers.iter().all(|answer| answer.status().is_success()) {
        Ok(())
    } else {
        Err("two calls did not share one renewal".into())
    }
}

fn get(url: &str) -> Result<Request, http::Error> {
    http::Request::get(url).body(Vec::new())
}

/// The host's clock.
fn now() -> UnixTime {
    SystemTime::now().into()
}

/// The host's randomness.
fn entropy() -> Result<Entropy, getrandom::Error> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    Ok(Entropy::from_seed(seed))
}
