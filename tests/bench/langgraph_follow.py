"""A LangGraph whose node looks at a job, for resume.py. Arguments: service, folder, poll.

One checkpoint a look, in SQLite; a thread that was killed goes on where it was.
"""

import http.client
import sys
import time
from typing import TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph


class State(TypedDict):
    looks: int


def main() -> None:
    url, folder, poll = sys.argv[1:]

    def look(state: State) -> State:
        client = http.client.HTTPConnection(url.removeprefix("http://"))
        client.request("GET", "/openai/fine_tuning/jobs/ftjob-1")
        client.getresponse().read()
        time.sleep(float(poll))  # in the step, so that one that was killed looks again at once
        return {"looks": state["looks"] + 1}

    graph = StateGraph(State)
    graph.add_node("look", look)
    graph.add_edge(START, "look")
    graph.add_edge("look", "look")
    with SqliteSaver.from_conn_string(f"{folder}/langgraph.db") as saver:
        app = graph.compile(checkpointer=saver)
        thread = {"configurable": {"thread_id": "job"}, "recursion_limit": 100_000}
        is_new = saver.get_tuple(thread) is None
        app.invoke({"looks": 0} if is_new else None, thread)


main()
