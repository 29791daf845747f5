"""What compliance looks at before the client's manager hears of it (MOT 14 and 52)."""

COMPLIANCE_FIRST = frozenset({"five_percent", "elderly_risk"})  # codes of the catalogue
RELEASED, HELD = "released", "held"
VERDICTS = {RELEASED: "放行", HELD: "暂缓"}


def verdict_words(result: str) -> str:
    """Return a verdict in words, any other result as it is."""
    return VERDICTS.get(result, result)
