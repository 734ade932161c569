"""What a person has (CSV, TSV, XLSX, JSON, JSONL, Parquet), read into `states.intents.records`."""
