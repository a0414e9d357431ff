//! The national report as one HTML file.
