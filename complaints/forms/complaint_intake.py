"""How a complaint comes in: at the desk with the eight record points (CMP-09), and from the public page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from clients.models import Client
from complaints.forms.complaint_acts import UNSAID, words
from complaints.models import BusinessClass, Category, Channel, Urgency
from complaints.rules.classes import MIN_CONTENT
from complaints.rules.wording import CLOSING_WORDS
from office.fields import MomentField
from office.models import Employee

MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
CLOSED_WELL = "结束通话：已问是否还需其他服务，并致谢道别。"


class IntakeForm(forms.Form):
    """The record of a complaint as it is heard."""

    client = forms.ModelChoiceField(queryset=Client.objects.none(), required=False, widget=forms.HiddenInput)
    contact = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)
    caller_name = forms.CharField(label="姓名", max_length=60, required=False)
    account_no = forms.CharField(label="客户账号", max_length=32, required=False)
    phone = forms.CharField(label="联系电话", max_length=20, required=False)
    received_at = MomentField(label="来电（收到）时间", widget=MOMENT)
    channel = forms.ChoiceField(label="渠道", choices=Channel.choices, initial=Channel.PHONE)
    transfer_no = forms.CharField(
        label="转办编号", max_length=40, required=False, help_text="12386 热线转办时必填，同一编号只登记一次"
    )
    content = words(
        "投诉内容", rows=5, least=MIN_CONTENT, help_text=f"何时、何事、经过，不少于 {MIN_CONTENT} 个字；保留客户原话"
    )
    people_count = forms.IntegerField(label="人数", min_value=1, max_value=9999, initial=1)
    service_wanted = words("所需服务", rows=2, required=False)
    special_requests = words("特殊要求", rows=2, required=False)
    our_answers = words("我方答复要点", rows=3, required=False, help_text="只记已说过的话；不承诺结果")
    category = forms.ChoiceField(label="类别", choices=[UNSAID, *Category.choices])
    business_class = forms.ChoiceField(label="业务", choices=BusinessClass.choices, initial=BusinessClass.OTHER)
    urgency = forms.ChoiceField(label="紧急程度", choices=Urgency.choices, initial=Urgency.NORMAL)
    parties = forms.ModelMultipleChoiceField(
        label="被投诉人", queryset=Employee.objects.none(), required=False,
        widget=forms.SelectMultiple(attrs={"size": 4}), help_text="所列人员不能办理也看不到这件投诉",
    )  # fmt: skip
    closing = forms.MultipleChoiceField(
        label="结束通话前", required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(str(place), line) for place, line in enumerate(CLOSING_WORDS)],
    )  # fmt: skip

    def __init__(self, data: Any = None, *, by: Employee, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial={"received_at": timezone.localtime(), **(initial or {})})
        client, parties = self.fields["client"], self.fields["parties"]
        assert isinstance(client, forms.ModelChoiceField)
        assert isinstance(parties, forms.ModelMultipleChoiceField)
        client.queryset = Client.objects.visible_to(by)
        staff = Employee.objects.filter(branch_id=by.branch_id or 0, is_active=True)
        parties.queryset = staff.order_by("pinyin", "pk")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        client: Client | None = values.get("client")
        if client is not None:
            values["caller_name"] = values.get("caller_name") or client.name
            values["phone"] = values.get("phone") or client.phone
            values["account_no"] = values.get("account_no") or client.client_no
        elif not values.get("caller_name"):
            self.add_error("caller_name", "请填写姓名；不愿透露的记「匿名」")
        return values

    def record(self) -> dict[str, Any]:
        """Return what `take_in` is told."""
        said = {name: value for name, value in self.cleaned_data.items() if name not in ("closing", "contact")}
        if len(self.cleaned_data["closing"]) == len(CLOSING_WORDS):
            said["our_answers"] = f"{said['our_answers']}\n{CLOSED_WELL}".strip()
        return {**said, "contact_id": self.cleaned_data["contact"]}


class PublicForm(forms.Form):
    """What anybody may write to the branch; `website` is a trap for robots, `opened` the page's age."""

    caller_name = forms.CharField(
        label="您的姓名", max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    phone = forms.CharField(
        label="联系电话", max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}), help_text="我们按这个号码答复您",
    )  # fmt: skip
    account_no = forms.CharField(label="客户账号", max_length=32, required=False, help_text="不记得可以不填")
    category = forms.ChoiceField(label="是什么问题", choices=[UNSAID, *Category.choices])
    content = words(
        "发生了什么", rows=6, least=MIN_CONTENT, help_text=f"请写明时间、经过和您的要求，不少于 {MIN_CONTENT} 个字"
    )
    persons = forms.CharField(
        label="涉及的工作人员", max_length=60, required=False, help_text="知道姓名请填写，此人不会经手您的投诉"
    )
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))
    opened = forms.CharField(widget=forms.HiddenInput)

    def clean_phone(self) -> str:
        digits = [one for one in self.cleaned_data["phone"] if one.isdigit()]
        if len(digits) < 7:
            raise forms.ValidationError("请填写能联系到您的电话号码")
        return str(self.cleaned_data["phone"]).strip()


class RegisterExportForm(forms.Form):
    """Why complaints leave the system; the answer stands in the audit book."""

    reason = forms.CharField(
        label="用途", max_length=100, help_text="导出将记入审计，请写明用途，例如「年度投诉台账报送」"
    )
