//! The API behind the authorization server: a few of Space's resources, enough to see who may do what as whom.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use valetkey_core::{Request, Response, UnixTime};

use crate::ground::answer;
use crate::world::details;
use crate::world::ledger::Grant;
use crate::{Created, Rights, Sandbox, Subject};

/// What is made is kept up to here; then the oldest is forgotten.
const MAX_CREATED: usize = 1_000;

/// The longest text of a message or title of an issue, in bytes.
const MAX_TEXT: usize = 10_000;

impl Sandbox {
    /// Answers under `/api/http/`, `path` being what comes after that, and what else is served.
    pub(crate) fn api(&mut self, request: &Request, path: &str, now: UnixTime) -> Response {
        let grant = match self.presented(request, now) {
            Ok(grant) => grant,
            Err(response) => return *response,
        };
        if let Some(refused) = self.login_refused(&grant, request.uri().path(), now) {
            return refused;
        }
        if let Some(served) = self.served(request.uri()).filter(|_| request.method() == Method::GET) {
            return match self.require(&grant, &served.right) {
                Ok(()) => answer::json(StatusCode::OK, &served.document),
                Err(response) => *response,
            };
        }
        let segments: Vec<&str> = path.split('/').collect();
        match (request.method(), segments.as_slice()) {
            (&Method::GET, ["absences"]) => self.absences(&grant),
            (&Method::GET, ["team-directory", "profiles", "me"]) => self.my_profile(&grant),
            (&Method::POST, ["chats", "messages", "send-message"]) => {
                self.send_message(&grant, request.body())
            }
            (&Method::POST, ["projects", project, "planning", "issues"]) => {
                self.create_issue(&grant, project, request.body())
            }
            (
                &Method::DELETE,
                ["team-directory", "profiles", "oauth-consents", "me", "refresh-tokens", "self"],
            ) => {
                self.ledger.revoke(&grant.family);
                answer::json(StatusCode::OK, &json!({}))
            }
            _ => answer::error(StatusCode::NOT_FOUND, "not-found", "The resource is unknown"),
        }
    }

    /// What a grant amounts to now: an application is restricted by what the administrator granted to it, and on
    /// behalf of a user by what that user granted and has.
    fn effective(&self, grant: &Grant) -> Rights {
        let granted = match &grant.subject {
            Subject::Application(client_id) => self.application(client_id).map(|it| &it.authorized),
            Subject::User(username) => self.user(username).map(|it| &it.rights),
        };
        let detailed = details::all_rights(&grant.details);
        let whole = Rights::of(grant.scope.iter().chain(detailed.iter()));
        granted.map_or_else(Rights::none, |rights| whole.intersect(rights))
    }

    fn require(&self, grant: &Grant, right: &str) -> Result<(), Box<Response>> {
        if self.effective(grant).cover(right) {
            return Ok(());
        }
        let description = format!("This needs the right {right}");
        let response = answer::error(StatusCode::FORBIDDEN, "permission-denied", &description);
        Err(Box::new(if self.settings.modern() {
            let scheme = grant.token_type();
            answer::challenged(response, &format!("{scheme} error=\"insufficient_scope\", scope=\"{right}\""))
        } else {
            response
        }))
    }

    fn absences(&self, grant: &Grant) -> Response {
        if let Err(response) = self.require(grant, "global:Profile.Absences.View") {
            return *response;
        }
        let absence = |(index, member): (usize, &crate::User)| {
            json!({
                "id": format!("absence-{}", index + 1),
                "member": self.profile(&member.username),
                "reason": { "name": "Vacation" },
                "since": { "iso": "2022-12-23" },
                "till": { "iso": "2023-01-02" },
            })
        };
        let data: Vec<Value> = self.users.iter().enumerate().map(absence).collect();
        answer::json(
            StatusCode::OK,
            &json!({ "next": data.len().to_string(), "totalCount": data.len(), "data": data }),
        )
    }

    fn my_profile(&self, grant: &Grant) -> Response {
        let Subject::User(username) = &grant.subject else {
            let description = "This needs the authorization of a user";
            return answer::error(StatusCode::FORBIDDEN, "permission-denied", description);
        };
        match self.require(grant, "global:Profile.View") {
            Ok(()) => answer::json(StatusCode::OK, &self.profile(username)),
            Err(response) => *response,
        }
    }

    fn send_message(&mut self, grant: &Grant, body: &[u8]) -> Response {
        let Some(message) = object(body) else { return invalid("The body is not a JSON object") };
        let Some(channel) = message.get("channel").and_then(Value::as_str) else {
            return invalid("channel is missing");
        };
        let channel = channel.strip_prefix("id:").unwrap_or(channel);
        let text = message.pointer("/content/text").or_else(|| message.get("text")).and_then(Value::as_str);
        let Some(text) = text.filter(|text| !text.is_empty() && text.len() <= MAX_TEXT) else {
            return invalid("The text is missing or too long");
        };
        if !self.channels.iter().any(|known| known == channel) {
            return answer::error(StatusCode::NOT_FOUND, "not-found", "There is no such channel");
        }
        if let Err(response) = self.require(grant, &format!("channel:{channel}:Channel.PostMessages")) {
            return *response;
        }
        let created = self.create(channel, text, grant);
        let author = self.principal(&created.author);
        let answer = json!({
            "id": created.id.to_string(), "channel": created.place, "text": created.text, "author": author,
        });
        answer::json(StatusCode::OK, &answer)
    }

    fn create_issue(&mut self, grant: &Grant, project: &str, body: &[u8]) -> Response {
        let Some(key) =
            project.strip_prefix("key:").filter(|key| self.projects.iter().any(|known| known == key))
        else {
            return answer::error(StatusCode::NOT_FOUND, "not-found", "There is no such project");
        };
        let title = object(body).and_then(|issue| issue.get("title")?.as_str().map(str::to_owned));
        let Some(title) = title.filter(|title| !title.is_empty() && title.len() <= MAX_TEXT) else {
            return invalid("The title is missing or too long");
        };
        if let Err(response) = self.require(grant, &format!("project:key:{key}:Project.Issues.Create")) {
            return *response;
        }
        let created = self.create(key, &title, grant);
        let author = self.principal(&created.author);
        let answer = json!({
            "id": created.id.to_string(), "number": created.id, "projectKey": created.place,
            "title": created.text, "createdBy": author,
        });
        answer::json(StatusCode::OK, &answer)
    }

    fn create(&mut self, place: &str, text: &str, grant: &Grant) -> Created {
        self.created_count += 1;
        let created = Created {
            id: self.created_count,
            place: place.to_owned(),
            text: text.to_owned(),
            author: grant.subject.clone(),
        };
        if self.created.len() >= MAX_CREATED {
            self.created.remove(0);
        }
        self.created.push(created.clone());
        created
    }

    /// An author, as Space writes one.
    fn principal(&self, subject: &Subject) -> Value {
        match subject {
            Subject::Application(client_id) => {
                let name = self.application(client_id).map(|application| application.name.as_str());
                json!({
                    "name": name.unwrap_or(client_id),
                    "details": {
                        "className": "CApplicationPrincipalDetails",
                        "app": { "clientId": client_id, "name": name },
                    },
                })
            }
            Subject::User(username) => json!({
                "name": self.user(username).map(|user| user.display_name.as_str()),
                "details": { "className": "CUserPrincipalDetails", "user": self.profile(username) },
            }),
        }
    }

    fn profile(&self, username: &str) -> Value {
        json!({
            "id": self.user_id(username),
            "username": username,
            "name": self.user(username).map(|user| user.display_name.as_str()),
        })
    }
}

fn object(body: &[u8]) -> Option<Value> {
    serde_json::from_slice(body).ok().filter(Value::is_object)
}

fn invalid(description: &str) -> Response {
    answer::error(StatusCode::BAD_REQUEST, "validation-error", description)
}
