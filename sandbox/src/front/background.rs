//! A server on a thread of its own, so that blocking programs can talk to it: [`Background`].

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::thread::{self, JoinHandle};

use tokio::runtime;
use tokio::sync::oneshot;

/// A thread with a runtime on it. Dropping it says so to the server, and joins the thread.
pub(crate) struct Background {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    /// Runs a server until it ends by itself, which it does soon after its second argument resolves. Tasks that it
    /// leaves behind are cancelled.
    pub(crate) fn start<F: Future<Output = ()>>(
        listener: TcpListener,
        server: impl FnOnce(tokio::net::TcpListener, oneshot::Receiver<()>) -> F + Send + 'static,
    ) -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let listener = {
            let _context = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("valetkey-sandbox".to_owned())
            .spawn(move || runtime.block_on(server(listener, stopped)))?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A server that panicked has nothing left to be stopped.
            let _ = thread.join();
        }
    }
}

/// A loopback port, 0 for any that is free, and the URL of its listener.
#[expect(clippy::disallowed_methods, reason = "the front stands for the world, which has sockets")]
pub(crate) fn loopback(port: u16) -> io::Result<(TcpListener, String)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    let url = format!("http://{}", listener.local_addr()?);
    Ok((listener, url))
}
