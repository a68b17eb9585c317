//! The catalogue's rows about the redirect back to the application: its parameters, and where it leads.

/// Hands these rows to the next macro, after those that it is given.
macro_rules! redirects_rows {
    ([$next:ident $($after:ident)*] $($rows:tt)*) => {
        $next! {
            [$($after)*]
            $($rows)*
            Authorization Classic {
                StateMissing "state-missing" Redirect(|to| to.remove("state")), "The redirect has no `state`.";
                StateWrong "state-wrong" Redirect(redirect::wrong_state), "The redirect has a `state` that nobody sent.";
                StateTwice "state-twice" Redirect(|to| to.repeat("state")), "The redirect has its `state` twice.";
                IssMissing "iss-missing" Redirect(|to| to.remove("iss")), "The redirect lacks the `iss` it should have.";
                IssForeign "iss-foreign" Redirect(redirect::foreign_iss), "The redirect names another issuer.";
                IssTwice "iss-twice" Redirect(|to| to.repeat("iss")), "The redirect has its `iss` twice.";
                IssTrailingSlash "iss-trailing-slash" Redirect(redirect::iss_with_slash), "The redirect's `iss` has a slash more.";
                CodeMissing "code-missing" Redirect(|to| to.remove("code")), "The redirect has neither code nor error.";
                CodeEmpty "code-empty" Redirect(redirect::empty_code), "The redirect has an empty `code`.";
                CodeTwice "code-twice" Redirect(|to| to.repeat("code")), "The redirect has its `code` twice.";
                CodeForged "code-forged" Redirect(redirect::forged_code), "The redirect has a code that was never issued.";
                CodeUpperCase "code-upper-case" Redirect(|to| to.rename("code", "CODE")), "The redirect has `CODE=`.";
                CodeControlCharacters "code-control-characters" Redirect(redirect::code_with_controls),
                    "The redirect's code has control characters.";
                CodeHuge "code-huge" Redirect(redirect::huge_code), "The redirect's code has 64 KiB.";
                DeniedInOtherWords "denied-in-other-words" Redirect(redirect::denied_in_other_words),
                    "The person's no is called `user_denied`.";
                CodeAndError "code-and-error" Redirect(redirect::code_and_error), "The redirect has `code` and `error`.";
                TokenInRedirect "token-in-redirect" Redirect(redirect::token_beside_code),
                    "The redirect of the code flow has an access token.";
                ErrorForged "error-forged" Redirect(redirect::forged_error), "An error redirect with a wrong `state`.";
                ErrorWithEscapes "error-with-escapes" Redirect(redirect::error_with_escapes),
                    "An error redirect whose description would control a terminal.";
                ErrorScriptUri "error-script-uri" Redirect(redirect::error_with_script_uri),
                    "An error redirect whose `error_uri` is a script.";
                ResponseInFragment "response-in-fragment" Redirect(redirect::into_fragment),
                    "The parameters are in the fragment in place of the query.";
                ResponseInQuery "response-in-query" Redirect(redirect::into_query),
                    "The parameters are in the query in place of the fragment, tokens too.";
                UnknownParameters "unknown-parameters" Redirect(redirect::more_parameters),
                    "The redirect has parameters that nobody knows; a client must ignore them.";
                OtherPath "other-path" Redirect(redirect::other_path), "The redirect leads to another path.";
                OtherHost "other-host" Redirect(redirect::other_host), "The redirect leads to another host.";
            }
            Authorization Later {
                ResponseUnasked "response-unasked" Redirect(redirect::response_unasked),
                    "The redirect has a signed response beside its parameters, for which nobody asked.";
                IssUpperCase "iss-upper-case" Redirect(redirect::iss_in_capitals),
                    "The redirect's `iss` is in capitals.";
                IssPort "iss-port" Redirect(|to| to.append("iss", ":443")), "The redirect's `iss` has a port more.";
                IssEscaped "iss-escaped" Redirect(redirect::iss_escaped),
                    "A letter of the redirect's `iss` is percent-encoded.";
                CodeRenamed "code-renamed" Redirect(|to| to.rename("code", "oauth_code")),
                    "The redirect has its code as `oauth_code`.";
                ErrorWithoutIss "error-without-iss" Redirect(redirect::error_without_iss),
                    "An error redirect that lacks the `iss` it should have.";
                IssInQuery "iss-in-query" Redirect(redirect::iss_in_query),
                    "The redirect has its parameters in the fragment, and its `iss` in the query.";
                ErrorTwice "error-twice" Redirect(redirect::error_twice), "An error redirect with two errors.";
                IdTokenInRedirect "id-token-in-redirect" Redirect(redirect::id_token_beside_code),
                    "The redirect of the code flow has an ID token.";
                OtherPort "other-port" Redirect(redirect::other_port), "The redirect leads to another port.";
            }
        }
    };
}
