"""The shapes of a chart as fractions of its width and height, with what is written beside each."""

from itertools import pairwise
from math import ceil, floor, log10
from typing import Any, Final

from app.indicators.figures import Chart, Series
from app.printing.wording import NOT_TOLD, drawable, number, shortened, typeset

_STEPS: Final = (1, 2, 2.5, 5, 10)
_GRID_LINES: Final = 4
_LINE_HEIGHT: Final = 0.085
"""A line of the labels beside the curves, as a part of the height of the chart."""
_LINE_LENGTH: Final = 14
"""The letters that such a line surely holds, its number aside."""
_LONGEST_CATEGORY: Final = {"bars": 80, "lines": 24, "pyramid": 22}
_LONGEST_SERIES: Final = 40
"""A picture is read at a glance: the table beside it says the whole label."""
_PASSES: Final = 50
_READABLE_POINTS: Final = 24
"""Beyond, the numbers written along the curves hide them; the table has them all."""


def chart_payload(chart: Chart) -> dict[str, Any]:
    """What the template draws. A value that cannot be told has no shape and says so; values are never negative."""
    kind = chart.kind if chart.kind != "pyramid" or len(chart.series) == 2 else "bars"
    top = _top(chart)
    return {
        "kind": kind,
        "title": drawable(typeset(chart.title)),
        "alternative": drawable(typeset(chart.alternative)),
        "categories": [shortened(drawable(typeset(each)), _LONGEST_CATEGORY[kind]) for each in chart.categories],
        "ticks": [[at / top, number(at, chart.unit).replace(",0", "")] for at in _ticks(top)],
        "untold": any(value is None for series in chart.series for value in series.values),
        "numbered": sum(len(series.values) for series in chart.series) <= _READABLE_POINTS,
        "series": [
            {
                "label": shortened(drawable(typeset(series.label)), _LONGEST_SERIES),
                "values": [
                    [None, NOT_TOLD] if value is None else [max(value, 0) / top, number(value, chart.unit)]
                    for value in series.values
                ],
                "beside": beside,
            }
            for series, beside in zip(chart.series, _labels(chart, top), strict=True)
        ],
    }


def _labels(chart: Chart, top: float) -> list[float]:
    """The height of the name of each curve: where the curve ends, or near it."""
    lines = max((1 + len(each.label) // _LINE_LENGTH for each in chart.series), default=1)
    return _spread([_last(each) / top for each in chart.series], lines * _LINE_HEIGHT)


def _last(series: Series) -> float:
    """Where the curve ends, where its name is written."""
    return next((value for value in reversed(series.values) if value is not None), 0)


def _largest(chart: Chart) -> float:
    return max((value for series in chart.series for value in series.values if value is not None), default=0)


def _step(largest: float) -> float:
    """The round number that cuts the height in about four."""
    rough = max(largest, 1) / _GRID_LINES
    scale = 10.0 ** floor(log10(rough))
    step = next(each * scale for each in _STEPS if each * scale >= rough * 0.999)
    return max(step, 1)


def _top(chart: Chart) -> float:
    """Bars are as long as the page when they are the longest; a curve ends on a round number."""
    largest = _largest(chart)
    if chart.kind != "lines":
        return max(largest, 1)
    step = _step(largest)
    return max(ceil(largest / step), 1) * step


def _ticks(top: float) -> list[float]:
    step = _step(top)
    return [step * rank for rank in range(int(top / step) + 1)]


def _spread(heights: list[float], least: float) -> list[float]:
    """The same heights, each moved as little as the labels written there need not to overlap."""
    order = sorted(range(len(heights)), key=lambda rank: heights[rank])
    placed = [heights[rank] for rank in order]
    for _ in range(_PASSES):
        for low, high in pairwise(range(len(placed))):
            short = least - (placed[high] - placed[low])
            if short > 0:
                placed[low] -= short / 2
                placed[high] += short / 2
    floor_of_all = min([0.0, *placed])
    return [height - floor_of_all for _, height in sorted(zip(order, placed, strict=True))]
