//! What a program says of a [`Session`] before it is used.

use std::sync::Arc;

use crate::ground::error::Error;
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::subject::Subject;
use crate::session::Session;
use crate::session::margin::Margin;
use crate::session::observer::Observer;
use crate::session::record::SessionRecord;
use crate::session::renewal::dead::RefusalPolicy;
use crate::store::entry::MOST_INDEXES;
use crate::store::index::Index;
use crate::terms::access::Asks as _;
use crate::terms::parameter;
use crate::terms::resource::Resource;
use crate::terms::scope::Scope;
use crate::token::grant::Grant;

impl Session {
    /// The scope that its refresh token was granted, for one that came from elsewhere: no renewal is taken that grants more
    /// ([TR-14](crate::Rule::Tr14)). It is not sent, since a refresh without a scope is for what was granted (RFC 6749 §6). Tokens that
    /// a login brought say it themselves, and a grant of the session's own has its own: there it changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([TR-11](crate::Rule::Tr11)) for a text that is not a scope.
    pub fn with_scope(mut self, scope: impl TryInto<Scope, Error: Into<Error>>) -> Result<Self, Error> {
        let scope = scope.try_into().map_err(Into::into)?;
        let came_alone = |record: &&mut SessionRecord| {
            record.refresh_token.is_some() && record.access_token.is_none() && record.login.is_none()
        };
        if let Some(record) = self.record.as_mut().filter(came_alone) {
            record.scope = Some(scope);
        }
        Ok(self)
    }

    /// Names these APIs whenever the refresh token is used (RFC 8707 §2.2), for one that came from elsewhere. Tokens that
    /// were asked for with resources bring them along; fewer of these may be named, and a renewal that names others is refused before
    /// it is sent ([TR-22](crate::Rule::Tr22)).
    #[must_use]
    pub fn with_resources(mut self, resources: impl IntoIterator<Item = Resource>) -> Self {
        if let Some(record) = &mut self.record {
            let granted = std::mem::replace(&mut record.resources, resources.into_iter().collect());
            let is_known = record.login.is_some() && !granted.is_empty();
            self.is_widened = is_known && record.resources.iter().any(|one| !granted.contains(one));
            self.purpose = self.purpose.with_resources(record.resources.clone());
        }
        self
    }

    /// A further parameter that goes along whenever the refresh token is used. A server that wants it in every token request is told
    /// so once: [`AuthorizationServer::token_parameter`](crate::AuthorizationServer::token_parameter).
    ///
    /// It is not stored: a session that is taken up again is given it again.
    ///
    /// A parameter that says which token it is, such as `audience` or `tenant`, says what the session is for, as
    /// [`with_resources`](Self::with_resources) does: tokens in a store that were got for another are not taken, which is told as
    /// [`Error::AuthorizationRequired`] ([ST-4](crate::Rule::St4)). Those of a login are taken to be for it.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-6](crate::Rule::Aq6)) if the library sends the parameter itself, it is `resource` or
    /// `authorization_details`, which a refresh does not widen, it was set before, or there are control characters.
    pub fn with_refresh_parameter(mut self, name: &str, value: &str) -> Result<Self, Error> {
        let is_set = self.refresh_parameters.iter().any(|(known, _)| known == name);
        parameter::require_beside(name, value, |name| is_set || Grant::is_reserved(name))?;
        self.refresh_parameters.push((name.to_owned(), value.to_owned()));
        let named = self.named_by(self.grant.clone());
        if named.is_some() {
            if let Some(record) = &mut self.record {
                record.purpose.clone_from(&named);
            }
            self.purpose = self.purpose.with_named(named);
        }
        Ok(self)
    }

    /// What its refreshes, and this grant, name in public: see [`Grant::purpose`].
    pub(super) fn named_by(&self, grant: Option<Grant>) -> Option<String> {
        let grant = grant.unwrap_or_else(|| Grant::unproven("refresh_token", Subject::User, &[]));
        let parameters = self.refresh_parameters.iter();
        parameters.fold(grant, |grant, (name, value)| grant.repeated_parameter(name, value)).purpose()
    }

    /// What it makes of a refusal of its refresh token in words that are not known: three of them end it by default.
    #[must_use]
    pub const fn with_refusal_policy(mut self, policy: RefusalPolicy) -> Self {
        self.refusals = policy;
        self
    }

    /// Admits one departure from the RFCs: at its APIs, where [`Quirk::LoopbackHttp`], [`Quirk::BadTokenBy400`] and
    /// [`Quirk::BadTokenBy403`] matter, and at the server of its client, for the requests and responses of its renewals and its
    /// log-out. Before the session's credential is [shared](Self::shared).
    ///
    /// What the client has made already stays as it is: its Basic credentials
    /// ([`Quirk::RawBasic`]) and the audience of its assertions
    /// ([`Quirk::EndpointAudience`]). A token that is
    /// held already is not looked at again either ([`Quirk::BearerForDpop`]): the next one is. Admit
    /// these at the [server](crate::AuthorizationServer::admit) before the client is made.
    #[must_use]
    pub fn admit(self, quirk: Quirk) -> Self {
        self.admit_all(Quirks::default().with(quirk))
    }

    /// Admits all of these.
    #[must_use]
    pub fn admit_all(mut self, quirks: Quirks) -> Self {
        if let Some(client) = &mut self.client {
            *client = client.admitting(quirks);
        }
        self.shared = self.shared.admitting(quirks);
        self
    }

    /// Renews tokens this long before they expire, in the place of what is known of the server
    /// ([`AuthorizationServer::renewed_before_expiry`](crate::AuthorizationServer::renewed_before_expiry)).
    #[must_use]
    pub fn with_margin(mut self, margin: Margin) -> Self {
        self.margin = margin;
        self.hold_anew();
        self
    }

    /// Spreads the renewals of those who share its tokens: `of_a_thousand`, a random number from 0 to 1000, makes the
    /// margin and the waits after failures up to a quarter longer. The adapters set it.
    #[must_use]
    pub fn with_spread(mut self, of_a_thousand: u16) -> Self {
        self.spread = of_a_thousand.min(1000);
        self.hold_anew();
        self
    }

    /// Tells this observer, beside any other, what becomes of its renewals once it is [shared](crate::session::SharedSession): by the
    /// adapters' `Tokens`, for example. A renewal that is stepped by hand is seen by that hand.
    #[must_use]
    pub fn with_observer(self, observer: Arc<dyn Observer>) -> Self {
        Self { observers: self.observers.and(observer), ..self }
    }

    /// Is found in its store by these, too ([`Store::find`](crate::store::Store::find)): by the user and the login at the
    /// authorization server, for example, so that a log-out which names these finds it. They stay with the record when it
    /// is renewed; a store keeps [`MOST_INDEXES`] of them. The record that a store has already gets them in the place of its
    /// own when the session is written next, but not that of another login than the session's own.
    #[must_use]
    pub fn with_indexes(mut self, indexes: impl IntoIterator<Item = Index>) -> Self {
        let indexes: Vec<_> = indexes.into_iter().take(MOST_INDEXES).collect();
        if let Some(unsaved) = &mut self.unsaved {
            unsaved.index(&indexes);
        }
        if let Some(record) = &mut self.record {
            record.indexes.clone_from(&indexes);
        }
        self.purpose = self.purpose.with_indexes(indexes);
        self
    }
}
