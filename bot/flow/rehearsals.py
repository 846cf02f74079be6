"""All transcripts of a folder, run, and what came of them as lines to read."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from bot.flow import transcript
from bot.flow.coverage import Coverage, gaps, share
from bot.flow.load import Loaded
from bot.flow.problems import Problem
from bot.flow.scenario import Scenario
from bot.flow.source import read
from bot.flow.wording import problems_of

SUFFIX = ".talk.yaml"


@dataclass
class Outcome:
    """What came of the transcripts: per file its title and failures, problems of the files themselves, coverage."""

    loaded: Loaded
    talks: list[tuple[str, str, list[transcript.Failure]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    coverage: Coverage = field(default_factory=Coverage)

    @property
    def failed(self) -> bool:
        """Say whether anything is not as it should be."""
        return bool(self.problems or self.loaded.errors or any(failures for _, _, failures in self.talks))

    def report(self, *, coverage: bool) -> Iterator[str]:
        """Yield the lines of the report."""
        for problem in (*self.loaded.errors, *self.problems):
            yield f"{problem.place}: {problem.what.ja}{problem.remedy.ja if problem.remedy else ''}"
        for file, title, failures in self.talks:
            yield f"{'NG' if failures else 'OK'}  {title}（{file}）"
            for failure in failures:
                yield from _side_by_side(file, failure)
        if coverage:
            yield from self._coverage()
        failed = sum(bool(failures) for _, _, failures in self.talks)
        yield f"会話{len(self.talks)}件：成功 {len(self.talks) - failed}件、失敗 {failed}件"

    def _coverage(self) -> Iterator[str]:
        own = {name: self.loaded.book.programs[name] for name in self.loaded.origins}
        for name, program in own.items():
            for gap in gaps(self.coverage, program, self.loaded.origins[name], self.loaded.notes[name]):
                way = f"：{gap.way}" if gap.way else ""
                yield f"未確認  {gap.place}  {gap.step}{way}"
        seen, steps = share(self.coverage, own)
        yield f"ステップ{steps}のうち{seen}を確認（{seen * 100 // max(steps, 1)}%）"


def rehearse(loaded: Loaded, folder: Path) -> Outcome:
    """Run every `*.talk.yaml` below `folder`."""
    outcome = Outcome(loaded)
    for path in sorted(folder.rglob(f"*{SUFFIX}")):
        name = path.relative_to(folder.parent).as_posix()
        rehearse_text(outcome, name, path.read_text(encoding="utf-8-sig"))
    return outcome


def rehearse_text(outcome: Outcome, file: str, text: str) -> None:
    """Run one transcript and add what came of it."""
    source = read(text, file)
    outcome.problems.extend(source.problems)
    if source.value is None:
        return
    try:
        talk = Scenario.model_validate(source.value)
    except ValidationError as error:
        outcome.problems.extend(problems_of(error, source, Scenario))
        return
    failures = transcript.run(outcome.loaded.book, talk, source, outcome.coverage.trace)
    outcome.talks.append((file, talk.talk, failures))


def _side_by_side(file: str, failure: transcript.Failure) -> Iterator[str]:
    yield f"    {file}:{failure.line}: {failure.reason}"
    if failure.expected or failure.got:
        yield "      （- 書かれた内容　+ 実際の内容）"
        for row in difflib.ndiff(failure.expected, failure.got):
            if not row.startswith("?"):
                yield f"      {row}"
