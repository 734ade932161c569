"""The scales of the report's charts."""

from __future__ import annotations

from agent.report.plot import Frame, round_steps, thin


def test_axes_have_round_steps_that_cover_what_is_shown() -> None:
    """From below the least to above the most, in steps of 1, 2 or 5."""
    for low, high in (
        (0.0, 1.0),
        (0.62, 1.0),
        (0.0, 387.0),
        (0.0, 0.0004),
        (5.0, 5.0),
        (0.91, 1.0),
    ):
        steps = round_steps(low, high)
        assert steps[0] <= low
        assert steps[-1] >= high
        assert 2 <= len(steps) <= 8
        assert steps == sorted(set(steps))


def test_places_lie_within_the_picture() -> None:
    """Also those of values beyond the axis."""
    frame = Frame((0.0, 1.0), (0.5, 1.0))
    assert (frame.x(0.0), frame.x(-1.0)) == (46, 46)
    assert frame.y(1.0) < frame.y(0.5) == frame.y(0.0)
    assert frame.path([(0.0, 0.5), (1.0, 1.0)]).startswith("M46")
    assert thin(range(5), 9) == [0, 1, 2, 3, 4]
    assert thin(range(1000), 3) == [0, 500, 999]
