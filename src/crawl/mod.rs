//! Sources -> publications and documents, politely and incrementally. Only this module names an HTTP client.
