//! Personas that tell who logged in: each as its documentation says, met by the library as its profile says, and refused where it
//! says otherwise.

use std::sync::Arc;

use http::header::{LOCATION, USER_AGENT};
use serde_json::{Value, json};
use valetkey_core::client::AuthenticationMethod::{None as Nobody, SecretBasic, SecretPost};
use valetkey_core::identity::Login;
use valetkey_core::jose::{Algorithm, AwsLc, KeyPair, PrivateJwk};
use valetkey_core::openid::UserInfoRequest;
use valetkey_core::server::{Endpoint, Profile};
use valetkey_core::token::JwtAssertions;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Client, Error, Flow, Grant,
    PendingAuthorization, Quirk, Request, Response, Rule, Step, TokenRequest, TokenResponse,
};
use valetkey_sandbox::{Arrival, Persona, Provider};
use valetkey_tests::{NOW, entropy};

const REDIRECT: &str = "https://app.example/callback";

/// A provider, and what the program asks of a login there.
struct Visit {
    provider: Provider,
    persona: Persona,
    pending: Option<PendingAuthorization>,
}

impl Visit {
    fn at(name: &str) -> Self {
        let persona = Persona::named(name).unwrap();
        Self { provider: Provider::new(&persona, [7; 32]), persona, pending: None }
    }

    /// The same, whose ID tokens say something else.
    fn saying(name: &str, claim: &str, value: Value) -> Self {
        let mut visit = Self::at(name);
        visit.provider.say_in_id_tokens(claim, value);
        visit
    }

    fn send(&mut self, mut request: Request) -> Response {
        request.headers_mut().insert(USER_AGENT, "tests/1".parse().unwrap());
        self.provider.answer(&request, NOW)
    }

    fn run<F: Flow>(&mut self, mut flow: F) -> Result<F::Output, Error> {
        let mut answer = None;
        loop {
            match flow.step(answer.take(), NOW)? {
                Step::Done(output) => return Ok(output),
                Step::Wait(_) => panic!("nothing is waited for here"),
                Step::Send(request) => answer = Some(self.send(request)),
            }
        }
    }

    /// The server as its profile knows it.
    fn server(&mut self) -> AuthorizationServer {
        let profile = Profile::named(self.persona.name()).unwrap();
        match self.persona.issuer() {
            Some(issuer) => self.run(profile.discovery(issuer).unwrap()).unwrap().into_server(),
            None => profile.server().unwrap(),
        }
    }

    fn client(&self, server: AuthorizationServer) -> Client {
        let method = server.preferred_method(&[SecretBasic, SecretPost, Nobody]);
        let client = Client::new(server, self.provider.client_id());
        if let Some(written) = self.provider.written_secret() {
            let key = PrivateJwk::parse(written.key.as_bytes()).unwrap();
            let key = Arc::new(KeyPair::new(&AwsLc, Algorithm::Es256, &key).unwrap());
            let (issuer, audience) = (written.issuer, written.audience);
            let secret = JwtAssertions::new(key, entropy(3), issuer, client.id(), audience);
            return client.secret_written_by(secret).unwrap();
        }
        match method {
            Some(SecretPost) => client.secret_in_body(self.provider.client_secret()).unwrap(),
            Some(Nobody) => client,
            _ => client.secret(self.provider.client_secret()).unwrap(),
        }
    }

    /// The browser's part: where it arrives.
    fn browse(&mut self, request: &AuthorizationRequest) -> Result<AuthorizationResponse, Error> {
        let (url, pending) = request.begin_unbound(entropy(7), NOW)?;
        self.pending = Some(pending);
        let mut open = Request::new(Vec::new());
        *open.uri_mut() = url.as_str().parse().unwrap();
        let page = self.send(open);
        match Arrival::after(&page).unwrap() {
            Arrival::Get(_) => AuthorizationResponse::from_url(page.headers()[LOCATION].to_str().unwrap()),
            Arrival::Post(form) => AuthorizationResponse::from_request(REDIRECT, &*form),
        }
    }

    fn log_in_as(&mut self, client: &Client, request: AuthorizationRequest) -> Result<TokenResponse, Error> {
        let response = self.browse(&request)?;
        let flow = self.pending.as_mut().unwrap().finish(client, &response, NOW)?;
        self.run(flow)
    }

    /// A login with the scope that the persona knows, and more.
    fn log_in(
        &mut self,
        server: AuthorizationServer,
        ask: impl FnOnce(AuthorizationRequest) -> AuthorizationRequest,
    ) -> Result<(Client, TokenResponse), Error> {
        let client = self.client(server);
        let request = AuthorizationRequest::new(&client, REDIRECT)?.scope(self.persona.scope())?;
        let tokens = self.log_in_as(&client, ask(request))?;
        Ok((client, tokens))
    }
}

fn logged_in(visit: &mut Visit) -> Result<Login, Error> {
    let server = visit.server();
    let (_, tokens) = visit.log_in(server, |request| request)?;
    Ok(tokens.login().expect("a login").clone())
}

/// ID-8, ID-9, UI-5: nothing has to be written for a profile that tells who logged in.
#[test]
fn who_logged_in_is_known_wherever_the_profile_says_so() {
    let mut told = 0;
    for profile in Profile::ALL.iter().filter(|profile| profile.tells_who_logged_in()) {
        // What Facebook tells is for clients without a secret, which its persona does not play.
        if profile.name() == "facebook" {
            continue;
        }
        told += 1;
        let name = profile.name();
        let mut visit = Visit::at(name);
        let server = visit.server();
        let (client, tokens) =
            visit.log_in(server, |request| request).unwrap_or_else(|error| panic!("{name}: {error}"));
        let login = tokens.login().unwrap_or_else(|| panic!("{name} tells nobody"));
        let identity = login.identity();
        assert_eq!(visit.persona.identity(), Some((identity.issuer(), identity.subject())), "{name}");
        assert!(login.checks().contains(Rule::Id8), "{name}: by its signature");
        assert!(visit.provider.refusals().is_empty(), "{name}: {:?}", visit.provider.refusals());
        if client.server().url_of(Endpoint::Userinfo).is_some() {
            let about = visit.run(UserInfoRequest::new(&client, &tokens).unwrap());
            assert_eq!(
                about.unwrap_or_else(|error| panic!("{name}: {error}")).identity(),
                identity,
                "{name}"
            );
        }
        if let Some(token) = tokens.refresh_token() {
            let renewed = TokenRequest::new(&client, Grant::refresh_token(token)).unwrap();
            assert!(visit.run(renewed).is_ok(), "{name}");
        }
        // Somebody else's, or nobody's.
        for (claim, value, rule) in [
            ("iss", json!("https://attacker.example"), Rule::Id9),
            ("aud", json!("another"), Rule::Id10),
            ("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA"), Rule::Id19),
        ] {
            let refused = login_refused(name, claim, value);
            assert_eq!(refused.rule(), Some(rule), "{name}: {refused}");
        }
    }
    assert!(told >= 17, "{told}");
    for persona in Persona::all() {
        let profile = Profile::named(persona.name()).unwrap();
        assert!(persona.identity().is_none() || profile.tells_who_logged_in(), "{}", persona.name());
    }
}

fn login_refused(name: &str, claim: &str, value: Value) -> Error {
    logged_in(&mut Visit::saying(name, claim, value)).unwrap_err()
}

/// ID-57: Google leaves out the scheme, and says by `hd` whose people log in.
#[test]
fn google_is_met_without_a_scheme_and_a_domain_is_compared() {
    let mut visit = Visit::at("google");
    let server = visit.server();
    let told = |visit: &mut Visit, domain: &'static str| {
        let server = server.clone();
        visit.log_in(server, |request| request.parameter("hd", domain).unwrap())
    };
    let (_, tokens) = told(&mut visit, "example.com").unwrap();
    let login = tokens.login().unwrap();
    assert_eq!(login.identity().issuer(), "https://accounts.google.com");
    assert!(login.quirks().contains(Quirk::IssuerWithoutScheme) && login.checks().contains(Rule::Id57));
    assert!(told(&mut visit, "*").is_ok());
    assert_eq!(told(&mut visit, "other.example").unwrap_err().rule(), Some(Rule::Id57));
    let mut consumer = Visit::saying("google", "hd", Value::Null);
    assert_eq!(told(&mut consumer, "example.com").unwrap_err().rule(), Some(Rule::Id57));
    assert_eq!(told(&mut consumer, "*").unwrap_err().rule(), Some(Rule::Id57));

    // Another profile has no such issuer.
    let bare = login_refused("gitlab", "iss", json!("gitlab.com"));
    assert_eq!(bare.rule(), Some(Rule::Id9));
    let whole = logged_in(&mut Visit::saying("google", "iss", json!("https://accounts.google.com"))).unwrap();
    assert!(!whole.quirks().contains(Quirk::IssuerWithoutScheme));
}

/// ID-55, ID-56: Entra ID, of one tenant and of many.
#[test]
fn entra_is_met_as_one_tenant_or_as_many() {
    const TENANT: &str = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
    const OTHER: &str = "99999999-0000-cccc-1111-dddd2222eeee";
    let one = logged_in(&mut Visit::at("entra")).unwrap();
    assert!(!one.quirks().contains(Quirk::TenantOfIssuer));
    assert_eq!(one.claim::<String>("tid").unwrap().as_deref(), Some(TENANT));

    for name in ["organizations", "common"] {
        let issuer = format!("https://login.microsoftonline.com/{name}/v2.0");
        let mut visit = Visit::at("entra");
        let strict = visit.run(valetkey_core::Discovery::new(&issuer).unwrap());
        assert_eq!(strict.unwrap_err().rule(), Some(Rule::Di4), "the program did not name another");
        let metadata = visit.run(Profile::ENTRA.discovery(&issuer).unwrap()).unwrap();
        assert!(metadata.quirks().contains(Quirk::OtherIssuer));
        let server = metadata.into_server();
        let nobody = visit.log_in(server.clone(), |request| request).unwrap_err();
        assert_eq!(nobody.rule(), Some(Rule::Id55), "nobody said whose people may log in");
        let other = server.clone().tenants([OTHER]).unwrap();
        assert_eq!(visit.log_in(other, |request| request).unwrap_err().rule(), Some(Rule::Id55));
        for server in [server.clone().tenants([TENANT, OTHER]).unwrap(), server.clone().any_tenant().unwrap()]
        {
            let (client, tokens) = visit.log_in(server, |request| request).unwrap();
            let login = tokens.login().unwrap();
            assert_eq!(login.identity(), one.identity(), "the same person as by the one tenant's issuer");
            assert!(login.quirks().contains(Quirk::TenantOfIssuer));
            assert!(visit.run(UserInfoRequest::new(&client, &tokens).unwrap()).is_ok());
        }
        // A tenant that is not the one in `iss`, or is none.
        for tid in [json!(OTHER), json!("evil/../x"), json!(null), json!("common")] {
            let mut lying = Visit::saying("entra", "tid", tid.clone());
            let any = server.clone().any_tenant().unwrap();
            assert_eq!(lying.log_in(any, |request| request).unwrap_err().rule(), Some(Rule::Id55), "{tid}");
        }
    }
    // Microsoft accounts are one tenant.
    let consumers = Profile::ENTRA.naming().iter().find(|(asked, _)| asked.contains("consumers")).unwrap();
    assert!(consumers.1.contains("9188040d-6c67-4c5b-b112-36a304b66dad"));
}

/// ID-58, AR-23: Apple wants a secret that is written for each request, answers by a form, and writes booleans as texts.
#[test]
fn apple_is_met_by_a_form_and_a_secret_that_is_a_jwt() {
    #[derive(serde::Deserialize)]
    struct User {
        name: Name,
    }
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Name {
        first_name: String,
    }
    let mut visit = Visit::at("apple");
    let client = {
        let server = visit.server();
        visit.client(server)
    };
    assert_eq!(client.method(), SecretPost);
    let request =
        || AuthorizationRequest::new(&client, REDIRECT).unwrap().scope("openid name email").unwrap();
    let tokens = visit.log_in_as(&client, request()).unwrap();
    assert!(visit.provider.refusals().is_empty(), "{:?}", visit.provider.refusals());
    let login = tokens.login().unwrap();
    assert!(login.standard_claims().verified_email().unwrap().ends_with("@privaterelay.appleid.com"));
    assert_eq!(login.flag("is_private_email").unwrap(), Some(true));
    assert!(login.quirks().contains(Quirk::BooleanAsText), "and that it was a text is told");
    let user: User = visit.pending.as_ref().unwrap().user_said_by_browser().unwrap().unwrap();
    assert_eq!(user.name.first_name, "Jane");
    // Only once.
    visit.log_in_as(&client, request()).unwrap();
    assert!(visit.pending.as_ref().unwrap().user_said_by_browser::<User>().unwrap().is_none());
    // Each request has a secret of its own.
    let token = tokens.refresh_token().unwrap();
    assert!(visit.run(TokenRequest::new(&client, Grant::refresh_token(token)).unwrap()).is_ok());

    for value in [json!("yes"), json!(1)] {
        let told = login_of(&mut Visit::saying("apple", "is_private_email", value));
        assert_eq!(told.flag("is_private_email").unwrap_err().rule(), Some(Rule::Id58));
    }
    let mut native = Visit::saying("apple", "nonce_supported", json!(false));
    native.provider.say_in_id_tokens("nonce", json!(null));
    assert_eq!(logged_in(&mut native).unwrap_err().rule(), Some(Rule::Id58));
}

fn login_of(visit: &mut Visit) -> Login {
    logged_in(visit).unwrap()
}

/// CA-1: a secret that another key signed, or for another server, is no secret.
#[test]
fn a_secret_that_is_not_written_as_apple_wants_it_is_refused() {
    let refused = |change: fn(&mut valetkey_sandbox::WrittenSecret)| {
        let mut visit = Visit::at("apple");
        let server = visit.server();
        let mut written = visit.provider.written_secret().unwrap();
        assert!(!format!("{written:?}").contains("\"d\""));
        change(&mut written);
        let key = PrivateJwk::parse(written.key.as_bytes()).unwrap();
        let key = Arc::new(KeyPair::new(&AwsLc, Algorithm::Es256, &key).unwrap());
        let client = Client::new(server, visit.provider.client_id());
        let secret = JwtAssertions::new(key, entropy(3), written.issuer, client.id(), written.audience);
        let client = client.secret_written_by(secret).unwrap();
        assert_eq!(client.clone().secret("another").err().unwrap().rule(), Some(Rule::Ca1));
        let request = AuthorizationRequest::new(&client, REDIRECT).unwrap().scope("openid").unwrap();
        visit.log_in_as(&client, request).err().and_then(|error| {
            let text = format!("{error} {error:?}");
            assert!(!text.contains("eyJ"), "{text}");
            Some(error.refused()?.code()?.as_str().to_owned())
        })
    };
    assert_eq!(refused(|_| {}), None);
    assert_eq!(refused(|it| it.issuer = "ANOTHER123").as_deref(), Some("invalid_client"));
    assert_eq!(refused(|it| it.audience = "https://attacker.example").as_deref(), Some("invalid_client"));
    let another = |it: &mut valetkey_sandbox::WrittenSecret| {
        let persona = Persona::named("apple").unwrap();
        it.key = Provider::new(&persona, [8; 32]).written_secret().unwrap().key;
    };
    assert_eq!(refused(another).as_deref(), Some("invalid_client"));
}

/// AR-11: without `name` and `email` the answer comes as everywhere, and a program's own choice stands.
#[test]
fn a_form_is_asked_for_by_the_scopes_that_need_it() {
    let mut visit = Visit::at("apple");
    let client = {
        let server = visit.server();
        visit.client(server)
    };
    let url = |scope: &str, mode: Option<valetkey_core::authorize::ResponseMode>| {
        let request = AuthorizationRequest::new(&client, REDIRECT).unwrap().scope(scope).unwrap();
        let request = mode.map_or(request.clone(), |mode| request.response_mode(mode));
        request.begin_unbound(entropy(7), NOW).unwrap().0.as_str().to_owned()
    };
    assert!(!url("openid", None).contains("response_mode"));
    assert!(url("openid email", None).contains("response_mode=form_post"));
    assert!(url("name", None).contains("response_mode=form_post"));
    let own = url("openid email", Some(valetkey_core::authorize::ResponseMode::Query));
    assert!(!own.contains("form_post"));
}

/// ID-15: LinkedIn's ID tokens have no nonce.
#[test]
fn linkedin_is_met_without_a_nonce() {
    let told = logged_in(&mut Visit::at("linkedin")).unwrap();
    assert!(told.quirks().contains(Quirk::NoNonce));
    assert_eq!(login_refused("linkedin", "nonce", json!("another")).rule(), Some(Rule::Id15));
    assert_eq!(login_refused("twitch", "nonce", json!(null)).rule(), Some(Rule::Id15));
}

/// ID-30: LINE signs with the channel's secret, for a client that has one.
#[test]
fn line_is_met_by_the_secret_of_its_channel() {
    assert!(logged_in(&mut Visit::at("line")).is_ok());
    let mut visit = Visit::at("line");
    let server = visit.server();
    let other = Client::new(server, visit.provider.client_id()).secret_in_body("x".repeat(43)).unwrap();
    let request = AuthorizationRequest::new(&other, REDIRECT).unwrap().scope("openid profile").unwrap();
    assert!(visit.log_in_as(&other, request).is_err(), "another secret verifies nothing");
    // A program that is registered for keys says so.
    let known = Visit::at("line").client(Profile::LINE.server().unwrap());
    assert!(known.id_token_algorithm(Algorithm::Es256).is_ok());
}
