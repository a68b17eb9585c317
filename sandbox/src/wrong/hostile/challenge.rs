//! Challenges of the API.

/// The challenge with another address for the metadata of the resource.
pub(crate) fn metadata_at(challenge: &str, address: &str) -> String {
    match challenge.split_once("resource_metadata=") {
        Some((before, _)) => format!("{before}resource_metadata=\"{address}\""),
        None => format!("{challenge}, resource_metadata=\"{address}\""),
    }
}

pub(crate) fn in_odd_case(challenge: &str) -> String {
    challenge.replace("Bearer", "bEARER").replace("DPoP", "dPOP").replace("error=", "ERROR=")
}
