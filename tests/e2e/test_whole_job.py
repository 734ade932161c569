"""One command from an empty folder to ANALYZED, and everything it leaves there.

Longer than most files: its tests look at one finished home, which is made once.
"""

from __future__ import annotations

import json
import shutil
import stat
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from states.places import Result

pytestmark = pytest.mark.xdist_group("finished")
FOUR = {"comprar", "devolver", "queja", "consulta"}


def test_every_file_is_there_with_its_counts(finished: Any) -> None:
    """48 prompts, 36 = 4 × 9 to train on, 12 = 4 × 3 to validate, nothing in both."""
    assert {
        i: len(s) for i, s in finished.read("data/raw/intent_examples.json").items()
    } == dict.fromkeys(FOUR, 12)
    assert len(finished.lines("data/processed/training_prompts.jsonl")) == 48
    training = finished.lines("data/training/train_data.jsonl")
    validation = finished.lines("data/validation/validation_data.jsonl")
    for rows, each in ((training, 9), (validation, 3)):
        assert Counter(row["messages"][2]["content"] for row in rows) == dict.fromkeys(FOUR, each)
        for row in rows:
            assert [message["role"] for message in row["messages"]] == [
                "system",
                "user",
                "assistant",
            ]
            assert all(f"- {intent}: " in row["messages"][0]["content"] for intent in FOUR)
    sentences = [{row["messages"][1]["content"] for row in rows} for rows in (training, validation)]
    assert not sentences[0] & sentences[1]


def test_the_preparation_is_summed_up(finished: Any) -> None:
    """Ready, without errors or warnings; exact tokens; a price with its source and date."""
    summary = finished.read("data/processed/data_preparation_summary.json")
    assert summary["ready"] is True
    assert summary["errors"] == []
    training = summary["files"]["data/training/train_data.jsonl"]
    assert training["examples"] == 36
    assert training["per_intent"] == dict.fromkeys(training["per_intent"], 9)
    assert summary["files"]["data/validation/validation_data.jsonl"]["examples"] == 12
    assert summary["estimated_training_tokens"] == 3 * training["tokens"]
    cost = summary["estimated_cost"]
    assert cost["amount"] == pytest.approx(
        summary["estimated_training_tokens"] * cost["usd_per_million_tokens"] / 1e6, abs=1e-6
    )
    assert cost["source"]
    assert cost["date"]
    assert summary["token_counting"] == "exact"


def test_the_training_is_recorded(finished: Any, ledger: Any) -> None:
    """Ids, hyper-parameters asked and resolved, times, events from first to last, and a loss that
    falls.
    """
    info = finished.read("results/fine_tuning_info.json")
    assert info["status"] == "succeeded"
    assert info["hyperparameters_asked"] == {
        "n_epochs": 3,
        "batch_size": 1,
        "learning_rate_multiplier": 0.1,
    }
    assert info["hyperparameters_resolved"]["n_epochs"] == 3
    assert info["seed"] == 42
    assert info["trained_tokens"] > 0
    assert info["created_at"] <= info["finished_at"]
    assert info["base_model"] == "gpt-4.1-mini-2025-04-14"
    assert info["fine_tuned_model"].startswith("gpt-4.1-mini-2025-04-14.ft-")
    assert info["training_file"] != info["validation_file"]
    steps = [row["step"] for row in info["loss_curve"]]
    assert steps == list(range(1, 36 * 3 + 1))
    losses = [row["train_loss"] for row in info["loss_curve"]]
    assert sum(losses[-10:]) < sum(losses[:10])
    messages = [event["message"] for event in info["events"]]
    assert "enqueued" in messages[0]
    assert any("succeeded" in message for message in messages[-5:])
    made = ledger(finished.home)
    assert (made["create_job"], made["upload"], made["create_deployment"]) == (1, 2, 1)


def test_the_deployment_is_explained(finished: Any) -> None:
    """Model, name, status, and the four ways to use it: with this name, and with the variable that
    holds the key.
    """
    info = finished.read("results/deployment_info.json")
    assert info["status"] == "succeeded"
    assert info["created_by_agent"] is True
    guide = info["guide"]
    assert len(guide["portal"]) >= 4
    assert info["model"] in guide["az"]
    for way in ("az", "python", "curl"):
        assert info["deployment"] in guide[way]
    assert 'os.environ["AZURE_OPENAI_KEY"]' in guide["python"]
    compile(guide["python"], "guide", "exec")
    assert "$AZURE_OPENAI_KEY" in guide["curl"]


def test_the_cases_are_scored(finished: Any) -> None:
    """At least twenty of four kinds; accuracy, intervals, confusion and errors that agree with the
    single answers.
    """
    results = finished.read("results/test_results.json")
    cases = results["cases_answered"]
    assert len(cases) >= 20
    assert len(results["per_kind"]) == 4
    for case in cases:
        assert {
            "text",
            "expected",
            "answer",
            "correct",
            "latency_seconds",
            "attempts",
            "kind",
        } <= set(case)
        assert case["correct"] == (case["predicted"] == case["expected"])
    right = sum(case["correct"] for case in cases)
    assert results["correct"] == right
    assert results["accuracy"] == round(right / len(cases), 4)
    low, high = results["interval_95"]
    assert 0 <= low < results["accuracy"] < high <= 1
    assert sum(entry["cases"] for entry in results["per_intent"].values()) == len(cases)
    matrix = results["confusion_matrix"]
    assert sum(matrix[intent][intent] for intent in FOUR) == right
    assert sum(sum(row.values()) for row in matrix.values()) == len(cases)
    assert sum(pattern["count"] for pattern in results["error_patterns"]) == len(cases) - right


def test_the_analysis_grades_and_advises(finished: Any) -> None:
    """A grade beside its interval, the best and the worst intent, suggestions with reasons, next
    steps.
    """
    analysis = finished.read("results/improvement_analysis.json")
    results = finished.read("results/test_results.json")
    assert analysis["grade"][0] in "ABCDF"
    assert analysis["interval_95"] == results["interval_95"]
    assert analysis["best_intent"]["accuracy"] >= analysis["worst_intent"]["accuracy"]
    assert analysis["failures"] == results["error_patterns"]
    worst = analysis["worst_intent"]
    scores = {name: entry["accuracy"] for name, entry in results["per_intent"].items()}
    assert set(worst["tied_with"]) == {
        n for n, a in scores.items() if a == min(scores.values())
    } - {worst["intent"]}
    assert all(suggestion["text"] for suggestion in analysis["suggestions"])
    assert analysis["next_steps"]
    assert "emulador local" in analysis["notice"]


def test_the_run_ends_with_a_table_and_the_paths(finished: Any) -> None:
    """And it says that nothing went to Azure."""
    assert "ANALYZED" in finished.out
    for line in finished.out.splitlines():
        if line.startswith(f"  {finished.home.name}/"):
            assert (finished.home.parent / line.strip()).is_file()
    assert finished.out.count("/results/") == len(Result) + 1
    assert f"Informe: {finished.home.name}/results/report.html" in finished.out.splitlines()
    assert "emulador local: no se envía nada a Azure" in finished.err


def test_what_was_written_is_for_its_owner_alone(finished: Any) -> None:
    """Mode 0600 for every file; the folders of the agent's own making let nobody else in."""
    for path in finished.home.rglob("*"):
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        elif path.is_dir():
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_second_run_changes_nothing(finished: Any, cli: Any, digests: Any, ledger: Any) -> None:
    """It says so, and leaves every byte as it was, those of the database included."""
    home = finished.home
    before, made = digests(home), ledger(home)
    database = (home / "data" / "agent.db").read_bytes()
    ended = cli(home, "run", "--until", "ANALYZED")
    assert ended.code == 0
    assert "No se ha cambiado nada" in ended.out
    assert digests(home) == before
    assert ledger(home) == made
    assert (home / "data" / "agent.db").read_bytes() == database
    assert not (home / "data" / "agent.pid").exists()


def test_results_are_written_again_from_the_database_alone(
    copied: Path, cli: Any, digests: Any
) -> None:
    """`report` after the folder has gone: the same bytes, without the emulator or any other
    file.
    """
    before = {
        name: digest for name, digest in digests(copied).items() if name.startswith("results/")
    }
    shutil.rmtree(copied / "results")
    shutil.rmtree(copied / "data" / "emulator")
    # The guide names the emulator's folder, so the copy is put where the original was.
    expected = {name: digest for name, digest in before.items() if "deployment_info" not in name}
    ended = cli(copied, "report")
    assert ended.code == 0
    after = digests(copied)
    assert {name: after[name] for name in expected} == expected
    assert "results/deployment_info.json" in after
    assert not (copied / "data" / "emulator").exists()


def test_reports_follow_the_language(copied: Path, cli: Any) -> None:
    """AGENT_LANGUAGE=en rewrites them in English, and back again byte for byte."""
    path = copied / "results" / "improvement_analysis.json"
    spanish = path.read_bytes()
    assert cli(copied, "report", env={"AGENT_LANGUAGE": "en"}).code == 0
    english = json.loads(path.read_text())
    assert "local emulator" in english["notice"]
    assert "confidence" in english["reading"]
    assert cli(copied, "report", env={"AGENT_LANGUAGE": "es"}).code == 0
    assert path.read_bytes() == spanish


def test_status_and_history_tell_the_whole_story(finished: Any, cli: Any) -> None:
    """The stable document with every key, and the ten checkpoints in order."""
    document = cli(finished.home, "status", "--json").json
    assert document["schema"] == 1
    [project] = document["projects"]
    keys = (
        "name state since generation version due_at waiting_for hold attempts last_error files job"
        " model deployment accuracy grade"
    )
    assert set(keys.split()) <= set(project)
    assert (project["name"], project["state"], project["version"], project["due_at"]) == (
        "tienda",
        "ANALYZED",
        10,
        None,
    )
    assert set(project["files"]) == {"training", "validation"}
    results = finished.read("results/test_results.json")
    for key in ("accuracy", "interval_95", "cases", "correct"):
        assert project[key] == results[key], key
    assert project["job"]["status"] == "succeeded"
    story = cli(finished.home, "history", "--json").json["checkpoints"]
    assert [entry["version"] for entry in story] == list(range(1, 11))
    assert all(before["to"] == after["from"] for before, after in pairwise(story))
    assert story[-1]["to"] == "ANALYZED"


def test_the_run_ends_with_what_it_means_and_what_to_do_next(finished: Any) -> None:
    """The table and the reading with their interval, the next steps, then the files."""
    results = finished.read("results/test_results.json")
    low, high = (round(bound * 100) for bound in results["interval_95"])
    said = " ".join(finished.out.split())
    assert f"Acierta {results['correct']} de {results['cases']}." in said
    assert f"entre el {low} % y el {high} %" in said
    percent = f"{results['accuracy'] * 100:.1f}".replace(".", ",")
    assert f"{percent} % ({low}–{high})" in said
    steps, files = said.index("Qué hacer ahora: 1. "), said.index("Archivos: ")
    assert said.index("Acierta ") < steps < files


def test_nothing_secret_is_in_anything_the_run_wrote(finished: Any) -> None:
    """The emulator's key and authorization headers, even with debug logs."""
    assert (finished.home / "logs" / "agent.jsonl").stat().st_size > 20_000
    for path in finished.home.rglob("*"):
        if path.is_file():
            assert b"local-emulator" not in path.read_bytes(), path
    assert "local-emulator" not in finished.out + finished.err


def test_the_log_has_a_line_for_every_tick_effect_and_move(finished: Any) -> None:
    """JSON lines, bound to project, state and tick."""
    lines = finished.lines("logs/agent.jsonl")
    moved = [line["to"] for line in lines if line["event"] == "moved"]
    assert (
        " ".join(moved)
        == "PROMPTED SPLIT VALIDATED UPLOADED TRAINING TRAINED AWAITING_DEPLOY DEPLOYED EVALUATED"
        " ANALYZED"
    )
    sent = [line["kind"].split(".")[0] for line in lines if line["event"] == "effect_sent"]
    assert sent == ["upload-training", "upload-validation", "create-job", "create-deployment"]
    ticks = [line for line in lines if line["event"] == "tick"]
    assert len(ticks) > len(moved)
    for tick in ticks:
        assert {"project", "state", "tick", "outcome", "seconds", "timestamp", "level"} <= set(tick)


def test_training_pays(finished: Any, start_emulator: Any, tmp_path: Path) -> None:
    """The fine-tuned model answers clearly more cases than its base model, which is told the
    intents just as well.
    """
    import openai

    own = Path(shutil.copytree(finished.home / "data" / "emulator", tmp_path / "emulador"))
    running = start_emulator(own, EMULATOR_ENCODER="")
    running.deploy("base", "gpt-4o-mini")
    results = finished.read("results/test_results.json")
    system = finished.lines("data/training/train_data.jsonl")[0]["messages"][0]["content"]
    right = 0
    with openai.AzureOpenAI(
        azure_endpoint=running.url,
        api_key="x",
        api_version="2024-12-01-preview",
        max_retries=0,
        timeout=30,
    ) as client:
        for case in results["cases_answered"]:
            messages: Any = [
                {"role": "system", "content": system},
                {"role": "user", "content": case["text"]},
            ]
            answer = client.chat.completions.create(model="base", temperature=0, messages=messages)
            right += answer.choices[0].message.content == case["expected"]
    assert results["accuracy"] >= right / results["cases"] + 0.1
