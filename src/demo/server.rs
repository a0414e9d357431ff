//! The site on a port of the loopback network.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

use super::Site;
use crate::archive::sha256;

/// A running site; it stops when dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

impl Server {
    /// Serves a site on a free port.
    ///
    /// # Errors
    /// The system gives no port or no thread.
    pub fn start(site: Site) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let address = listener.local_addr()?;
        let pages = Router::new().fallback(answer).with_state(Arc::new(site));
        runtime.spawn(async move { axum::serve(listener, pages).await });
        Ok(Self { address, _runtime: runtime })
    }

    /// Its address, such as `http://127.0.0.1:40123/`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

async fn answer(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response {
    let page = site.answer(&uri.to_string());
    let tag = format!("\"{}\"", sha256(&page.body));
    if headers.get(IF_NONE_MATCH).is_some_and(|given| given.as_bytes() == tag.as_bytes()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let status = StatusCode::from_u16(page.status).unwrap_or(StatusCode::OK);
    (status, [(CONTENT_TYPE, page.content_type), (ETAG, tag.as_str())], page.body).into_response()
}
