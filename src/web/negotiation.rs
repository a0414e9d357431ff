//! What of a request, besides its address, decides the form of the response. The cache keeps responses apart by this, so
//! handlers must not look at anything else.

use axum::http::{HeaderMap, header};

/// Whether an address belongs to the API, so that failures are written for programs.
#[must_use]
pub fn is_api(path: &str) -> bool {
    path == "/api/v1" || path.starts_with("/api/v1/")
}

/// Whether the client prefers CSV to JSON: by the weights in `Accept`, and by their order if the weights are equal.
pub fn prefers_csv(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let weight = |wanted: &[&str]| {
        let parts = accept.split(',').enumerate().filter_map(|(place, part)| {
            let mut pieces = part.split(';').map(str::trim);
            let media = pieces.next()?;
            let weight = pieces.find_map(|p| p.strip_prefix("q=")?.parse::<f64>().ok()).unwrap_or(1.0);
            (wanted.contains(&media) && weight > 0.0).then_some((weight, std::cmp::Reverse(place)))
        });
        parts.max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
    };
    weight(&["text/csv", "text/*"]) > weight(&["application/json", "application/*", "*/*"])
}

/// The scheme and host name by which the site was called; a proxy that speaks HTTPS says so. Empty if the name cannot stand
/// in a link, so that links are relative to the feed.
pub fn origin(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let host = text("host");
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    if host.is_empty() || host.len() > 255 || !host.chars().all(plain) {
        return String::new();
    }
    let scheme = if text("x-forwarded-proto") == "https" { "https" } else { "http" };
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn csv_goes_to_whoever_prefers_it() {
        let wants = |accept: &'static str| {
            prefers_csv(&HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]))
        };
        assert!(wants("text/csv") && wants("text/csv, */*") && wants("application/json;q=0.5, text/csv;q=0.9"));
        assert!(!wants("application/json") && !wants("*/*") && !wants("text/csv;q=0.5, application/json"));
        assert!(!wants("text/csv;q=0") && !wants("text/html,application/xhtml+xml,*/*;q=0.8"));
        assert!(!prefers_csv(&HeaderMap::new()));
    }
}
