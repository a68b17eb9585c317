//! The table of profiles in core's documentation, as the profiles have it.

use valetkey_core::server::{Endpoint, Pkce, Profile};

/// The table, in Markdown: what `core/src/server/profile/table.md` holds.
#[must_use]
pub fn table() -> String {
    let mut profiles: Vec<&Profile> = Profile::ALL.iter().collect();
    profiles.sort_by_key(|profile| profile.title().to_lowercase());
    let mut text =
        "| servers | name | issuer | who logged in | turned on | to know | as of |\n|---|---|---|---|---|---|---|\n".to_owned();
    for profile in profiles {
        text += &format!(
            "| {} | `{}` | {} | {} | {} | {} | [{}]({}) |\n",
            profile.title(),
            profile.name(),
            issuer(profile),
            if profile.tells_who_logged_in() { "`openid`" } else { "" },
            turned_on(profile),
            profile.remark(),
            profile.as_of(),
            profile.source()
        );
    }
    text
}

fn issuer(profile: &Profile) -> String {
    let Some(server) = profile.server() else { return profile.issuer().to_owned() };
    let others = [Endpoint::DeviceAuthorization, Endpoint::Revocation];
    let has = others.into_iter().filter(|endpoint| server.url_of(*endpoint).is_some());
    let names_itself = profile.iss().map(|issuer| format!(", of the issuer `{issuer}`")).unwrap_or_default();
    let has: Vec<_> = has.map(|endpoint| endpoint.name().trim_end_matches("_endpoint")).collect();
    let endpoints = match has.is_empty() {
        true => "fixed endpoints".to_owned(),
        false => format!("fixed endpoints, with {}", has.join(" and ").replace('_', " ")),
    };
    endpoints + &names_itself
}

fn turned_on(profile: &Profile) -> String {
    let quirk = |(quirk, page): (valetkey_core::Quirk, &str)| {
        format!("[`{quirk:?}`](crate::Quirk::{quirk:?}) ([why]({page}))")
    };
    let mut all: Vec<String> = profile.admitted().map(quirk).collect();
    all.extend(profile.authorization_parameters().iter().map(|(name, value)| format!("`{name}={value}`")));
    let in_token_requests = profile.token_parameters().iter();
    all.extend(in_token_requests.map(|(name, value)| format!("`{name}={value}` in token requests")));
    if profile.asks_with_commas() {
        all.push("a scope with commas".to_owned());
    }
    for (endpoint, name) in profile.scope_parameters() {
        let endpoint = endpoint.name().trim_end_matches("_endpoint").replace('_', " ");
        all.push(format!("the scope as `{name}` at {endpoint}"));
    }
    all.extend(profile.tokens_at().map(|pointer| format!("tokens at `{pointer}`")));
    for (member, value, code) in profile.meanings() {
        all.push(format!("`{member}` of `{value}` means `{code}`"));
    }
    if profile.client_id_parameter() != "client_id" {
        all.push(format!("the client identifier as `{}`", profile.client_id_parameter()));
    }
    let methods = profile.authentication_methods();
    if !methods.is_empty() {
        all.push(methods.iter().map(|method| format!("`{method}`")).collect::<Vec<_>>().join(" or "));
    }
    let methods = profile.revocation_authentication_methods();
    if !methods.is_empty() {
        let methods = methods.iter().map(|method| format!("`{method}`")).collect::<Vec<_>>().join(" or ");
        all.push(format!("{methods} at revocation"));
    }
    match profile.pkce() {
        Pkce::Known => all.push("PKCE".to_owned()),
        Pkce::Refused => all.push("PKCE for a client without a secret only".to_owned()),
        Pkce::Ignored => {}
    }
    if profile.leaves_out_scheme() {
        all.push("an issuer without its scheme".to_owned());
    }
    if profile.has_id_tokens_by_secret() {
        all.push("ID tokens signed with the client's secret".to_owned());
    }
    all.extend(profile.login_limits().iter().map(|name| format!("`{name}` compared with the ID token")));
    let by_form = profile.scopes_by_form_post();
    if !by_form.is_empty() {
        let scopes = by_form.iter().map(|scope| format!("`{scope}`")).collect::<Vec<_>>().join(" and ");
        all.push(format!("`form_post` for {scopes}"));
    }
    for (asked, named) in profile.naming() {
        all.push(format!("metadata of `{asked}` name `{named}`"));
    }
    if profile.challenges_in_hex() {
        all.push("a code challenge in hexadecimal".to_owned());
    }
    all.extend(profile.margin().map(|margin| format!("renewal {} s before expiry", margin.as_secs())));
    all.join(", ")
}
