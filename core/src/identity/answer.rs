//! Whether an ID token answers the request: its nonce, and what the request limited the login to.

use crate::ground::error::{Error, malformed};
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::rule::Rule;
use crate::identity::asked::Asked;
use crate::terms::secret::{Nonce, same};
use crate::wire::json::{Object, Value};

/// The nonce is the one that was sent. `None` without one, which is admitted only of an ID token that came with the tokens, and not
/// through the browser.
pub(super) fn require_nonce(
    claims: &mut Object<'_>,
    asked: &mut Asked,
    is_front: bool,
    quirks: Quirks,
) -> Result<Option<Nonce>, Error> {
    let no = |what: &'static str| Err(malformed(Rule::Id15, what));
    let knows_none = match claims.get("nonce_supported") {
        Some(Value::Bool(flag)) => !flag,
        Some(Value::Text(text)) => text == "false",
        _ => false,
    };
    if knows_none && asked.nonce.is_some() {
        return Err(malformed(
            Rule::Id58,
            "the ID token says that no nonce is known where it was issued (nonce_supported), and one was sent: it answers \
             another request",
        ));
    }
    match (asked.nonce.take(), claims.take("nonce")) {
        (None, None) => Ok(None),
        (Some(sent), Some(Value::Text(nonce))) if same(sent.expose(), &nonce) => Ok(Some(sent)),
        (Some(_), Some(_)) => {
            no("the nonce of the ID token is not the one that was sent: it answers another request")
        }
        (Some(_), None) => {
            let what = "the ID token has no nonce, and one was sent";
            match is_front {
                true => no(what),
                false => quirks.require(Quirk::NoNonce, || malformed(Rule::Id15, what)).map(|()| None),
            }
        }
        // In a renewal it may be that of the login, with which it is compared afterwards.
        (None, Some(Value::Text(nonce))) if asked.is_renewal => Nonce::admit(nonce.into_owned()).map(Some),
        (None, Some(_)) => no("the ID token has a nonce, and none was sent"),
    }
}

/// What the request limited the login to: a claim says the same as the parameter of its name, or anything at all for `*`.
pub(super) fn require_repeated(claims: &Object<'_>, asked: &Asked) -> Result<(), Error> {
    for (name, value) in &asked.repeated {
        let said = match claims.get(name) {
            Some(Value::Text(said)) => Some(&**said),
            _ => None,
        };
        if said.is_none_or(|said| value != "*" && said != value) {
            let what = format!(
                "the request limited the login by {name}, and the ID token says otherwise, or nothing: this person is \
                 another than the program lets in"
            );
            return Err(malformed(Rule::Id57, what));
        }
    }
    Ok(())
}

/// Whether one of the claims is true or false as a text.
pub(super) fn has_flag_as_text(claims: &Object<'_>) -> bool {
    claims.members().any(|(_, value)| matches!(value, Value::Text(text) if text.parse::<bool>().is_ok()))
}
