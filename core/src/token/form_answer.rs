//! Token responses that are forms, as drafts of OAuth had them: `access_token=…&expires=86400`.

use std::borrow::Cow;
use std::mem;

use crate::ground::error::{Error, malformed};
use crate::ground::flow::Response;
use crate::ground::limits::MAX_BODY;
use crate::ground::quirk::Quirk;
use crate::ground::rule::Rule;
use crate::ground::wiped::Wiped;
use crate::wire::answer::Reader;

/// The most parameters that are read.
const MAX_PARAMETERS: usize = 64;

impl Reader {
    /// The response with a JSON object of the same members in the place of a form, if it is one and that is admitted.
    pub(crate) fn form_as_json(&mut self, mut response: Response) -> Result<Response, Error> {
        let Some(parameters) = parameters(response.body()) else { return Ok(response) };
        self.admit(Quirk::FormEncodedAnswer, || {
            malformed(Rule::Tr3, "the token response is a form, and JSON was expected")
        })?;
        let json = as_json(&parameters)?;
        drop(parameters);
        let form = mem::replace(response.body_mut(), json);
        drop(Wiped::new(form));
        Ok(response)
    }
}

/// The parameters, if the body is a form with a token or an error in it. What looks like another kind of document is not.
fn parameters(body: &[u8]) -> Option<Vec<(Cow<'_, str>, Cow<'_, str>)>> {
    // JSON, as nearly every answer is.
    if body.first() == Some(&b'{') || body.len() > MAX_BODY {
        return None;
    }
    let text = str::from_utf8(body).ok()?.trim_ascii();
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"{}<>\"".contains(&byte));
    if !is_plain {
        return None;
    }
    let parameters: Vec<_> = form_urlencoded::parse(text.as_bytes()).take(MAX_PARAMETERS + 1).collect();
    let is_told = parameters.iter().any(|(name, _)| name == "access_token" || name == "error");
    (is_told && parameters.len() <= MAX_PARAMETERS).then_some(parameters)
}

fn as_json(parameters: &[(Cow<'_, str>, Cow<'_, str>)]) -> Result<Vec<u8>, Error> {
    let unwritten = |_| malformed(Rule::Tr2, "the form of the token response cannot be read");
    let has = |name: &str| parameters.iter().any(|(other, _)| other == name);
    let size: usize = parameters.iter().map(|(name, value)| name.len() + value.len()).sum();
    // Enough for every character to be an escape, so that it is allocated once.
    let mut json = Vec::with_capacity(6 * size + 6 * parameters.len() + 16);
    json.push(b'{');
    for (place, (name, value)) in parameters.iter().enumerate() {
        if place > 0 {
            json.push(b',');
        }
        // What Facebook's first version and others after it called the lifetime.
        let name = if name == "expires" && !has("expires_in") { "expires_in" } else { name };
        serde_json::to_writer(&mut json, name).map_err(unwritten)?;
        json.push(b':');
        serde_json::to_writer(&mut json, value.as_ref()).map_err(unwritten)?;
    }
    json.push(b'}');
    Ok(json)
}
