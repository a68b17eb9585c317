//! The organisation that every example starts from.

use crate::{Application, Dialect, FlowKind, Rights, Sandbox, Subject, User};

/// The demo's users, `(username, password)`: Alice has every right, Bob only [`BOBS_RIGHTS`].
pub const DEMO_USERS: [(&str, &str); 2] =
    [("alice", "correct horse battery staple"), ("bob", "tr0ub4dor & 3 = 100% ünsafe")];

/// What Bob may do: see, and make nothing.
pub const BOBS_RIGHTS: [&str; 2] = ["global:Profile.View", "global:Profile.Absences.View"];

/// What the demo's chatbot may do on its own behalf.
pub const CHATBOTS_RIGHTS: [&str; 2] =
    ["channel:general:Channel.PostMessages", "global:Profile.Absences.View"];

/// The key of the demo's project.
pub const DEMO_PROJECT: &str = "DEMO";

/// The id of the demo's chat channel.
pub const DEMO_CHANNEL: &str = "general";

impl Sandbox {
    /// An organisation with the users of [`DEMO_USERS`], a project, a channel and four applications, whose client ids
    /// are:
    ///
    /// - `chatbot`: confidential, Client Credentials alone, with [`CHATBOTS_RIGHTS`];
    /// - `web`: confidential, Authorization Code and Password, at `https://app.example/callback` or on a loopback
    ///   port at `/callback`;
    /// - `native`: public, Authorization Code with PKCE, on a loopback port at `/callback`, by `localhost`
    ///   too, and the device grant;
    /// - `legacy`: confidential, Implicit and Password, at `https://legacy.example/callback` or on a loopback port
    ///   at `/callback`.
    ///
    /// The last three may ask a user for every right.
    #[must_use]
    pub fn demo(seed: [u8; 32]) -> Self {
        let mut sandbox = Self::new(seed);
        sandbox.add_project(DEMO_PROJECT);
        sandbox.add_channel(DEMO_CHANNEL);
        let [(alice, alices_password), (bob, bobs_password)] = DEMO_USERS;
        sandbox.add_user(User::new(alice, alices_password).display_name("Alice Archer"));
        sandbox.add_user(
            User::new(bob, bobs_password).display_name("Bob Baker").rights(Rights::of(BOBS_RIGHTS)),
        );
        let secret = |client_id: &str| sandbox.demo_secret(client_id);
        let applications = [
            Application::confidential("chatbot", &secret("chatbot"))
                .name("Chatbot")
                .without_flow(FlowKind::Password)
                .authorized(Rights::of(CHATBOTS_RIGHTS)),
            Application::confidential("web", &secret("web"))
                .name("Web application")
                .flow(FlowKind::AuthorizationCode)
                .without_flow(FlowKind::ClientCredentials)
                .redirect_uri("https://app.example/callback")
                .loopback("/callback")
                .may_request(Rights::All),
            Application::public("native")
                .name("Native application")
                .flow(FlowKind::AuthorizationCode)
                .flow(FlowKind::Device)
                .without_flow(FlowKind::Password)
                .loopback("/callback")
                .redirect_uri("http://localhost/callback")
                .may_request(Rights::All),
            Application::confidential("legacy", &secret("legacy"))
                .name("Legacy application")
                .flow(FlowKind::Implicit)
                .without_flow(FlowKind::ClientCredentials)
                .redirect_uri("https://legacy.example/callback")
                .loopback("/callback")
                .may_request(Rights::All),
        ];
        for application in applications {
            sandbox.add_application(application);
        }
        sandbox
    }

    /// The same organisation with an authorization server of today's: [`Dialect::Standard`], found by this issuer.
    #[must_use]
    pub fn standard(seed: [u8; 32], issuer: &str) -> Self {
        let mut sandbox = Self::demo(seed);
        sandbox.settings.dialect = Dialect::Standard;
        sandbox.settings.issuer = Some(issuer.to_owned());
        sandbox
    }

    /// The secret of a confidential application.
    #[must_use]
    pub fn client_secret(&self, client_id: &str) -> Option<&str> {
        self.application(client_id)?.secret.as_deref()
    }

    /// The password of a user.
    #[must_use]
    pub fn password(&self, username: &str) -> Option<&str> {
        self.user(username).map(|user| user.password.as_str())
    }

    /// A new permanent token of an application, with all its rights.
    pub fn permanent_token_of_application(&mut self, client_id: &str) -> String {
        self.permanent_token(Subject::Application(client_id.to_owned()), Rights::All)
    }

    /// A new permanent token of a user, with all the user's rights.
    pub fn permanent_token_of_user(&mut self, username: &str) -> String {
        self.permanent_token(Subject::User(username.to_owned()), Rights::All)
    }

    fn demo_secret(&self, client_id: &str) -> String {
        self.random.named(&format!("client secret {client_id}"))
    }
}
