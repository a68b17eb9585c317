//! What is left of a session's record when it ends, or when a login replaces it.

use serde::Deserialize;

use crate::client::Client;
use crate::ground::time::UnixTime;
use crate::ground::token_type::TokenType;
use crate::session::record::SessionRecord;
use crate::store::entry::StoredBytes;

impl SessionRecord {
    /// What is taken up of a record that is not this session's, or that cannot be read, by what is about to replace it: how
    /// many tokens there were, if that can be known.
    pub(crate) fn replaced(bytes: &StoredBytes, client: &Client) -> Self {
        #[derive(Deserialize)]
        struct Any {
            generation: u64,
        }
        let generation = serde_json::from_slice(bytes.expose()).map_or(0, |Any { generation }| generation);
        Self { generation, ..Self::new(client, None) }
    }

    /// The record without tokens, to begin anew.
    pub(crate) fn emptied(&self) -> Self {
        Self {
            login: None,
            other_login: None,
            known: None,
            scope: None,
            access_token: None,
            token_type: TokenType::Bearer,
            dpop_jkt: None,
            issued_at: None,
            expires_at: None,
            refresh_token: None,
            intent: None,
            failure: None,
            ended_at: None,
            ..self.clone()
        }
    }

    /// What is left of it when the session ends: newer than all tokens that there were.
    pub(crate) fn tombstone(&self, now: UnixTime) -> Self {
        Self {
            login: self.login.clone(),
            other_login: self.other_login.clone(),
            generation: self.generation.saturating_add(1),
            resources: Vec::new(),
            purpose: None,
            indexes: Vec::new(),
            kept: None,
            ended_at: Some(now),
            was_stored: true,
            ..self.emptied()
        }
    }

    /// Whether it says that the session was ended.
    pub(crate) const fn is_ended(&self) -> bool {
        self.ended_at.is_some()
    }
}
