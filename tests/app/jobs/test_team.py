"""A job on a team's server whose writer and workers are killed: nothing lost, nothing twice."""

from pathlib import Path

import pytest

from app.jobs import begin
from audit import Places, verify
from tests.app.jobs.builders import analyses, killed, plan, write
from tests.app.jobs.driver import open_store
from tests.postgres import PostgresServer
from tests.soak import times

ENCOUNTERS, KILLS = times(60, 5_000), times(2, 60)


@pytest.mark.soak
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
def test_nothing_is_lost_and_nothing_twice_on_a_server(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    team = postgres.database()
    open_store(tmp_path, team.address()).close()
    team.let_in()
    asked = plan(tmp_path, write(tmp_path / "n.jsonl", ENCOUNTERS))
    job = begin(tmp_path / "jobs", asked.model_copy(update={"store": str(team.address("ada"))}))
    said = killed(job, tmp_path, encounters=ENCOUNTERS, kills=KILLS, seed=11, of_workers=0.3)
    assert said == {f"e{n}" for n in range(ENCOUNTERS)}
    with open_store(tmp_path, team.address("ada")) as store:
        assert analyses(store) == dict.fromkeys(said, 1)
        assert len(store.cases()) == ENCOUNTERS
    assert job.state == "finished"
    places = Places(state=tmp_path / "state", config=tmp_path / "config")
    assert verify(team.address("carl"), places=places).problems == ()
