//! Bytes of a PDF -> pages of typed blocks. Only this module names a PDF crate.
