"""The least: a loop over one SQLite row, for resume.py. Arguments: service, folder, poll."""

import http.client
import sqlite3
import sys
import time


def main() -> None:
    url, folder, poll = sys.argv[1:]
    database = sqlite3.connect(f"{folder}/raw.db", isolation_level=None)
    database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE IF NOT EXISTS job (id INTEGER PRIMARY KEY, looks INTEGER)")
    database.execute("INSERT OR IGNORE INTO job VALUES (1, 0)")
    while True:
        client = http.client.HTTPConnection(url.removeprefix("http://"))
        client.request("GET", "/openai/fine_tuning/jobs/ftjob-1")
        client.getresponse().read()
        database.execute("UPDATE job SET looks = looks + 1")
        time.sleep(float(poll))


main()
