"""The shape of one script of the house."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """What is said in one situation: the words, what to ask, what not to say."""

    key: str
    title: str
    text: str
    questions: tuple[str, ...]
    avoid: tuple[str, ...]
    stage: str = ""

    @property
    def scene(self) -> str:
        """The first word of the key: mot, retention, complaint, return_visit or stage."""
        return self.key.partition(".")[0]
