//! What a server says when a proof lacks its nonce: `use_dpop_nonce` (RFC 9449 §8, §9).

use http::{HeaderMap, StatusCode};

use crate::ground::challenge::Challenge;
use crate::ground::refused::Refused;
use crate::jose::algorithm::Algorithm;

const USE_NONCE: &str = "use_dpop_nonce";

/// Whether the authorization server refused a proof for its nonce alone.
pub(crate) fn is_demand(refused: &Refused) -> bool {
    refused.status().is_some_and(is_status) && refused.code().is_some_and(|code| *code == USE_NONCE)
}

/// Whether an API did, in a challenge for DPoP among whatever others ([DP-10](crate::Rule::Dp10)), and would take a proof of
/// this algorithm.
pub(crate) fn is_demand_of_api(status: StatusCode, headers: &HeaderMap, algorithm: Algorithm) -> bool {
    is_status(status)
        && Challenge::parse(headers).unwrap_or_default().iter().any(|challenge| {
            challenge.is("DPoP")
                && challenge.parameter("error") == Some(USE_NONCE)
                && challenge
                    .parameter("algs")
                    .is_none_or(|algs| algs.split_ascii_whitespace().any(|name| name == algorithm.name()))
        })
}

/// RFC 9449 has 400 for the one server and 401 for the other; servers take either for either.
fn is_status(status: StatusCode) -> bool {
    matches!(status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED)
}
