//! Accepts connections up to a limit, gives each request a time to arrive, and lets requests under way finish when the server
//! is told to stop.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// Connections open at once; further ones wait in the system's queue.
const MAX_CONNECTIONS: usize = 512;
/// How long a client may take to send a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// The longest head of a request that is read.
const MAX_HEAD_BYTES: usize = 32 * 1024;
/// How long requests under way may take to finish after the signal to stop.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves the application until `stop` resolves, then lets requests under way finish.
pub async fn run(listener: TcpListener, application: Router, stop: impl Future<Output = ()>) {
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let under_way = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let next = async {
            let permit = Arc::clone(&permits).acquire_owned().await;
            (listener.accept().await, permit)
        };
        let (accepted, permit) = tokio::select! {
            next = next => next,
            () = &mut stop => break,
        };
        let (Ok((stream, _)), Ok(permit)) = (accepted, permit) else {
            // Out of file handles, most likely: those in use must close before another connection can open.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let connection = connection(stream, application.clone());
        let connection = under_way.watch(connection);
        tokio::spawn(async move {
            // Clients that hang up, or that do not speak HTTP, are not errors of ours.
            let _ = connection.await;
            drop(permit);
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(SHUTDOWN_TIMEOUT, under_way.shutdown()).await;
}

type Connection = hyper::server::conn::http1::Connection<TokioIo<TcpStream>, TowerToHyperService<Router>>;

fn connection(stream: TcpStream, application: Router) -> Connection {
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(application))
}
