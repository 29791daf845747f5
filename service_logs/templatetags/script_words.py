"""What a script says with its blanks filled as far as they are known; the rest is marked for the speaker to fill."""

from __future__ import annotations

import re

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from office.models import Employee

register = template.Library()

BLANK = re.compile(r"【([^】]{1,20})】")
SPEAKER = re.compile(r"(我是[^，。；：？]{0,12}|客服)$")  # what stands before the blank of the speaker's own name
NAME, BRANCH = "姓名", "营业部"


@register.simple_tag
def spoken(text: str, speaker: Employee | str | None = None) -> SafeString:
    """Return what is said, line by line: the branch and the speaker's own name filled in, every other blank marked.

    Without a speaker, as in the library, all blanks are marked. Another person's name is never guessed.
    """
    person = speaker if isinstance(speaker, Employee) else None  # a name the template was not given is ""
    parts: list[str] = []
    end = 0
    for found in BLANK.finditer(text):
        before, word = text[end : found.start()], found[1]
        parts += [escape(before), _filled(word, text[: found.start()], person)]
        end = found.end()
    parts.append(escape(text[end:]))
    return mark_safe("".join(parts).replace("\n", "<br>"))  # each part is escaped


def _filled(word: str, before: str, speaker: Employee | None) -> str:
    if word == BRANCH and speaker is not None and speaker.branch is not None:
        return escape(speaker.branch.name)
    if word == NAME and speaker is not None and SPEAKER.search(before):
        return escape(speaker.name)
    return format_html('<mark class="fill" title="说的时候填入">{}</mark>', word)


@register.filter
def has_blanks(said: str) -> bool:
    """Whether something is left that the speaker fills in himself."""
    return 'class="fill"' in said
