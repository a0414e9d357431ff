//! What a failed exchange was.

use std::error::Error as StdError;

use reqwest::Url;

use crate::crawl::address::PrivateName;
use crate::crawl::error::FetchError;

/// An error of a redirect's later hop keeps its code, and says where it began.
pub(super) fn refused(first: &Url, to: &Url, error: FetchError) -> FetchError {
    match &error {
        FetchError::HostNotAllowed { .. } => FetchError::RedirectRefused {
            url: first.to_string(),
            to: to.to_string(),
            why: "the host is not on the list of this source".to_owned(),
            code: "redirect_refused",
        },
        FetchError::PrivateAddress { .. } | FetchError::RobotsForbid { .. } => FetchError::RedirectRefused {
            url: first.to_string(),
            to: to.to_string(),
            why: error.to_string(),
            code: error.code(),
        },
        _ => error,
    }
}

/// What went wrong in a failed exchange, by the errors behind the client's own.
pub(super) fn classify(url: &Url, error: &reqwest::Error) -> FetchError {
    let (url, why) = (url.to_string(), chain(error));
    if let Some(private) = find::<PrivateName>(error) {
        return FetchError::PrivateAddress { host: private.host.clone(), address: private.address.clone() };
    }
    if let Some(tls) = find::<rustls::Error>(error) {
        return FetchError::Tls { url, why: tls.to_string() };
    }
    if error.is_timeout() {
        FetchError::Timeout { url, attempts: 1 }
    } else if error.is_body() || error.is_decode() {
        FetchError::Truncated { url, why, attempts: 1 }
    } else {
        FetchError::Connection { url, why, attempts: 1 }
    }
}

/// The first error of a type among an error and its causes.
fn find<'e, E: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e E> {
    if let Some(found) = error.downcast_ref::<E>() {
        return Some(found);
    }
    // An I/O error does not give the error that it carries as its source.
    let carried = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    carried.and_then(|inner| find::<E>(inner)).or_else(|| find::<E>(error.source()?))
}

/// The innermost words of an error, which say most.
pub(super) fn chain(error: &dyn StdError) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(current) = cause {
        words = current.to_string();
        cause = current.source();
    }
    words
}
