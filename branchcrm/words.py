"""What the outcomes of a night are called, on pages, in mails and in the terminal."""

OUTCOMES = {  # kept in the ledger
    "published": "已发布",
    "degraded": "降级",
    "by_date": "非交易日",
    "refused": "校验未通过",
    "failed": "失败",
}
OUTCOME_SENTENCES = {
    "published": "各页已更新",
    "degraded": "柜台数据未齐，沿用上次结果，只生成日期类任务",
    "by_date": "非交易日，只生成日期类任务",
    "refused": "草稿已保留，未发布；各页沿用上次结果",
    "failed": "运行出错，未发布；各页沿用上次结果，早间每 15 分钟自动再试",
    "waiting": "柜台数据未到，稍后再试",
    "nothing_new": "数据与上次相同，无需重算",
    "overtaken": "之后日期的结果已发布，不再回写",
    "held": "另一进程正在运行",
}
