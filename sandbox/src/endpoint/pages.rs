//! The pages that a person sees. Whatever comes from a request is escaped by `maud`.

use std::borrow::Cow;

use maud::{DOCTYPE, Markup, html};

use crate::{Rights, User};

/// The login and the consent in one form. `ticket` stands for the authorization request.
pub(crate) fn consent(
    action: &str,
    ticket: &str,
    application: &str,
    scope: &Rights,
    filled_in: Option<&User>,
    message: Option<&str>,
) -> Markup {
    layout(
        "Log in and decide",
        &html! {
            @if let Some(message) = message { p role="alert" { (message) } }
            p { strong { (application) } " asks for access on your behalf:" }
            ul { @for right in scope.iter() { li { (explained(right)) } } }
            (decision(action, ("ticket", ticket), filled_in))
        },
    )
}

/// The form in which somebody says who they are and decides; `about` names what is decided.
fn decision(action: &str, about: (&str, &str), filled_in: Option<&User>) -> Markup {
    html! {
        form method="post" action=(action) {
            input type="hidden" name=(about.0) value=(about.1);
            p { label { "Username " input name="username" autocomplete="username" value=[filled_in.map(|user| &user.username)]; } }
            p {
                label {
                    "Password "
                    input type="password" name="password" autocomplete="current-password"
                        value=[filled_in.map(|user| &user.password)];
                }
            }
            p {
                button name="decision" value="allow" { "Allow" }
                " "
                button name="decision" value="deny" { "Deny" }
            }
        }
    }
}

/// Asks for the code that a device shows.
pub(crate) fn user_code(action: &str, entered: &str, message: Option<&str>) -> Markup {
    layout(
        "Connect a device",
        &html! {
            @if let Some(message) = message { p role="alert" { (message) } }
            form method="get" action=(action) {
                p {
                    label {
                        "The code that the device shows "
                        input name="user_code" autocomplete="off" autocapitalize="characters" value=(entered);
                    }
                }
                p { button { "Continue" } }
            }
        },
    )
}

/// The login and the decision about a device. Who did not turn to it themselves is warned (RFC 8628 §5.4).
pub(crate) fn device(
    action: &str,
    user_code: &str,
    application: &str,
    scope: &Rights,
    filled_in: Option<&User>,
    message: Option<&str>,
) -> Markup {
    layout(
        "Connect a device",
        &html! {
            @if let Some(message) = message { p role="alert" { (message) } }
            p { strong { (application) } " asks for access on your behalf, on a device that shows this code:" }
            p { strong { (user_code) } }
            ul { @for right in scope.iter() { li { (explained(right)) } } }
            p { "Allow it only if you have this device before you. If somebody sent you here, close this page." }
            (decision(action, ("user_code", user_code), filled_in))
        },
    )
}

/// What became of it.
pub(crate) fn device_decided(outcome: &str) -> Markup {
    layout("Connect a device", &html! { p { (outcome) " You can close this page." } })
}

/// The page of `response_mode=form_post`. The specification's page submits itself by script; this one asks the
/// person to, because no page of the sandbox runs a script.
pub(crate) fn form_post(redirect_uri: &str, parameters: &[(Cow<'_, str>, Cow<'_, str>)]) -> Markup {
    layout(
        "Back to the application",
        &html! {
            form method="post" action=(redirect_uri) {
                @for (name, value) in parameters { input type="hidden" name=(name) value=(value); }
                button { "Continue" }
            }
        },
    )
}

/// What the person carries to the application, where the redirect URI leads no browser there.
pub(crate) fn copied(parameters: &str) -> Markup {
    layout(
        "Back to the application",
        &html! {
            p { "Copy this into the application:" }
            p { code { (parameters) } }
        },
    )
}

/// What is wrong, for a person who cannot be sent back: the client or the redirect URI is not to be trusted.
pub(crate) fn refusal(reason: &str) -> Markup {
    layout("This request cannot be answered", &html! { p role="alert" { (reason) } })
}

fn explained(right: &str) -> &str {
    if right == "**" { "everything that you may do" } else { right }
}

fn layout(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (maud::PreEscaped(STYLE)) }
            }
            body { main { h1 { (title) } (body) } }
        }
    }
}

const STYLE: &str = ":root{color-scheme:light dark}\
    body{font:1rem/1.5 system-ui,sans-serif;max-width:28rem;margin:3rem auto;padding:0 1.25rem}\
    h1{font-size:1.5rem}ul{padding-left:1.2rem}li,code{overflow-wrap:anywhere}label{display:block;font-weight:600}\
    input{display:block;box-sizing:border-box;width:100%;font:inherit;padding:.45rem .6rem;margin-top:.2rem}\
    button{font:inherit;padding:.45rem 1.1rem;margin:.4rem .3rem 0 0}[role=alert]{font-weight:600}";
