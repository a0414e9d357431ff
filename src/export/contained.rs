//! The library that writes spreadsheets panics where its temporary files cannot be written, as on a full disk. Here that
//! becomes an error like any other, and nothing of it is printed.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use super::error::ExportError;

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// The result of `work`. A panic becomes an error with the message of the panic.
pub(super) fn contained<T>(work: impl FnOnce() -> Result<T, ExportError>) -> Result<T, ExportError> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if !CONTAINED.try_with(Cell::get).unwrap_or(false) {
                before(panic);
            }
        }));
    });
    CONTAINED.set(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    CONTAINED.set(false);
    done.unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
        Err(ExportError::Workbook(message.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_and_the_next_one_is_heard_again() {
        assert_eq!(contained(|| Ok(1)).unwrap(), 1);
        let error = contained(|| -> Result<(), _> { panic!("no room for {}", "a cell") }).unwrap_err();
        assert_eq!(error.to_string(), "cannot write the spreadsheet: no room for a cell; check that the disk has room");
        assert!(!CONTAINED.get());
    }
}
