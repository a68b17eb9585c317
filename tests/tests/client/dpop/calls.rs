//! DP-3 to DP-6, DP-10 at an API: a demand for a nonce among challenges, answered once, and what a renewal cannot mend.

use valetkey_core::session::{Call, CallStep};
use valetkey_core::{Client, Flow as _, Response, Rule, Session, Step};
use valetkey_tests::{entropy, get, heard, json};

use super::world::{ME, Proof, World, dpop};

/// DP-3: the server's nonce is not the API's, though one origin is both; each is learned from any answer, a success too.
#[test]
fn each_server_has_its_own_nonce() {
    let mut world = World::with_nonces();
    let client = world.web(&dpop(1));
    let tokens = world.tokens(&client).unwrap();
    let mut session = Session::from_tokens(&client, &tokens);
    let of_server = world.proofs()[1].nonce().unwrap().to_owned();
    world.forget();
    assert_eq!(world.call(&mut session).unwrap(), 200);
    let nonces: Vec<_> = world.proofs().iter().map(|proof| proof.nonce().map(str::to_owned)).collect();
    let [None, Some(of_api)] = &nonces[..] else { panic!("{nonces:?}") };
    assert_ne!(*of_api, of_server);

    for _ in 0..3 {
        world.forget();
        world.pass(60);
        assert_eq!(world.call(&mut session).unwrap(), 200);
        let [proof] = &world.proofs()[..] else { panic!("the answers told the next nonce") };
        assert_ne!(proof.nonce(), Some(&*of_server));
    }
}

/// DP-3: clones of the key share its nonces, and other keys do not.
#[test]
fn clones_share_nonces() {
    let mut world = World::with_nonces();
    let key = dpop(1);
    world.tokens(&world.web(&key)).unwrap();
    world.forget();
    world.tokens(&World::native(&key)).unwrap_err();
    assert!(world.proofs()[0].nonce().is_some());
    world.forget();
    world.tokens(&world.web(&dpop(1))).unwrap();
    assert_eq!(world.proofs()[0].nonce(), None);
}

/// Each way of asking: how often the API and the token endpoint are asked, and what the answer is.
#[test]
fn what_an_api_asks_for_is_done_once() {
    for (name, always, api, renewals, status) in [
        ("api-dpop-nonce-repeats", true, 2, 0, 401),
        ("api-dpop-nonce-missing", true, 1, 0, 401),
        ("api-dpop-nonce-400", false, 2, 0, 200),
        ("api-dpop-nonce-400", true, 2, 0, 400),
        ("api-dpop-nonce-among-others", false, 2, 0, 200),
        // DP-7: it is renewed as any 401, and never sent as a bearer token.
        ("api-dpop-downgrade", true, 2, 1, 401),
        // DP-2: no proof of ours would do.
        ("api-dpop-algorithms", true, 1, 0, 401),
    ] {
        let mut world = World::new();
        let client = world.web(&dpop(1));
        let mut session = world.session(&client);
        world.misbehave(name, always);
        assert_eq!(world.call(&mut session).unwrap(), status, "{name}");
        assert_eq!(world.counts(), (renewals, api), "{name}");
        for sent in world.sent.iter().filter(|sent| sent.uri().path().starts_with("/api/")) {
            assert!(sent.headers()["authorization"].to_str().unwrap().starts_with("DPoP "), "{name}");
        }
    }
}

/// An API that wants the nonce that it was shown is told no more (DP-5).
#[test]
fn a_nonce_that_was_shown_is_not_shown_again() {
    let mut world = World::new();
    let client = world.web(&dpop(1));
    let mut session = world.session(&client);
    world.misbehave("api-dpop-nonce-repeats", true);
    for api in [2, 1, 1] {
        world.forget();
        assert_eq!(world.call(&mut session).unwrap(), 401);
        assert_eq!(world.counts(), (0, api));
    }
}

/// The retry for a nonce is not the one for a renewal, and each credential has one: four requests at the most.
#[test]
fn a_demand_for_a_nonce_is_no_refusal_of_the_token() {
    let mut world = World::new();
    let client = world.web(&dpop(1));
    let mut session = world.session(&client);
    let demand = |nonce| refusing(401, nonce, &[r#"DPoP error="use_dpop_nonce""#]);
    let refusal = || refusing(401, "", &[r#"DPoP error="invalid_token""#]);
    let mut answers = [demand("n1"), refusal(), demand("n2"), Some(json(200, ""))].into_iter();
    let mut call = session.call(get(ME)).unwrap();
    let (mut answer, mut nonces, mut renewals) = (None, Vec::new(), 0);
    loop {
        match call.step(answer.take(), world.now).unwrap() {
            Step::Send(request) if request.uri().path().starts_with("/api/") => {
                nonces.push(Proof::of(&request).unwrap().nonce().map(str::to_owned));
                answer = answers.next().unwrap();
            }
            Step::Send(request) => {
                renewals += 1;
                answer = Some(world.answer(request));
            }
            Step::Wait(time) => panic!("nothing to wait {time:?} for"),
            Step::Done(response) => {
                assert_eq!(response.status(), 200);
                break;
            }
        }
    }
    let nonces: Vec<_> = nonces.iter().map(|nonce| nonce.as_deref().unwrap_or("none")).collect();
    assert_eq!((nonces, renewals), (vec!["none", "n1", "n1", "n2"], 1));
}

/// A session with a bound token, and a call of it that has been sent; the API is the test's.
struct Scripted {
    session: Session,
    call: Call,
    sent: Vec<Proof>,
}

impl Scripted {
    fn new() -> Self {
        let mut world = World::new();
        let client = world.web(&dpop(1));
        let session = world.session(&client);
        let call = Call::new(session.shared(), &get(ME)).unwrap();
        let mut scripted = Self { session, call, sent: Vec::new() };
        assert!(scripted.goes_on(None));
        scripted
    }

    /// Hands an answer over, and goes on with the credential that is held; whether the request is sent again.
    fn goes_on(&mut self, mut answer: Option<Response>) -> bool {
        loop {
            match self.call.step(answer.take().as_ref().map(heard)).unwrap() {
                CallStep::Authorize if self.call.use_fresh(self.session.shared(), valetkey_tests::NOW) => {}
                CallStep::Authorize | CallStep::Done => return false,
                CallStep::Wait(_) => panic!("the key answers at once"),
                CallStep::Send(authorization) => {
                    let mut request = get(ME);
                    authorization.apply(request.headers_mut());
                    self.sent.push(Proof::of(&request).unwrap());
                    return true;
                }
            }
        }
    }
}

fn refusing(status: u16, nonce: &str, challenges: &[&str]) -> Option<Response> {
    let mut answer = json(status, "");
    for challenge in challenges {
        answer.headers_mut().append("www-authenticate", challenge.parse().unwrap());
    }
    if !nonce.is_empty() {
        answer.headers_mut().append("dpop-nonce", nonce.parse().unwrap());
    }
    Some(answer)
}

/// Once, even where each demand brings another nonce.
#[test]
fn an_api_that_is_never_content_is_asked_twice() {
    let demand = r#"DPoP error="use_dpop_nonce""#;
    let mut scripted = Scripted::new();
    assert!(scripted.goes_on(refusing(401, "n1", &[demand])));
    assert!(!scripted.goes_on(refusing(401, "n2", &[demand])));
    assert_eq!(scripted.sent.iter().map(Proof::nonce).collect::<Vec<_>>(), [None, Some("n1")]);
}

/// DP-10, DP-5, DP-4, DP-2: which answers are a demand for a nonce.
#[test]
fn a_demand_is_found_among_challenges() {
    for (status, nonce, challenges, repeated) in [
        (401, "n", &[r#"Bearer error="invalid_token""#, r#"DPoP error="use_dpop_nonce""#][..], true),
        (401, "n", &[r#"Bearer error="invalid_token", DPoP error="use_dpop_nonce", algs="ES256""#], true),
        (401, "n", &[r#"dPoP ERROR=use_dpop_nonce, ALGS="PS256 ES256""#], true),
        (401, "n", &[r#"DPoP error="use_dpop_nonce", algs="PS256 EdDSA""#], false),
        // RFC 9449 §9.
        (
            401,
            "eyJ7S_zG.eyJH0-Z.HX4w-7v",
            &[
                r#"DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof""#,
            ],
            true,
        ),
        (401, "n", &[r#"DPoP algs="ES256""#, r#"DPoP error="use_dpop_nonce""#], true),
        (401, "n", &[r#"Bearer error="use_dpop_nonce""#], false),
        (401, "n", &[r#"DPoP error="invalid_token""#], false),
        (401, "n", &[r#"DPoP error="use_dpop_nonce", error="x""#], false),
        (401, "n", &[], false),
        (401, "", &[r#"DPoP error="use_dpop_nonce""#], false),
        (401, "a b", &[r#"DPoP error="use_dpop_nonce""#], false),
        (403, "n", &[r#"DPoP error="use_dpop_nonce""#], false),
        (200, "n", &[r#"DPoP error="use_dpop_nonce""#], false),
    ] {
        let mut scripted = Scripted::new();
        assert_eq!(
            scripted.goes_on(refusing(status, nonce, challenges)),
            repeated,
            "{status} {challenges:?}"
        );
    }
    let mut twice = refusing(401, "n1", &[r#"DPoP error="use_dpop_nonce""#]).unwrap();
    twice.headers_mut().append("dpop-nonce", "n2".parse().unwrap());
    assert!(!Scripted::new().goes_on(Some(twice)), "two nonces are none (DP-4)");
}

/// DP-10, WA-3: of two challenges the one for DPoP says whether a new token would help.
#[test]
fn the_challenge_for_dpop_is_the_one_that_counts() {
    for (challenges, renewed) in [
        (&[r#"Bearer error="insufficient_scope""#, r#"DPoP error="invalid_token""#][..], true),
        (&[r#"Bearer error="invalid_token""#, r#"DPoP error="insufficient_scope""#], false),
        (&[r#"Bearer error="invalid_token""#, r#"DPoP error="invalid_dpop_proof""#], false),
        (&[r#"Bearer error="insufficient_scope""#], false),
        (&[], true),
    ] {
        let mut scripted = Scripted::new();
        assert!(!scripted.goes_on(refusing(401, "", challenges)));
        let readiness = scripted.session.authorize(&mut scripted.call, valetkey_tests::NOW);
        assert_eq!(
            readiness.is_ok_and(|ready| ready == valetkey_core::session::Readiness::Wait),
            renewed,
            "{challenges:?}"
        );
    }
}

/// Whoever takes the credential and sends by other means has each request signed, and learns from each answer.
#[test]
fn a_credential_signs_requests_by_itself() {
    let mut world = World::with_nonces();
    let client = world.web(&dpop(1));
    let session = world.session(&client);
    let credential = session.credential().unwrap();
    assert!(credential.is_bound());
    let signed = |world: &World| {
        let mut request = get(ME);
        request.headers_mut().insert("dpop", "another".parse().unwrap());
        credential.sign(&mut request, world.now).unwrap();
        request
    };
    let request = signed(&world);
    let demand = world.answer(request);
    assert_eq!(demand.status(), 401);
    assert!(credential.learn(&ME.parse().unwrap(), &demand));
    let request = signed(&world);
    let answer = world.answer(request);
    assert_eq!(answer.status(), 200);
    assert!(!credential.learn(&ME.parse().unwrap(), &answer));
    let relative = credential.sign(&mut get("/me"), world.now).unwrap_err();
    assert_eq!(relative.rule(), Some(Rule::Dp1));
}

/// WA-5, SECRET: nothing of a token or a proof is in what is printed.
#[test]
fn nothing_of_it_is_printed() {
    let mut world = World::with_nonces();
    let key = dpop(1);
    let client: Client = world.web(&key);
    let mut session = world.session(&client);
    let token = session.credential().unwrap().access_token().expose().to_owned();
    let mut call = Call::new(session.shared(), &get(ME)).unwrap();
    let _ = call.step(None);
    assert!(call.use_fresh(session.shared(), world.now));
    let step = call.step(None).unwrap();
    let shown = format!("{step:?}");
    let CallStep::Send(authorization) = step else { panic!("it is sent") };
    let mut request = get(ME);
    authorization.apply(request.headers_mut());
    let proof = request.headers()["dpop"].to_str().unwrap().to_owned();
    let code = valetkey_core::AuthorizationRequest::new(&client, "https://app.example/callback").unwrap();
    let pending = code.begin_unbound(entropy(9), world.now).unwrap().1;
    world.call(&mut session).unwrap();
    let record = session.record().unwrap();
    let shown = format!(
        "{key:?} {client:?} {session:?} {:?} {call:?} {shown} {record:?} {pending:?} {:?}",
        session.credential(),
        request.headers(),
    );
    for secret in [&*token, &proof, proof.rsplit('.').next().unwrap()] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
