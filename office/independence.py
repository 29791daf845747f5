"""Who may ask a client about the people who serve and won him: one rule for every path to a return visit."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

# Posts that sell or lead those who sell; one of them is enough to keep its holder from calling.
MARKETING = frozenset(
    {
        "market_director",
        "director_assistant",
        "team_leader",
        "client_manager",
        "securities_agent",
        "adviser",
        "consultant",
    }
)
VISITING = frozenset({"service_staff", "head_office_service", "compliance", "branch_manager"})


class Bar(Enum):
    """Why somebody may not make a return visit."""

    AWAY = "不在岗"
    OTHER_BRANCH = "不是本营业部人员"
    MARKETING = "担任营销岗位"
    NOT_VISITING = "不在回访岗位"
    OWNER = "正在服务此客户（负责、临时负责或代理）"
    DEVELOPER = "是此客户的开发人员"
    SUBJECT = "是此次回访所涉人员"


@dataclass(frozen=True)
class Subjects:
    """Whom a visit is about, as ids: who serves the client in whatever role, who won him, whom it asks about."""

    owners: frozenset[int] = frozenset()
    developer: int | None = None
    others: frozenset[int] = frozenset()

    @property
    def ids(self) -> frozenset[int]:
        """Everybody of them."""
        won = frozenset({self.developer}) if self.developer else frozenset()
        return self.owners | won | self.others


@dataclass(frozen=True)
class Asker:
    """Somebody who is to call: his posts, whether he works here that day and belongs to the client's branch."""

    pk: int
    roles: Collection[str]
    is_there: bool = True
    is_of_branch: bool = True


def bar(asker: Asker, subjects: Subjects) -> Bar | None:
    """Return why `asker` may not make the visit, None if he may (adviser rule art. 21: independent staff).

    What he does with the client weighs more than his posts: the answer names the closest tie.
    """
    roles = {str(role) for role in asker.roles}
    reasons = (
        (asker.pk in subjects.owners, Bar.OWNER),
        (asker.pk == subjects.developer, Bar.DEVELOPER),
        (asker.pk in subjects.others, Bar.SUBJECT),
        (bool(roles & MARKETING), Bar.MARKETING),
        (not roles & VISITING, Bar.NOT_VISITING),
        (not asker.is_of_branch, Bar.OTHER_BRANCH),
        (not asker.is_there, Bar.AWAY),
    )
    return next((reason for holds, reason in reasons if holds), None)
