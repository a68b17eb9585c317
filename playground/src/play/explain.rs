//! What each parameter and header of a request is for, in a sentence.

/// What a parameter of a URL or a form is for; `None` for one that is not known here.
#[must_use]
pub fn parameter(name: &str) -> Option<&'static str> {
    Some(match name {
        "response_type" => {
            "What is to come back through the browser: a code, or (deprecated) the token itself."
        }
        "client_id" => "Which program asks. It is public.",
        "redirect_uri" => {
            "Where the browser is to come back to. It must be registered, and is compared exactly."
        }
        "scope" => "What the token is to be good for.",
        "state" => "A random value that must come back: it ties the response to this request.",
        "code_challenge" => {
            "The hash of a secret that stays here (PKCE): only who has the secret can use the code."
        }
        "code_challenge_method" => {
            "How the challenge was made: SHA-256. A server may take it for plain otherwise."
        }
        "access_type" => "offline asks for a refresh token too; online does not.",
        "request_credentials" => "What a person who comes to the login is shown.",
        "response_mode" => "Where the parameters of the response are to be.",
        "grant_type" => "What is traded for a token.",
        "code" => "The code that the browser brought. It works once.",
        "code_verifier" => "The secret behind the challenge: the server hashes and compares it.",
        "refresh_token" => "What was granted before, for the next access token.",
        "username" => "The person's name, typed into this program.",
        "password" => "The person's password, typed into this program: the reason not to use this method.",
        "client_secret" => "The program's own secret.",
        "access_token" => "The token itself, in the address bar: the reason not to use this method.",
        "token_type" => "How the token is used.",
        "expires_in" => "How long the token is good, in seconds.",
        "iss" => "Who answers (RFC 9207): it must be the server that was asked.",
        "error" => "Why not, as a code.",
        "error_description" => "Why not, as a sentence of the server's.",
        "error_uri" => "A page of the server's about the error.",
        _ => return None,
    })
}

/// What a header is for; `None` for one that is not known here.
#[must_use]
pub fn header(name: &str) -> Option<&'static str> {
    Some(match name {
        "authorization" => "Who asks: the program's id and secret (Basic), or a token (Bearer).",
        "accept" => "What may come back.",
        "content-type" => "What the body is.",
        "cache-control" => "no-store: nobody may keep a copy of the tokens.",
        "www-authenticate" => "Why the request is refused, and how to ask.",
        "retry-after" => "How long to wait before asking again.",
        "location" => "Where a browser would go. A request with credentials is never sent on.",
        _ => return None,
    })
}
