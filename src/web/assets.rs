//! Style, script and icon: part of the program, addressed by their content so that browsers keep them for good.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::error::Failure;
use crate::view::STYLE;

const SCRIPT: &str = include_str!("assets/site.js");
const ICON: &str = include_str!("assets/icon.svg");

/// One file that the pages link to.
#[derive(Debug)]
pub struct Asset {
    /// Its address: the name carries the hash of the content.
    pub href: String,
    content: &'static str,
    media_type: &'static str,
}

fn asset(stem: &str, extension: &str, content: &'static str, media_type: &'static str) -> Asset {
    let hash: String = Sha256::digest(content)[..6].iter().map(|byte| format!("{byte:02x}")).collect();
    Asset { href: format!("/assets/{stem}-{hash}.{extension}"), content, media_type }
}

/// The stylesheet.
pub static STYLESHEET: LazyLock<Asset> = LazyLock::new(|| asset("style", "css", STYLE, "text/css; charset=utf-8"));
/// The script.
pub static SITE_SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| asset("site", "js", SCRIPT, "text/javascript; charset=utf-8"));
/// The icon.
pub static SITE_ICON: LazyLock<Asset> = LazyLock::new(|| asset("icon", "svg", ICON, "image/svg+xml"));

/// Serves one of them.
pub async fn serve(Path(name): Path<String>) -> Result<Response, Failure> {
    let found = [&STYLESHEET, &SITE_SCRIPT, &SITE_ICON]
        .into_iter()
        .find(|asset| asset.href.strip_prefix("/assets/") == Some(name.as_str()))
        .ok_or_else(|| Failure::NotFound("There is no such file. Reload the page that links to it.".to_owned()))?;
    let headers =
        [(header::CONTENT_TYPE, found.media_type), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, found.content).into_response())
}
