//! The jobs by huskarl. Its conversations are futures over a client of one's own, which here has the answer at once; so they
//! are polled once.

mod id_token;
mod load;
mod messages;
mod wrong;

use std::pin::pin;
use std::process::ExitCode;
use std::task::{Context, Poll, Waker};

use bench_inputs::{Job, Play, Side, play};

const URL: &str = "– (it sends a `nonce` too; no `state` or verifier can be given, so that it has one row)";
const ID_TOKEN: &str = "`at_hash`, `azp`";

fn main() -> ExitCode {
    play(&[Side {
        name: "huskarl",
        plays: &[
            Play { job: Job::UrlRandom, prepare: messages::url, check: messages::check_url, leaves_out: URL },
            Play {
                job: Job::Exchange,
                prepare: messages::exchange,
                check: messages::check_exchange,
                leaves_out: "its age, that it is used once, its redirect URI",
            },
            Play {
                job: Job::TokenResponse,
                prepare: messages::tokens,
                check: messages::check_tokens,
                leaves_out: "content type, duplicates of members that it does not know, size, characters (what of these its \
                             conversation looks at is in the next job)",
            },
            Play {
                job: Job::WholeFlow,
                prepare: messages::whole_flow,
                check: messages::check_whole,
                leaves_out: "both of the above. It checks the claims of the ID token too, whose signature is not verified here",
            },
            Play {
                job: Job::Rs256,
                prepare: || id_token::round(&id_token::RSA),
                check: || id_token::check(&id_token::RSA),
                leaves_out: ID_TOKEN,
            },
            Play {
                job: Job::Es256,
                prepare: || id_token::round(&id_token::EC),
                check: || id_token::check(&id_token::EC),
                leaves_out: ID_TOKEN,
            },
            Play {
                job: Job::EdDsa,
                prepare: || id_token::round(&id_token::ED),
                check: || id_token::check(&id_token::ED),
                leaves_out: ID_TOKEN,
            },
            Play {
                job: Job::Dpop, prepare: id_token::proof, check: id_token::check_proof, leaves_out: "–"
            },
        ],
        probes: wrong::PROBES,
        load: Some(load::with_tasks),
    }])
}

/// What a future says that waits for nothing.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("nothing is waited for"),
    }
}
