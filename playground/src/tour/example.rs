//! What the tours do with a token at the sandbox's API: the examples of the page "Authorize in Space".

use serde_json::{Value, json};
use valetkey_blocking::dialect::space::Permissions;
use valetkey_blocking::{Request, Response, Scope, Subject};
use valetkey_sandbox::{DEMO_CHANNEL, DEMO_PROJECT};

use super::Failed;

/// What an API answered, and whom it named as the author.
pub(crate) struct Seen {
    /// `None` if there is no API that the tour knows of.
    pub(crate) status: Option<u16>,
    pub(crate) author: Option<String>,
}

/// What the example needs: a chatbot posts a message, or a person's issue is created.
pub(crate) fn scope(subject: Subject) -> Result<Scope, Failed> {
    Ok(match subject {
        Subject::Application => Permissions::new().channel(DEMO_CHANNEL, "Channel.PostMessages").scope()?,
        _ => Permissions::new().project(DEMO_PROJECT, "Project.Issues.Create").scope()?,
    })
}

/// The request to the API below this URL.
pub(crate) fn request(api: &str, subject: Subject) -> Result<Request, Failed> {
    let api = api.trim_end_matches('/');
    let (url, body) = match subject {
        Subject::Application => (
            format!("{api}/chats/messages/send-message"),
            json!({ "channel": format!("id:{DEMO_CHANNEL}"), "content": { "text": "Hello from valetkey" } }),
        ),
        _ => {
            (format!("{api}/projects/key:{DEMO_PROJECT}/planning/issues"), json!({ "title": "Try valetkey" }))
        }
    };
    let mut request = Request::new(serde_json::to_vec(&body)?);
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = url.parse().map_err(|_| Failed("the API's URL is not valid".to_owned()))?;
    Ok(request)
}

/// Whom its answer names.
pub(crate) fn seen(response: &Response, subject: Subject) -> Seen {
    let member = if subject == Subject::Application { "author" } else { "createdBy" };
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    let author = body.get(member).and_then(|author| author.get("name")).and_then(Value::as_str);
    Seen { status: Some(response.status().as_u16()), author: author.map(str::to_owned) }
}
