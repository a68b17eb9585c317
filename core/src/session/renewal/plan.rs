//! What of a session a renewal goes by: [`Plan`].

use std::time::Duration;

use crate::client::Client;
use crate::session::margin::Margin;
use crate::session::purpose::Purpose;
use crate::session::renewal::dead::RefusalPolicy;
use crate::token::grant::Grant;
use crate::token::proving::Begin;

/// What of a session a renewal goes by.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) client: Client,
    pub(crate) grant: Option<Grant>,
    pub(crate) purpose: Purpose,
    pub(crate) margin: Margin,
    pub(crate) spread: u16,
    pub(crate) lease: Duration,
    pub(crate) refusals: RefusalPolicy,
    /// What goes along with a refresh token.
    pub(crate) refresh_parameters: Vec<(String, String)>,
    /// How often the session had been ended.
    pub(crate) ends: u64,
    /// How an ID token that comes with it is verified.
    pub(crate) begin: Option<Begin>,
}
