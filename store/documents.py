"""The documents of a project, and the answers it has already paid for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, delete, insert, select

from store.blobs import SqlBlobs
from store.engine import in_one_order, insert_if_absent, reading, writing
from store.schema import answers

LONGEST_ANSWER = 3000  # bytes: 64 tokens of text, the numbers beside it, five other intents


class SqlDocuments(SqlBlobs):
    """states.store_port.DocumentStore."""

    def memory(self, project: str) -> SqlMemory:
        return SqlMemory(self, self.engine, project)


class SqlMemory:
    """states.ports.Memory: one project's documents and paid answers."""

    def __init__(self, documents: SqlDocuments, engine: Engine, project: str) -> None:
        self._documents, self.engine, self._project = documents, engine, project

    def keep(self, document: Any) -> str:
        # Versions before 0.2 kept answers with half of a surrogate pair, which no bytes can hold.
        content = json.dumps(document, ensure_ascii=False, sort_keys=True, allow_nan=False).encode(
            errors="replace"
        )
        return self._documents.put_blob(content)

    def recall(self, name: str) -> Any:
        return json.loads(self._documents.get_blob(name))

    def answers(self, model: str) -> Mapping[str, Mapping[str, Any]]:
        query = select(answers.c.digest, answers.c.answer).where(
            answers.c.project == self._project, answers.c.model == model
        )
        with reading(self.engine) as connection:
            return {row.digest: row.answer for row in connection.execute(query)}

    def expect_answers(self, count: int) -> None:
        # Each row is written and deleted again: SQLite writes nothing for an UPDATE that changes
        # nothing, and a transaction that is rolled back proves nothing.
        row = {"project": self._project, "model": "", "answer": " " * LONGEST_ANSWER}
        rows = [{**row, "digest": str(number)} for number in range(count)]
        with writing(self.engine) as connection:
            connection.execute(insert(answers), rows)
            connection.execute(
                delete(answers).where(answers.c.project == self._project, answers.c.model == "")
            )

    def keep_answers(self, model: str, answers_of: Mapping[str, Mapping[str, Any]]) -> None:
        row = {"project": self._project, "model": model}
        with writing(self.engine) as connection:
            for digest, answer in in_one_order(answers_of.items(), lambda one: one[0]):
                insert_if_absent(connection, answers, {**row, "digest": digest, "answer": answer})
