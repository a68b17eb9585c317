//! What the server answers to a device, which is shown and polled with: [`DeviceAuthorization`] (RFC 8628 §3.2).

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::client::post::Sent;
use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, malformed};
use crate::ground::flow::Response;
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::rule::Rule;
use crate::ground::short::Short;
use crate::ground::text;
use crate::ground::time::UnixTime;
use crate::terms::access::Access;
use crate::terms::authorization_details::AuthorizationDetails;
use crate::terms::code_verifier::CodeVerifier;
use crate::terms::resource::Resource;
use crate::terms::scope::Scope;
use crate::terms::secret::{DeviceCode, exposed};
use crate::wire::answer::{Reader, number, whole_part};
use crate::wire::json::{Object, Value};
use crate::wire::uri;
use crate::wire::version::Version;

/// The interval of a server that names none, and the longest that one can ask for, in seconds.
const USUAL_INTERVAL: u64 = 5;
pub(crate) const MAX_INTERVAL: u64 = 60 * 60;
/// The longest that a device's code is believed to be good for.
const MAX_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest user code, in bytes.
const MAX_USER_CODE: usize = 128;

/// What stays on the device while the person is at the server: what to show, and what to poll with.
///
/// Show [`verification_uri`](Self::verification_uri) and [`user_code`](Self::user_code), always both: also where
/// [`verification_uri_complete`](Self::verification_uri_complete) is shown as a QR code, so that the person can compare the
/// code ([DV-5](crate::Rule::Dv5)). Then run a [`DevicePoll`](crate::DevicePoll).
///
/// The JSON form is versioned and has these members: `version` (1), `client_id`, `issuer`, `token_endpoint`,
/// `device_code`, `code_verifier`, `user_code`, `verification_uri`, `verification_uri_complete`, `scope`, `audience`,
/// `authorization_details` (JSON in a string), `expires_at` and `waiting_since` (milliseconds since 1970), `interval` and `backoff` (seconds). It holds secrets, the device code and the verifier.
#[derive(Clone, Serialize, Deserialize)]
pub struct DeviceAuthorization {
    version: Version,
    client_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token_endpoint: Option<String>,
    #[serde(with = "exposed")]
    pub(crate) device_code: DeviceCode,
    /// Of a request that had a challenge.
    #[serde(default, rename = "code_verifier", with = "exposed", skip_serializing_if = "Option::is_none")]
    pub(crate) verifier: Option<CodeVerifier>,
    user_code: String,
    verification_uri: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verification_uri_complete: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<Scope>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) audience: Option<String>,
    #[serde(default, rename = "authorization_details", skip_serializing_if = "Option::is_none")]
    pub(crate) details: Option<AuthorizationDetails>,
    pub(crate) expires_at: UnixTime,
    /// Since when the next poll is waited for, and how long at least: the longer of the two.
    pub(crate) waiting_since: UnixTime,
    pub(crate) interval: u64,
    #[serde(default)]
    pub(crate) backoff: u64,
    #[serde(skip)]
    quirks: Quirks,
}

impl DeviceAuthorization {
    pub(super) fn read(
        response: &Response,
        sent: &Sent<'_>,
        (access, verifier): (&Access, Option<&CodeVerifier>),
        now: UnixTime,
    ) -> Result<Self, Error> {
        let missing = |name| malformed(Rule::Dv1, format!("{name} is missing or empty"));
        let (client, server) = (sent.client, sent.client.server());
        let mut reader = Reader::new(server.quirks());
        if !response.status().is_success() {
            return Err(sent.refusal(response, None, now));
        }
        let mut object = reader.object(response, Rule::Dv1)?;
        if reader.tells_error(&mut object)? {
            return Err(sent.refusal(response, None, now));
        }
        let mut text = |object: &mut Object<'_>, name: &'static str| -> Result<Option<String>, Error> {
            let text = reader.text(object.take(name), Rule::Dv1, name)?;
            Ok(text.filter(|text| !text.is_empty()))
        };
        let device_code = text(&mut object, "device_code")?.ok_or_else(|| missing("device_code"))?;
        let user_code = text(&mut object, "user_code")?.ok_or_else(|| missing("user_code"))?;
        let page = text(&mut object, "verification_uri")?;
        let complete = text(&mut object, "verification_uri_complete")?;
        let other_name = text(&mut object, "verification_url")?;
        let verification_uri = match (page, other_name) {
            (Some(page), _) => page,
            (None, Some(page)) => {
                reader.admit(Quirk::VerificationUrl, || {
                    malformed(Rule::Dv1, "verification_url came in the place of verification_uri")
                })?;
                page
            }
            (None, None) => return Err(missing("verification_uri")),
        };
        if !uri::is_web_page(&verification_uri) {
            return Err(malformed(Rule::Dv2, "verification_uri is not an http or https URL"));
        }
        if !complete.as_deref().is_none_or(uri::is_web_page) {
            return Err(malformed(Rule::Dv2, "verification_uri_complete is not an http or https URL"));
        }
        if user_code.len() > MAX_USER_CODE || !text::is_vschar(&user_code) {
            return Err(malformed(Rule::Dv2, "user_code is too long, or is not printable ASCII"));
        }
        let no_lifetime = "expires_in is missing, or not a whole number of seconds from 1";
        let lifetime = reader
            .seconds(object.take("expires_in"), Rule::Dv1, "expires_in")?
            .filter(|lifetime| !lifetime.is_zero())
            .ok_or_else(|| malformed(Rule::Dv1, no_lifetime))?;
        if lifetime > MAX_LIFETIME {
            reader.admit(Quirk::LifetimeCapped, || malformed(Rule::Dv1, no_lifetime))?;
        }
        Ok(Self {
            version: Version,
            client_id: client.id().to_owned(),
            issuer: server.issuer.clone(),
            token_endpoint: server.url_of(Endpoint::Token),
            device_code: DeviceCode::admit(device_code)?,
            verifier: verifier.cloned(),
            user_code,
            verification_uri,
            verification_uri_complete: complete,
            scope: access.scope.clone(),
            audience: audience(access),
            details: access.details.clone(),
            expires_at: sent.at.after(lifetime.min(MAX_LIFETIME)),
            waiting_since: now,
            interval: interval(&mut reader, object.take("interval"))?,
            backoff: 0,
            quirks: sent.and_adjusted(reader.seen),
        })
    }

    /// What the person enters, as it is to be shown.
    #[must_use]
    pub fn user_code(&self) -> &str {
        &self.user_code
    }

    /// Where the person goes.
    #[must_use]
    pub fn verification_uri(&self) -> &str {
        &self.verification_uri
    }

    /// The same with the code in it, for a QR code or a browser on this machine; not every server has it.
    #[must_use]
    pub fn verification_uri_complete(&self) -> Option<&str> {
        self.verification_uri_complete.as_deref()
    }

    /// Whether the page with the code in it is on another origin than the one without ([DV-2](crate::Rule::Dv2)): worth a
    /// warning.
    #[must_use]
    pub fn is_complete_elsewhere(&self) -> bool {
        self.verification_uri_complete()
            .is_some_and(|complete| !uri::same_origin(complete, &self.verification_uri))
    }

    /// Until when the person may take.
    #[must_use]
    pub const fn expires_at(&self) -> UnixTime {
        self.expires_at
    }

    /// The time between two polls, as the server has asked for so far.
    #[must_use]
    pub fn interval(&self) -> Duration {
        Duration::from_secs(self.interval.clamp(1, MAX_INTERVAL))
    }

    /// What departed from the RFC and was let through, by name. Not stored.
    #[must_use]
    pub const fn quirks(&self) -> Quirks {
        self.quirks
    }

    /// Whether it was issued to this client at this server ([TR-17](crate::Rule::Tr17)).
    #[must_use]
    pub fn belongs_to(&self, client: &Client) -> bool {
        self.client_id == client.id()
            && self.issuer == client.server().issuer
            && self.token_endpoint == client.server().url_of(Endpoint::Token)
    }
}

/// Without the device code.
impl fmt::Debug for DeviceAuthorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceAuthorization")
            .field("user_code", &Short(&self.user_code))
            .field("verification_uri", &Short(&self.verification_uri))
            .field("expires_at", &self.expires_at)
            .field("interval", &self.interval())
            .finish_non_exhaustive()
    }
}

/// The interval in seconds, from one to [`MAX_INTERVAL`]: what a server asks for is rounded up and cut to that.
fn interval(reader: &mut Reader, member: Option<Value<'_>>) -> Result<u64, Error> {
    let no = || malformed(Rule::Dv1, "interval is not a whole number of seconds");
    let (asked, is_whole) = match member {
        None => return Ok(USUAL_INTERVAL),
        Some(Value::Null) => (0, false),
        Some(Value::Whole(seconds)) => (seconds, true),
        Some(Value::Fraction(seconds)) => (whole_part(seconds.ceil()).ok_or_else(no)?, false),
        Some(Value::Text(seconds)) if seconds.is_empty() => (0, false),
        Some(Value::Text(seconds)) => {
            let (whole, fraction) = number(&seconds).ok_or_else(no)?;
            let whole: u64 = whole.parse().map_err(|_| no())?;
            let has_part = fraction.is_some_and(|part| part.bytes().any(|digit| digit != b'0'));
            (whole.saturating_add(u64::from(has_part)), false)
        }
        Some(_) => return Err(no()),
    };
    let interval = if asked == 0 { USUAL_INTERVAL } else { asked.min(MAX_INTERVAL) };
    if !is_whole || interval != asked {
        reader.admit(Quirk::IntervalAdjusted, no)?;
    }
    Ok(interval)
}

/// What the token is for, as far as the request says so beside its scope: the token request does not say it again.
fn audience(access: &Access) -> Option<String> {
    let resources = access.resources.iter().map(Resource::as_str);
    let audiences = access.parameters.iter().filter(|(name, _)| name == "audience");
    let named: Vec<&str> = resources.chain(audiences.map(|(_, value)| value.as_str())).collect();
    (!named.is_empty()).then(|| named.join(" "))
}
