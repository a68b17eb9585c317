//! The jobs by valetkey.

mod jwt;
mod load;
mod messages;
mod wrong;

use std::process::ExitCode;

use bench_inputs::{Job, Play, Side, play};
use valetkey_core::jose::{AwsLc, RustCrypto};

const NOTHING: &str = "–";

fn main() -> ExitCode {
    play(&[
        Side {
            name: "valetkey",
            plays: &[
                Play {
                    job: Job::UrlAnew,
                    prepare: messages::url_anew,
                    check: messages::check_url,
                    leaves_out: NOTHING,
                },
                Play {
                    job: Job::UrlPrepared,
                    prepare: messages::url_prepared,
                    check: messages::check_url,
                    leaves_out: NOTHING,
                },
                Play {
                    job: Job::UrlRandom,
                    prepare: messages::url_random,
                    check: messages::check_url,
                    leaves_out: NOTHING,
                },
                Play {
                    job: Job::Exchange,
                    prepare: messages::exchange,
                    check: messages::check_exchange,
                    leaves_out: NOTHING,
                },
                Play {
                    job: Job::TokenResponse,
                    prepare: messages::tokens,
                    check: messages::check_tokens,
                    leaves_out: NOTHING,
                },
                Play {
                    job: Job::WholeFlow,
                    prepare: messages::whole_flow,
                    check: messages::check_whole,
                    leaves_out: NOTHING,
                },
            ],
            probes: wrong::PROBES,
            load: None,
        },
        Side {
            name: "valetkey (AWS-LC)",
            plays: &[
                Play {
                    job: Job::Rs256,
                    prepare: || jwt::round(&jwt::RSA_AWS),
                    check: || jwt::check(&jwt::RSA_AWS),
                    leaves_out: NOTHING,
                },
                Play {
                    job: Job::Es256,
                    prepare: || jwt::round(&jwt::EC_AWS),
                    check: || jwt::check(&jwt::EC_AWS),
                    leaves_out: NOTHING,
                },
                Play {
                    job: Job::EdDsa,
                    prepare: || jwt::round(&jwt::ED_AWS),
                    check: || jwt::check(&jwt::ED_AWS),
                    leaves_out: NOTHING,
                },
                Play {
                    job: Job::Dpop,
                    prepare: || jwt::proof_round(&jwt::DPOP_AWS),
                    check: || jwt::check_proof(&AwsLc),
                    leaves_out: NOTHING,
                },
            ],
            probes: &[],
            load: None,
        },
        Side {
            name: "valetkey (pure Rust)",
            plays: &[
                Play {
                    job: Job::Rs256,
                    prepare: || jwt::round(&jwt::RSA_RUST),
                    check: || jwt::check(&jwt::RSA_RUST),
                    leaves_out: NOTHING,
                },
                Play {
                    job: Job::Es256,
                    prepare: || jwt::round(&jwt::EC_RUST),
                    check: || jwt::check(&jwt::EC_RUST),
                    leaves_out: NOTHING,
                },
                Play {
                    job: Job::EdDsa,
                    prepare: || jwt::round(&jwt::ED_RUST),
                    check: || jwt::check(&jwt::ED_RUST),
                    leaves_out: NOTHING,
                },
                Play {
                    job: Job::Dpop,
                    prepare: || jwt::proof_round(&jwt::DPOP_RUST),
                    check: || jwt::check_proof(&RustCrypto),
                    leaves_out: NOTHING,
                },
            ],
            probes: &[],
            load: None,
        },
        Side { name: "valetkey-async", plays: &[], probes: &[], load: Some(load::with_tasks) },
        Side { name: "valetkey-blocking", plays: &[], probes: &[], load: Some(load::with_threads) },
    ])
}
