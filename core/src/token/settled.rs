//! What an answer grants, beside what was asked for.

use crate::ground::among::Among;
use crate::ground::error::{Error, malformed};
use crate::ground::quirk::Quirk;
use crate::ground::rule::{Checks, Rule};
use crate::server::AuthorizationServer;
use crate::terms::authorization_details;
use crate::terms::authorization_details::AuthorizationDetails;
use crate::terms::scope::Scope;
use crate::token::grant::Grant;
use crate::wire::json::Value;

/// Details come back as an array of objects, each of a type that was asked for or that the server lists
/// ([TR-15](crate::Rule::Tr15)). Where neither is known, any type will do.
pub(super) fn settle_details(
    details: Value<'_>,
    grant: Option<&Grant>,
    server: Option<&AuthorizationServer>,
) -> Result<(), Error> {
    let no = || {
        malformed(
            Rule::Tr15,
            "authorization_details of the answer is not an array of objects of the types that were asked \
             for",
        )
    };
    let types = authorization_details::types_of(details).ok_or_else(no)?;
    let requested = grant.and_then(Grant::details);
    let listed = server.and_then(|server| server.listed("authorization_details_types_supported"));
    if requested.is_none() && listed.is_none() {
        return Ok(());
    }
    let listed = listed.into_iter().flatten().map(String::as_str);
    let known = Among::new(requested.into_iter().flat_map(AuthorizationDetails::types).chain(listed));
    if known.have_all(types.iter().map(String::as_str)) { Ok(()) } else { Err(no()) }
}

/// What the token may do: as granted, else as asked for, else as before; and no more than the caller lets it.
pub(super) fn settle_scope(
    granted: Option<Scope>,
    grant: Option<&Grant>,
    checks: &mut Checks,
) -> Result<Option<Scope>, Error> {
    let (Some(granted), Some(limit)) = (&granted, grant.and_then(Grant::limit)) else {
        return Ok(
            granted.or_else(|| grant.and_then(|grant| grant.requested_scope().or(grant.limit())).cloned())
        );
    };
    let rule = if grant.is_some_and(Grant::is_refresh_token) { Rule::Tr14 } else { Rule::Tr11 };
    if !granted.is_within(limit) {
        let wider = malformed(rule, "the granted scope is wider than the one that was asked for");
        // A comma is a character of scope tokens, and at some servers what separates them.
        let has_commas = granted.as_str().contains(',');
        return Err(if has_commas { wider.unless_admitted(Quirk::ScopeWithCommas) } else { wider });
    }
    checks.pass(rule);
    Ok(Some(granted.clone()))
}
