//! The layers between the network and the pages: limits, security headers, error pages, response cache, request log.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use super::cache;
use super::error::Failure;
use super::site::Site;
use super::{api, layout, negotiation};

/// The longest address that is read, in bytes. The longest search with every filter set stays well below.
pub const MAX_ADDRESS_BYTES: usize = 4096;

/// What can be done with an address.
const METHODS: &str = "GET, HEAD, OPTIONS";

const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// Puts the layers around the routes; the first one named is the innermost.
pub fn around(routes: Router<Arc<Site>>, site: &Arc<Site>) -> Router {
    routes
        .layer(middleware::from_fn_with_state(Arc::clone(site), cache::respond))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(check_request))
        .layer(middleware::from_fn_with_state(Arc::clone(site), write_failures))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn(set_headers))
        .layer(middleware::from_fn_with_state(Arc::clone(site), log))
        .with_state(Arc::clone(site))
}

fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text =
        panic.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
    Failure::Internal(text.unwrap_or_else(|| "panic".to_owned())).into_response()
}

async fn check_request(request: Request, next: Next) -> Response {
    if let Err(failure) = acceptable(request.method(), request.uri()) {
        return failure.into_response();
    }
    if *request.method() == Method::OPTIONS && !negotiation::is_api(request.uri().path()) {
        return (StatusCode::NO_CONTENT, [(header::ALLOW, METHODS)]).into_response();
    }
    next.run(request).await
}

fn acceptable(method: &Method, uri: &Uri) -> Result<(), Failure> {
    if !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Err(Failure::Method);
    }
    let address = uri.path_and_query().map_or("", |p| p.as_str());
    if address.len() > MAX_ADDRESS_BYTES {
        return Err(Failure::TooLong { limit: MAX_ADDRESS_BYTES });
    }
    let unreadable = || Failure::BadRequest("The address holds characters that are not UTF-8 text.".to_owned());
    let plain = decode(address).ok_or_else(unreadable)?;
    if plain.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r')) {
        return Err(Failure::BadRequest("The address holds control characters.".to_owned()));
    }
    Ok(())
}

/// Resolves percent signs; `None` if the result is not UTF-8 or a percent sign stands alone.
fn decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let (high, low) = (bytes.next()?, bytes.next()?);
            let digit = |b: u8| char::from(b).to_digit(16);
            out.push(u8::try_from(digit(high)? * 16 + digit(low)?).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

/// Writes a [`Failure`] out in the form that suits the address.
async fn write_failures(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let mut response = next.run(request).await;
    // What the framework itself refuses comes without a page of ours.
    let written = response.headers().get(header::CONTENT_TYPE).is_some_and(|v| v.as_bytes().starts_with(b"text/html"));
    let failure = response.extensions_mut().remove::<Failure>().or_else(|| match response.status().as_u16() {
        404 if !written => Some(Failure::NotFound(
            "There is nothing at this address. Check it, or start from the home page.".to_owned(),
        )),
        405 => Some(Failure::Method),
        400 if !written => Some(Failure::BadRequest("The address cannot be read.".to_owned())),
        _ => None,
    });
    let Some(failure) = failure else { return response };
    if let Failure::Internal(details) = &failure {
        site.log(&format!("error {} {details}", uri.path()));
    }
    let mut written = if negotiation::is_api(uri.path()) {
        api::problem(&failure, uri.path())
    } else {
        layout::failure_page(&failure)
    };
    let headers = written.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    match failure {
        Failure::Method => {
            headers.insert(header::ALLOW, HeaderValue::from_static(METHODS));
        }
        Failure::Busy | Failure::NoDataset(_) => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        _ => {}
    }
    written
}

async fn set_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// One line for each request: method, address, status, milliseconds. No address of the client is kept.
async fn log(State(site): State<Arc<Site>>, request: Request<Body>, next: Next) -> Response {
    let start = Instant::now();
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let response = next.run(request).await;
    let address = uri.path_and_query().map_or("/", |p| p.as_str());
    let shown: String = address.chars().take(512).flat_map(char::escape_default).collect();
    site.log(&format!("{method} {shown} {} {}ms", response.status().as_u16(), start.elapsed().as_millis()));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(uri: &str) -> Result<(), Failure> {
        acceptable(&Method::GET, &uri.parse().unwrap())
    }

    #[test]
    fn addresses_are_refused_before_any_work_is_done() {
        assert!(check("/findings?q=waiting%20times&theme=a").is_ok());
        assert!(check("/findings?q=%F0%9F%92%A1+caf%C3%A9").is_ok());
        assert!(matches!(check("/findings?q=%ff"), Err(Failure::BadRequest(_))));
        assert!(matches!(check("/findings?q=%"), Err(Failure::BadRequest(_))));
        assert!(matches!(check("/findings?q=%zz"), Err(Failure::BadRequest(_))));
        assert!(matches!(check("/findings?q=a%00b"), Err(Failure::BadRequest(_))));
        assert!(matches!(check(&format!("/findings?q={}", "a".repeat(5000))), Err(Failure::TooLong { .. })));
        assert_eq!(acceptable(&Method::POST, &"/".parse().unwrap()), Err(Failure::Method));
    }
}
