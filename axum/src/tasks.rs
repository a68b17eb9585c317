//! What goes on after its request was answered: [`Tasks`].

use std::sync::Arc;

use tokio::sync::watch;

/// Counts the tasks that run, so that a program may wait for them before it ends.
#[derive(Clone, Debug)]
pub(crate) struct Tasks(Arc<watch::Sender<usize>>);

impl Tasks {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> tokio::task::JoinHandle<T> {
        let running = Running::new(Arc::clone(&self.0));
        tokio::spawn(async move {
            let _running = running;
            task.await
        })
    }

    /// Until none runs.
    pub(crate) async fn settled(&self) {
        let mut count = self.0.subscribe();
        // The sender is `self`'s: it is not gone.
        let _ = count.wait_for(|count| *count == 0).await;
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
