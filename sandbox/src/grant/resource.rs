//! Resource indicators (RFC 8707): which part of the API a token is for, and nowhere else.

use http::Uri;
use valetkey_core::Request;

use crate::Sandbox;
use crate::ground::parameters::Parameters;
use crate::ground::refusal::Refusal;
use crate::world::ledger::Grant;

/// Under which the API's resources are.
pub(crate) const API: &str = "/api/http";

impl Sandbox {
    /// The resources that are asked for: the API or anything under it, or where something else is served.
    pub(crate) fn resources(&self, parameters: &Parameters) -> Result<Vec<String>, Refusal> {
        if !self.settings.modern() {
            return Ok(Vec::new());
        }
        let known = |resource: &str| {
            let path = self.settings.origin().and_then(|origin| resource.strip_prefix(origin));
            let serves = || self.served.iter().any(|served| within(&served.url, resource));
            resource.parse::<Uri>().is_ok()
                && !resource.contains('#')
                && (path.is_some_and(|path| within(path, API)) || serves())
        };
        let resources: Vec<String> = parameters.all("resource").map(str::to_owned).collect();
        let all_known = resources.iter().all(|resource| known(resource));
        all_known.then_some(resources).ok_or(("invalid_target", "The resource is unknown"))
    }

    /// The resources of an access token: those that are asked for out of those that were granted, or all of these.
    pub(crate) fn narrowed_resources(
        &self,
        granted: &[String],
        parameters: &Parameters,
    ) -> Result<Vec<String>, Refusal> {
        let asked = self.resources(parameters)?;
        let covered =
            |resource: &String| granted.is_empty() || granted.iter().any(|whole| within(resource, whole));
        match asked.iter().all(covered) {
            true if asked.is_empty() => Ok(granted.to_vec()),
            true => Ok(asked),
            false => Err(("invalid_target", "This resource was not granted")),
        }
    }

    /// Whether a token is for what a request asks for.
    pub(crate) fn is_for(&self, grant: &Grant, request: &Request) -> bool {
        let path = request.uri().path();
        let served = self.served(request.uri()).map(|served| served.url.clone());
        let url = served.or_else(|| self.settings.origin().map(|origin| format!("{origin}{path}")));
        grant.resources.is_empty()
            || url.is_some_and(|url| grant.resources.iter().any(|resource| within(&url, resource)))
    }
}

/// Whether a URL or a path is another one, or under it.
fn within(url: &str, whole: &str) -> bool {
    let whole = whole.trim_end_matches('/');
    url.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
