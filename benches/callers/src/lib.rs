//! Tasks that share a source of tokens.

use std::sync::Arc;
use std::time::Instant;

use bench_inputs::{Answers, Load, Recovery, Scenario};
use tokio::runtime::Builder;
use tokio::time::{sleep, timeout};

/// Has all of the load's callers ask the source at once, each in a task of its own. `ask` says whether it had a token.
///
/// # Panics
///
/// Without a runtime, or without a first token in [`Scenario::Expired`].
pub fn with_tasks<S, A>(
    load: &Load,
    recovery: Recovery,
    source: impl Future<Output = S>,
    ask: impl Fn(Arc<S>) -> A + Copy + Send + 'static,
) -> Answers
where
    S: Send + Sync + 'static,
    A: Future<Output = bool> + Send,
{
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let source = Arc::new(source.await);
        if load.scenario == Scenario::Expired {
            assert!(ask(Arc::clone(&source)).await, "a first token");
            sleep(Load::RUN_OUT).await;
        }
        let start = Instant::now();
        let callers: Vec<_> = (0..load.callers)
            .map(|_| {
                let source = Arc::clone(&source);
                tokio::spawn(async move {
                    let got = timeout(Load::PATIENCE, ask(source)).await;
                    (got.ok(), start.elapsed())
                })
            })
            .collect();
        let mut answers = Answers::default();
        for caller in callers {
            let (is_good, after) = caller.await.expect("a caller");
            answers.count(is_good, after);
        }
        if load.scenario.is_failing() {
            let well = recovery.happen();
            while well.elapsed() < Load::RECOVERY && answers.recovered.is_none() {
                if let Ok(true) = timeout(Load::AGAIN * 50, ask(Arc::clone(&source))).await {
                    answers.recovered = Some(well.elapsed());
                }
                sleep(Load::AGAIN).await;
            }
        }
        answers
    })
}
