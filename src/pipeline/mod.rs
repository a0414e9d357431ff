//! Joins the stages: the only place where tokio meets rayon.
