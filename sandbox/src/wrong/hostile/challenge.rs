//! Challenges of the API.

/// The challenge with another address for the metadata of the resource.
pub(crate) fn metadata_at(challenge: &str, address: &str) -> String {
    match challenge.split_once("resource_metadata=") {
        Some((before, _)) => format!("{before}resource_metadata=\"{address}\""),
        None => format!("{challenge}, resource_metadata=\"{address}\""),
    }
}

/// The metadata's place on another host.
pub(crate) fn metadata_at_docs(challenge: &str) -> String {
    let place =
        challenge.split_once("resource_metadata=\"https://").and_then(|(_, rest)| rest.split_once('/'));
    let path = place.and_then(|(_, rest)| rest.split_once('"')).map_or("", |(path, _)| path);
    metadata_at(challenge, &format!("https://docs.example/{path}"))
}

pub(crate) fn in_odd_case(challenge: &str) -> String {
    challenge.replace("Bearer", "bEARER").replace("DPoP", "dPOP").replace("error=", "ERROR=")
}
