//! The web site on a loopback port, with a dataset made from the fixture letters.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use sendlens::codebook::Codebook;
use sendlens::reference::Reference;
use sendlens::view::briefing::Briefing;
use sendlens::web::{Settings, Site, serve};

use super::program::{fixtures, sendlens};

/// A data directory that holds the fixture letters, made once for all tests of a file.
pub fn data() -> &'static Path {
    static MADE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = MADE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let output = sendlens(dir.path()).arg("ingest").arg(fixtures("letters")).output().unwrap();
        // Some fixtures are deliberately not letters.
        assert!(matches!(output.status.code(), Some(0 | 2)), "{}", String::from_utf8_lossy(&output.stderr));
        let path = dir.path().to_owned();
        (dir, path)
    });
    path
}

/// A running site. It stops when this is dropped.
pub struct Running {
    pub at: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Running {
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.at)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.take().map(|stop| stop.send(()));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Starts the site on the fixture letters.
pub fn start() -> Running {
    start_with(Settings { log: false, today: Some("2026-01-15".parse().unwrap()), ..Settings::new(data().to_owned()) })
}

/// Starts the site with settings of its own.
pub fn start_with(settings: Settings) -> Running {
    let reference = Reference::load(&fixtures("reference")).unwrap();
    let site = Site::new(settings, Arc::new(reference), Arc::new(Codebook::bundled()), Briefing::bundled());
    let (send_address, address) = std::sync::mpsc::channel();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            send_address.send(listener.local_addr().unwrap()).unwrap();
            serve(listener, site, async {
                let _ = stopped.await;
            })
            .await;
        });
    });
    Running { at: address.recv().unwrap(), stop: Some(stop), thread: Some(thread) }
}

/// One site for all tests that only read.
pub fn shared() -> SocketAddr {
    static SITE: Mutex<Option<SocketAddr>> = Mutex::new(None);
    let mut site = SITE.lock().unwrap_or_else(PoisonError::into_inner);
    *site.get_or_insert_with(|| {
        let running = start();
        let at = running.at;
        std::mem::forget(running);
        at
    })
}
