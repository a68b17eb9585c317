//! Personas that let devices in: each as its documentation says, met by the library as its profile says.

use http::header::USER_AGENT;
use valetkey_core::client::AuthenticationMethod::{SecretBasic, SecretPost};
use valetkey_core::server::{Endpoint, Profile};
use valetkey_core::{
    Client, DeviceAuthorization, DeviceAuthorizationRequest, DevicePoll, Error, Flow, Quirk, Request, Step,
    TokenResponse, UnixTime,
};
use valetkey_sandbox::{Persona, Provider};
use valetkey_tests::NOW;

/// A provider, and the clock of whoever speaks to it.
struct Meeting {
    provider: Provider,
    persona: Persona,
    client: Client,
    now: UnixTime,
    sent: usize,
}

fn send(provider: &mut Provider, mut request: Request, now: UnixTime) -> valetkey_core::Response {
    request.headers_mut().insert(USER_AGENT, "tests/1".parse().unwrap());
    provider.answer(&request, now)
}

impl Meeting {
    /// The client as the profile knows its server, with a secret where a device needs one.
    fn with(persona: Persona) -> Self {
        let mut provider = Provider::new(&persona, [7; 32]);
        let profile = Profile::named(persona.name()).unwrap();
        let server = match (persona.issuer(), profile.server()) {
            (Some(issuer), _) => {
                let mut flow = profile.discovery(issuer).unwrap();
                let mut answer = None;
                loop {
                    match flow.step(answer.take(), NOW).unwrap() {
                        Step::Send(request) => answer = Some(send(&mut provider, request, NOW)),
                        Step::Done(metadata) => break metadata.into_server(),
                        Step::Wait(_) => unreachable!("discovery waits for nothing"),
                    }
                }
            }
            (None, server) => server.unwrap(),
        };
        let method = server.preferred_method(&[SecretBasic, SecretPost]);
        let client = Client::new(server, provider.client_id());
        let secret = provider.client_secret().to_owned();
        let client = match (["google", "zoom"].contains(&persona.name()), method) {
            (false, _) => client,
            (true, Some(SecretPost)) => client.secret_in_body(secret).unwrap(),
            (true, _) => client.secret(secret).unwrap(),
        };
        Self { provider, persona, client, now: NOW, sent: 0 }
    }

    /// Carries a flow out, with something that happens after each answer.
    fn run<F: Flow>(
        &mut self,
        mut flow: F,
        mut then: impl FnMut(&mut Provider, usize),
    ) -> Result<F::Output, Error> {
        let mut answer = None;
        self.sent = 0;
        for _ in 0..1_000 {
            match flow.step(answer.take(), self.now)? {
                Step::Done(output) => return Ok(output),
                Step::Wait(time) => self.now = self.now.after(time),
                Step::Send(request) => {
                    answer = Some(send(&mut self.provider, request, self.now));
                    self.sent += 1;
                    then(&mut self.provider, self.sent);
                }
            }
        }
        panic!("{} does not end", self.persona.name());
    }

    fn begin(&mut self) -> DeviceAuthorization {
        let request = DeviceAuthorizationRequest::new(&self.client).unwrap();
        let request = match self.persona.scope() {
            "" => request,
            scope => request.scope(scope).unwrap(),
        };
        let name = self.persona.name();
        self.run(request, |_, _| ()).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Asks until it is told, while the person decides after the second time.
    fn poll(
        &mut self,
        device: DeviceAuthorization,
        decide: fn(&mut Provider, &str) -> bool,
    ) -> Result<TokenResponse, Error> {
        let code = device.user_code().to_owned();
        let poll = DevicePoll::new(&self.client, device)?;
        self.run(poll, |provider, sent| {
            if sent == 2 {
                assert!(decide(provider, &code), "no device waits");
            }
        })
    }
}

fn all() -> impl Iterator<Item = Persona> {
    Persona::all().into_iter().filter(|persona| persona.device_login().is_some())
}

/// DV-1, DV-3: what a person allowed is had by asking on.
#[test]
fn a_device_is_let_in_at_each_persona_that_has_a_page_about_it() {
    assert!(all().count() >= 7);
    for persona in all() {
        let name = persona.name();
        assert!(persona.device_login().unwrap().starts_with("https://"), "{name}");
        let mut meeting = Meeting::with(persona);
        let device = meeting.begin();
        assert!(
            device.verification_uri().starts_with("https://") && !device.user_code().is_empty(),
            "{name}"
        );
        assert_eq!(device.quirks().contains(Quirk::VerificationUrl), name == "google", "{name}");
        let tokens = meeting.poll(device, Provider::approve_device);
        let tokens = tokens.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(tokens.refresh_token().is_some(), "{name}");
        // Who logged in is proven by keys, which are asked for once.
        let identity = tokens.login().map(|login| login.identity());
        let identity = identity.map(|identity| (identity.issuer(), identity.subject()));
        assert_eq!(identity, meeting.persona.identity(), "{name}");
        let asked = 3 + usize::from(identity.is_some());
        assert_eq!(meeting.sent, asked, "{name}: twice it was told to wait");
        assert_eq!(meeting.now.since(NOW).as_secs(), 15, "{name}");
        assert!(meeting.provider.refusals().is_empty(), "{name}: {:?}", meeting.provider.refusals());
    }
}

/// DV-4: the person's no ends it, in whatever words; where a server has none for it, the code is good for nothing.
#[test]
fn a_persons_no_ends_a_device_login_at_each_persona() {
    for persona in all() {
        let name = persona.name();
        let mut meeting = Meeting::with(persona);
        let device = meeting.begin();
        let told = meeting.poll(device, Provider::deny_device).unwrap_err();
        assert_eq!(told.is_access_denied(), name != "twitch", "{name}: {told}");
        assert_eq!(told.is_authorization_required(), name == "twitch", "{name}: {told}");
        assert_eq!(meeting.sent, 3, "{name}");
    }
}

/// What a profile says of devices has its persona.
#[test]
fn every_profile_with_a_device_endpoint_has_a_persona_that_plays_it() {
    for profile in Profile::ALL {
        let asks = profile.server().is_some_and(|it| it.url_of(Endpoint::DeviceAuthorization).is_some());
        let persona = Persona::named(profile.name()).unwrap();
        assert!(!asks || persona.device_login().is_some(), "{}", profile.name());
    }
}

#[test]
fn a_device_that_shows_no_secret_is_refused_where_it_is_wanted() {
    for (name, when_it_asks) in [("zoom", true), ("google", false)] {
        let mut meeting = Meeting::with(Persona::named(name).unwrap());
        meeting.client = Client::new(meeting.client.server().clone(), meeting.provider.client_id());
        let begun = DeviceAuthorizationRequest::new(&meeting.client).unwrap();
        let begun = meeting.run(begun, |_, _| ());
        assert_eq!(begun.is_err(), when_it_asks, "{name}");
        let Ok(device) = begun else { continue };
        let refused = meeting.poll(device, Provider::approve_device).unwrap_err();
        assert_eq!(refused.refused().unwrap().code().unwrap().as_str(), "invalid_client", "{name}");
    }
    // One that is shown unasked is looked at.
    let mut github = Meeting::with(Persona::named("github").unwrap());
    let server = github.client.server().clone();
    github.client = Client::new(server, github.provider.client_id()).secret_in_body("wrong").unwrap();
    let begun = DeviceAuthorizationRequest::new(&github.client).unwrap();
    assert!(github.run(begun, |_, _| ()).is_err());
}
