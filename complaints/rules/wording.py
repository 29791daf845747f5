"""Fixed texts of the complaint desk: what is said, written and never left out."""

from __future__ import annotations

from datetime import datetime

from office.dates import SHANGHAI

APPEAL = (
    "如您对处理结果不满意，可以要求本营业部复核，也可以拨打证监会投资者服务热线 12386、"
    "向当地证监局反映，向证券纠纷调解机构申请调解，或者依法提起仲裁、诉讼。"
)  # CMP-07
GUIDANCE = (
    "先听完，不打断、不争辩；客户的情绪针对岗位，不针对个人。",
    "声音平稳友善，复述要点并与客户核对。",
    "不合理的要求在第一时间说明依据并明确拒绝，同时告知救济途径，不向上推诿。",
    "不承诺收益、减免或处理结果，只承诺答复时限。",
)  # CMP-11, CMP-13, SKL-02
CLOSING_WORDS = ("请问您还需要其他服务吗？", "谢谢您，再见。")  # CMP-12


def acknowledgement(no: str, due_at: datetime, handler: str, phone: str) -> str:
    """Return what the caller is told when his complaint is taken in: number, deadline, who answers."""
    day = due_at.astimezone(SHANGHAI)
    answering = f"由{handler}负责" if handler else "由专人负责"
    called = f"，可拨打 {phone} 查询" if phone else ""
    return f"您的投诉已受理，编号 {no}，{answering}，最迟于 {day:%Y年%-m月%-d日} 前答复您{called}。"
