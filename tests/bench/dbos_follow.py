"""A DBOS workflow whose step looks at a job, for resume.py. Arguments: service, folder, poll.

What was running when the process was killed is recovered at the launch.
"""

import http.client
import sys
import time

from dbos import DBOS, SetWorkflowID

URL, FOLDER, POLL = sys.argv[1:]


@DBOS.step()
def look() -> int:
    client = http.client.HTTPConnection(URL.removeprefix("http://"))
    client.request("GET", "/openai/fine_tuning/jobs/ftjob-1")
    size = len(client.getresponse().read())
    time.sleep(float(POLL))  # in the step, so that one that was killed looks again at once
    return size


@DBOS.workflow()
def follow() -> None:
    while True:
        look()


def main() -> None:
    database = f"sqlite:///{FOLDER}/dbos.db"
    DBOS(config={"name": "follow", "system_database_url": database, "run_admin_server": False})
    DBOS.launch()
    with SetWorkflowID("job"):
        DBOS.start_workflow(follow)
    while True:
        time.sleep(60)


main()
