"""Memory: schema, migrations, engine, SqlStore, atomic files."""
