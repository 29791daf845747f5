"""What pages of value ask for."""

from __future__ import annotations

from django import forms


class PurposeForm(forms.Form):
    """Why figures of clients leave the system; the answer stands in the audit book."""

    reason = forms.CharField(label="用途", max_length=100, help_text="导出将记入审计，请写明用途，例如「9月经理会」")
