//! Web pages and a JSON API, for people and programs that never open a terminal.
//!
//! Pages are made on the server, work without script and load nothing from other hosts: style, script and icon are part
//! of the program. The dataset is opened read-only, the number and duration of questions are limited, and the template
//! engine escapes every value. A page depends on its address, the version of the dataset and the day, and on nothing else.
//!
//! The way of a request: `server` accepts the connection, `guard` checks and logs, `cache` answers if it can, a handler of
//! `pages`, `api` or `feeds` asks the dataset through `pool`, from a fixed version of it (`snapshot`).

mod api;
mod assets;
mod cache;
mod calendar;
mod components;
mod download;
mod error;
mod feeds;
mod filters;
mod guard;
mod layout;
mod negotiation;
mod pages;
mod params;
mod pool;
mod publish;
mod server;
mod site;
mod snapshot;
mod sort;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use tokio::net::TcpListener;

pub use error::Failure;
pub use publish::{PublishError, Published, publish};
pub use site::{Settings, Site};

/// Serves the site on this listener until `stop` resolves; requests under way are finished.
pub async fn serve(listener: TcpListener, site: Site, stop: impl Future<Output = ()>) {
    server::run(listener, router(&Arc::new(site)), stop).await;
}

fn router(site: &Arc<Site>) -> Router {
    let routes = Router::new()
        .merge(pages::routes())
        .merge(api::routes())
        .merge(feeds::routes())
        .merge(calendar::routes())
        .route("/assets/{name}", axum::routing::get(assets::serve))
        .route("/healthz", axum::routing::get(|| async { "ok\n" }));
    guard::around(routes, site)
}

/// Locks a mutex. A panic elsewhere leaves no value half changed here, so a poisoned one is used as it is.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
