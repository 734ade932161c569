"""The same as raw_follow.py through SQLAlchemy Core and httpx2, which the product is built on."""

import sys
import time

import httpx2
import sqlalchemy as sa


def main() -> None:
    url, folder, poll = sys.argv[1:]
    engine = sa.create_engine(f"sqlite:///{folder}/core.db")
    job = sa.Table(
        "job",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("looks", sa.Integer),
    )
    job.metadata.create_all(engine)
    client = httpx2.Client(trust_env=False)
    while True:
        with engine.begin() as connection:
            connection.execute(sa.select(job)).all()
        client.get(f"{url}/openai/fine_tuning/jobs/ftjob-1")
        with engine.begin() as connection:
            connection.execute(sa.update(job).values(looks=job.c.looks + 1))
        time.sleep(float(poll))


main()
