"""Which script is said where: the one in force for a key, the library, and what lies beside a task."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q

from office.models import Branch, Employee
from service_logs.models import Script, Task

BESIDE = 3  # scripts folded into the drawer
MOT = "mot."


def script_for(key: str, branch: Branch | None = None) -> Script | None:
    """Return the script in force for a key ("retention.commission"), None if there is none or it was retired.

    The branch's own takes the house's place; without a branch it is the house's.
    """
    return scripts_for([key], branch).get(key)


def scripts_for(keys: Iterable[str], branch: Branch | None = None) -> dict[str, Script]:
    """Return key → script in force, for those of `keys` that have one; one query."""
    rows = Script.objects.filter(_here(branch), key__in=list(keys)).exclude(state=Script.State.DRAFT)
    return {row.key: row for row in _deciding(rows) if row.state == Script.State.APPROVED}


def _here(branch: Branch | None) -> Q:
    return Q(branch=None) | Q(branch=branch) if branch else Q(branch=None)


def _deciding(rows: Iterable[Script]) -> list[Script]:
    """Return of the decided rows of each key the one that holds: the branch's before the house's, the latest first."""
    held: dict[str, Script] = {}
    for row in sorted(rows, key=lambda row: (row.branch_id is not None, row.version)):
        held[row.key] = row
    return list(held.values())


def script_key(task: Task) -> str:
    """Return the key of the script that belongs to a task, "" if none does; needs `rule` joined."""
    named = str(task.facts.get("script", ""))
    return named or (f"{MOT}{task.rule.code}" if task.rule is not None else "")


def scripts_beside(tasks: Iterable[Task], branch: Branch) -> list[Script]:
    """Return the scripts for a call about `tasks`, in their order, three at most."""
    keys = list(dict.fromkeys(key for key in map(script_key, tasks) if key))
    found = scripts_for(keys, branch) if keys else {}
    return [found[key] for key in keys if key in found][:BESIDE]


@dataclass(frozen=True)
class Line:
    """One situation of the library: what is in force (or was last), and the draft that waits for approval."""

    held: Script | None
    draft: Script | None

    @property
    def script(self) -> Script:
        """The row that the list shows."""
        shown = self.held or self.draft
        assert shown is not None
        return shown


@dataclass(frozen=True)
class Group:
    """The situations of one scene."""

    scene: str
    label: str
    lines: list[Line] = field(default_factory=list)


def library(user: Employee, *, text: str = "", show: str = "") -> list[Group]:
    """Return the scripts `user` may read, scene by scene in the order of their first writing.

    `text` is looked for in title, words and questions; `show` narrows to "draft" or "retired".
    """
    rows = list(Script.objects.visible_to(user).order_by("pk"))
    drafts = {row.key: row for row in rows if row.state == Script.State.DRAFT}
    held = {row.key: row for row in _deciding(row for row in rows if row.state != Script.State.DRAFT)}
    lines = [Line(held.get(key), drafts.get(key)) for key in dict.fromkeys(row.key for row in rows)]
    kept = [line for line in lines if _is_kept(line, text.strip().lower(), show)]
    groups = [
        Group(str(one), str(one.label), [line for line in kept if line.script.scene == one]) for one in Script.Scene
    ]
    return [group for group in groups if group.lines]


def _is_kept(line: Line, text: str, show: str) -> bool:
    if show == "draft" and line.draft is None:
        return False
    if show == "retired" and (line.held is None or line.held.state != Script.State.RETIRED):
        return False
    said = "\n".join((line.script.key, line.script.title, line.script.text, line.script.questions)).lower()
    return text in said


def versions(user: Employee, key: str) -> list[Script]:
    """Return all versions of one situation that `user` may read: the branch's, latest first, then the house's."""
    rows = Script.objects.visible_to(user).filter(key=key).select_related("author", "approved_by")
    return sorted(rows, key=lambda row: (row.branch_id is not None, row.version), reverse=True)


def in_force(rows: Iterable[Script]) -> Script | None:
    """Return which of the versions of one key holds, None if it was retired or never approved."""
    decided = _deciding(row for row in rows if row.state != Script.State.DRAFT)
    return decided[0] if decided and decided[0].state == Script.State.APPROVED else None
