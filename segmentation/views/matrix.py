"""能力矩阵: who is good at what, side by side."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from office.http import Request, needs
from office.models import Skill, Team
from segmentation.queries import suggestions
from segmentation.queries.matrix import Profile, profiles


@require_GET
@needs("segmentation.view_matrix")
def matrix(request: Request) -> HttpResponse:
    today = timezone.localdate()
    rows = profiles(
        request.user, today, team=request.GET.get("team", ""), sort=request.GET.get("sort", "-mean") or "-mean"
    )
    said = list(suggestions.suggestions(request.user)[: suggestions.LATEST])
    context = {
        "rows": rows,
        "kinds": suggestions.kinds_by_manager(request.user),
        "said": said,
        "known": suggestions.known_clients(request.user, said),
        "skills": Skill.choices,
        "teams": Team.objects.filter(branch_id=request.user.branch_id or 0).order_by("name", "pk"),
        "team": request.GET.get("team", ""),
        "overloaded": sum(row.load_share > 1 for row in rows),
        "thin": _thin(rows),
    }
    return render(request, "segmentation/matrix.html", context)


def _thin(rows: list[Profile]) -> list[str]:
    """Return the skills that nobody of these people is strong in."""
    strong = {label for row in rows for label in row.strengths}
    return [str(label) for _, label in Skill.choices if str(label) not in strong] if rows else []
