"""A run of publishing: what stays the same from its first step to its last, whoever does the step."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cx import erasure, masking, settings, snapshot
from cx.catalog import Catalog, Metric
from cx.cursors import AT_ONCE
from cx.progress import Course
from cx.settings import Settings


@dataclass(frozen=True)
class Run:
    """What one run of publishing works on, and how it was asked to."""

    data: Path
    catalog: Catalog
    settings: Settings
    metrics: Mapping[str, Metric]
    """All metrics, also those that turn out not to be measurable on what is published."""
    customers: tuple[str, ...]
    """Those of whom nothing may be published."""
    masking: str
    """Names how texts are masked."""
    again: bool
    """Whether every part is made anew."""
    release: bool
    """Whether days that are held are published too."""
    work: Path
    """The folder of everything unfinished; it goes when the run ends."""
    course: Course

    @property
    def folder(self) -> Path:
        """Where everything published lies."""
        return snapshot.published(self.data)

    def at_once(self, stage: str, tasks: Sequence[tuple[str, Callable[[], None]]], weights: Sequence[int] = ()) -> None:
        """Do named tasks that do not depend on each other, some at the same time; `weights` say how long each takes."""
        weights = weights or [1] * len(tasks)
        whole, past = sum(weights), 0
        if tasks:
            self.course.at(stage, tasks[0][0], 1, len(tasks))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            done = pool.map(lambda task: task[1](), tasks)
            for number, ((name, _), weight, _) in enumerate(zip(tasks, weights, done, strict=True), 1):
                past += weight
                self.course.at(stage, name, number, len(tasks), past / whole)


def begin(data: Path, catalog: Catalog, work: Path, course: Course, *, again: bool, release: bool) -> Run:
    """A run over what `cx.toml`, the metrics and the list of erasures say now."""
    found = settings.load(data)
    return Run(
        data=data,
        catalog=catalog,
        settings=found,
        metrics=catalog.metrics(unusable=True),
        customers=erasure.due(erasure.entries(data), erasure.today()),
        masking=masking.rules(found.privacy.names) if found.privacy.mask else "plain",
        again=again,
        release=release,
        work=work,
        course=course,
    )
