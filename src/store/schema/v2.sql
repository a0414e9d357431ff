-- Schema 2: what the crawler remembers between runs, and the queue of the run under way.

-- Pages of sources as they were last had, for conditional requests and for comparison with the next run.
CREATE TABLE crawl_pages (
    source TEXT NOT NULL,
    url TEXT NOT NULL,
    -- The page's task (JSON), with which it can be asked for again.
    request TEXT NOT NULL,
    provider_key TEXT,
    provider TEXT,
    etag TEXT,
    last_modified TEXT,
    -- zlib; only where the server gave something to ask conditionally with.
    body BLOB,
    publications INTEGER NOT NULL,
    -- Whether the listing of the last run led to it.
    listed INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (source, url)
);

-- Where each publication was last seen, and how to ask whether its document changed.
CREATE TABLE crawl_documents (
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    page TEXT NOT NULL,
    etag TEXT,
    last_modified TEXT,
    PRIMARY KEY (source, key)
) WITHOUT ROWID;

-- The run under way and what it was asked to do; emptied when it ends.
CREATE TABLE crawl_runs (
    run_no INTEGER PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
    options TEXT NOT NULL
);

CREATE TABLE crawl_tasks (
    task_no INTEGER PRIMARY KEY,
    run_no INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    source TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('page', 'document')),
    key TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'fetched', 'done')),
    -- Of a document: what was fetched, and what became of it.
    sha256 TEXT,
    status TEXT,
    reason_code TEXT,
    reason_message TEXT,
    -- Of a page: what it said (JSON).
    outcome TEXT,
    UNIQUE (run_no, source, kind, key)
);
CREATE INDEX crawl_tasks_open ON crawl_tasks (run_no, state);
