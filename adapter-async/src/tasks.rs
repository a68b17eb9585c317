//! What goes on after its caller has left: [`Tasks`].

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Counts tasks that go on when nobody waits for them any more, so that a program may wait for them before it ends: what a
/// runtime drops then is lost, a new refresh token for example. A clone counts the same ones.
///
/// ```
/// use std::time::Duration;
///
/// use tokio::time::timeout;
/// use valetkey_async::Tasks;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let tasks = Tasks::new(); // and `sessions.with_tasks(&tasks)`
/// tasks.spawn(async { /* what is not to be left half-way */ });
/// // When the program is told to stop: for as long as there is patience.
/// let _ = timeout(Duration::from_secs(30), tasks.settled()).await;
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Tasks(Arc<watch::Sender<usize>>);

impl Tasks {
    /// None so far.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    /// Runs this in a task of its own, as `tokio::spawn` does, and counts it until its end, by a panic too.
    pub fn spawn<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        let running = Running::new(Arc::clone(&self.0));
        tokio::spawn(async move {
            let _running = running;
            task.await
        })
    }

    /// Until none runs. It has no end of its own: a renewal tries for as long as anybody may need it.
    pub async fn settled(&self) {
        let mut count = self.0.subscribe();
        // The sender is `self`'s: it is not gone.
        let _ = count.wait_for(|count| *count == 0).await;
    }
}

impl Default for Tasks {
    fn default() -> Self {
        Self::new()
    }
}

struct Running(Arc<watch::Sender<usize>>);

impl Running {
    fn new(count: Arc<watch::Sender<usize>>) -> Self {
        count.send_modify(|count| *count = count.saturating_add(1));
        Self(count)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}
