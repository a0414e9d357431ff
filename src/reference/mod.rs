//! Local areas, statistical neighbours and the official register, bundled or from a folder; names resolved to areas.
