//! The form of a method: every field says what it is for, and is filled in where the sandbox has a value.

use maud::{Markup, html};
use valetkey_core::Subject;

use super::fields::Fields;
use super::layout::{chip, layout, post};
use crate::page::visitor::Visitor;
use crate::play::Method;

pub(in crate::page) fn page(visitor: &Visitor, method: Method, redirect_uri: &str) -> Markup {
    let tone = if method.is_recommended() { "good" } else { "warn" };
    layout(
        visitor,
        method.title(),
        "",
        &html! {
            div.title { h1 { (method.title()) } (chip(tone, method.advice())) }
            p.lead { (method.how()) }
            div.columns {
                section.panel aria-labelledby="sandbox" {
                    h2 id="sandbox" { "In the sandbox" }
                    p.quiet { "A server of this run's own, on a port of this computer. Every field has a value that works." }
                    (post(visitor, "/runs", &sandbox(method)))
                }
                section.panel aria-labelledby="elsewhere" {
                    h2 id="elsewhere" { "At a server of yours" }
                    p.quiet { "Requests go to the addresses that you name, each of them when you press Send, and nowhere else." }
                    (post(visitor, "/runs", &elsewhere(method, redirect_uri)))
                }
            }
        },
    )
}

fn sandbox(method: Method) -> Markup {
    let scope = match method {
        Method::PermanentToken => "",
        Method::ClientCredentials => "channel:general:Channel.PostMessages",
        _ => "project:key:DEMO:Project.Issues.Create global:Profile.View",
    };
    let fields = Fields("sandbox");
    html! {
        input type="hidden" name="method" value=(method.name());
        input type="hidden" name="organisation" value="yes";
        // A refresh token that was handed over before is for what it was granted for.
        @if !matches!(method, Method::PermanentToken | Method::RefreshToken) {
            (fields.text("scope", "Scope", "What to ask for. Rights in Space are CONTEXT:PERMISSION, with one space between two; ** is everything.", scope))
        }
        @if method == Method::AuthorizationCode {
            (fields.choice(
                "client",
                "Which client asks",
                "One that cannot keep a secret has PKCE alone to prove that the code is its own.",
                &[("web", "a web application, with a secret"), ("native", "a native application, public")],
                "web",
            ))
        }
        @if matches!(method, Method::AuthorizationCode | Method::Password) {
            (fields.tick("offline", "Ask for a refresh token too", "access_type=offline: the application may go on when the person is away.", true))
        }
        (fields.choice("dialect", "Whose answers the server gives",
            "Space's documented answers have no token_type and no scope; the standard's have both.",
            &[("space", "JetBrains Space"), ("standard", "RFC 6749"), ("hub", "JetBrains Hub and YouTrack")], "space"))
        (fields.choice("rotation", "What becomes of a used refresh token",
            "A server that watches takes a used one that comes back for stolen, and revokes all of its kind.",
            &[("detect", "a new one replaces it, and its reuse is watched for"), ("on", "a new one replaces it"), ("off", "it stays good")], "detect"))
        (fields.text("lifetime", "Lifetime of an access token", "In seconds. Space documents 600; a few are enough to watch one expire.", "600"))
        @if method.has_browser() {
            (fields.tick("iss", "The server names itself in its responses", "iss (RFC 9207), against mixing up two servers.", true))
        }
        (fields.attacks("The attacker", "What goes wrong, once. Watch which rule catches it.", |attack| attack.not_in(method).is_none(), None))
        button.primary { "Begin in the sandbox" }
    }
}

fn elsewhere(method: Method, redirect_uri: &str) -> Markup {
    let fields = Fields("elsewhere");
    html! {
        input type="hidden" name="method" value=(method.name());
        input type="hidden" name="where" value="elsewhere";
        @if method != Method::PermanentToken {
            (fields.choice("family", "What kind of server it is", "Space's and Hub's addresses follow from the service's.",
                &[("space", "JetBrains Space"), ("hub", "JetBrains Hub or YouTrack"), ("other", "any other")], "space"))
            (fields.text("server", "Service URL", "https://mycompany.jetbrains.space, for example. For any other server leave it empty, and name its endpoints.", ""))
            @if method.has_browser() {
                (fields.text("authorization_endpoint", "Authorization endpoint", "Where the browser goes. Only for any other server.", ""))
            }
            (fields.text("token_endpoint", "Token endpoint", "Where grants are traded. Only for any other server.", ""))
            @if method.has_browser() {
                (fields.text("issuer", "Issuer", "How the server names itself in iss, if it does.", ""))
                (fields.tick("advertises_iss", "It announces that it sends iss", "A response without it is then refused (AR-3).", false))
                p.note { "Register this redirect URI at the server: " code { (redirect_uri) } }
            }
            (fields.text("client_id", "Client id", "Which application asks. It is public.", ""))
            (fields.secret("client_secret", "Client secret", "Kept in memory only. Empty for a public client."))
            @if method != Method::RefreshToken {
                (fields.text("scope", "Scope", "What to ask for; empty for the server's default.", ""))
            }
        }
        @match method {
            Method::PermanentToken => {
                (fields.secret("token", "Permanent token", "Made in your profile, or by an administrator for the application."))
                (fields.choice("subject", "On behalf of", "Who is named as the author of what it does.",
                    &[("user", "User"), ("application", "Application")], &Subject::User.to_string()))
            }
            Method::RefreshToken => {
                (fields.secret("token", "Refresh token", "One that you were given before."))
                (fields.text("scope", "Scope", "What it was granted for, if you know: a wider answer is then refused (TR-14).", ""))
            }
            Method::Password => {
                (fields.text("username", "Username", "The person's name at the server.", ""))
                (fields.secret("password", "Password", "It passes through this program: that is what is wrong with this method."))
            }
            _ => {}
        }
        @if matches!(method, Method::AuthorizationCode | Method::Password) {
            (fields.tick("offline", "Ask for a refresh token too", "access_type=offline, which Space and Hub understand.", true))
        }
        (fields.text("call_url", "API", "A URL to call with the token. Empty for your own profile, at Space and Hub.", ""))
        button { "Begin at this server" }
    }
}
