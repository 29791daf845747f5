"""The four classes of T/SAC 001-2024: by business, by number of persons, by urgency, by reasonableness."""

from __future__ import annotations

SINGLE, SEVERAL, GROUP = "single", "several", "group"
GROUP_FROM = 5  # persons; the house's line, the standard's figure is not stated in our source (certainty C)
MIN_CONTENT = 10  # characters of a content written down in detail (CMP-02)
COMMISSION_WORDS = ("佣金", "手续费", "费率", "万分之")  # what makes a complaint one about commission (MOT 41)
UPHOLDING = ("upheld", "partly")  # outcomes that say the client was right


def persons_class(count: int) -> str:
    """Return the class of a complaint brought by `count` persons together. Raises ValueError below 1."""
    if count < 1:
        raise ValueError("somebody complains")
    if count == 1:
        return SINGLE
    return GROUP if count >= GROUP_FROM else SEVERAL


def speaks_of_commission(content: str, business: str = "") -> bool:
    """Whether what was said is about commission, by its words or by its class."""
    return business == "commission" or any(word in content for word in COMMISSION_WORDS)


def tells_appeal(text: str) -> bool:
    """Whether a text that refuses names the ways to appeal: the hotline 12386, and mediation or the courts (CMP-07)."""
    return "12386" in text and any(word in text for word in ("调解", "仲裁", "诉讼", "法律途径"))
