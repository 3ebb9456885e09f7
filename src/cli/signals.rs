//! Ctrl-c, SIGTERM and SIGHUP: one way to say "enough".

/// Hears the signals from when it is made; none is lost between two looks.
pub(super) struct Signals {
    #[cfg(unix)]
    streams: Vec<tokio::signal::unix::Signal>,
}

impl Signals {
    /// Must be called within the runtime.
    pub(super) fn new() -> Self {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let kinds = [
                SignalKind::interrupt(),
                SignalKind::terminate(),
                SignalKind::hangup(),
            ];
            Self {
                streams: kinds
                    .into_iter()
                    .filter_map(|kind| signal(kind).ok())
                    .collect(),
            }
        }
        #[cfg(not(unix))]
        Self {}
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) {
        #[cfg(unix)]
        if !self.streams.is_empty() {
            let any = self
                .streams
                .iter_mut()
                .map(|stream| Box::pin(stream.recv()));
            futures_util::future::select_all(any).await;
            return;
        }
        drop(tokio::signal::ctrl_c().await);
    }
}
