//! Pages and API for people and programs that never open a terminal.
//!
//! Pages are made on the server, work without script, and ask no other host for anything: style, script and icon are
//! part of the program. The dataset is opened read-only, questions are limited in number and time, and every value is
//! escaped by the template engine. A page is a pure function of its address, the state of the dataset and the day.
//!
//! `site` holds what handlers share, `pool` the handles of the dataset, `guard` stands between the network and the
//! routes, `layout` frames a page, `pages` and `api` answer, `server` minds the connections.

mod api;
mod assets;
mod cache;
mod components;
mod download;
mod error;
mod feeds;
mod filters;
mod guard;
mod kept;
mod layout;
mod pages;
mod params;
mod pool;
mod server;
mod site;

use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;

pub use error::Failure;
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
        .route("/assets/{name}", axum::routing::get(assets::serve))
        .route("/healthz", axum::routing::get(|| async { "ok\n" }));
    guard::around(routes, site)
}
