//! The dataset in SQLite: schema, migrations, one transaction a document.
