//! Which proxy a request goes through (S3, F26, F69, F71), as core decides it: values in, a proxy out.

mod exempt;
mod properties;
mod rules;
mod spellings;

use valetkey_core::host::{ProxyRules, UnusableProxy};

/// The rules of these variables.
fn rules(variables: &[(&str, &str)]) -> ProxyRules {
    ProxyRules::from_values(|name| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    })
}

/// The proxy for a URI, as it is shown.
fn proxy(rules: &ProxyRules, uri: &str) -> Result<Option<String>, UnusableProxy> {
    Ok(rules.for_uri(&uri.parse().unwrap())?.map(ToString::to_string))
}

/// The proxy, which there is.
fn through(rules: &ProxyRules, uri: &str) -> String {
    proxy(rules, uri).unwrap().unwrap()
}
