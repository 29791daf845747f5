"""What pages of clients ask for."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from clients.feed.manifest import NAME as MANIFEST
from clients.models import ChannelPreference, Client
from clients.operations.deliveries import is_feed_name


class ExportForm(forms.Form):
    """Why client data leaves the system; the answer stands in the audit book."""

    reason = forms.CharField(
        label="用途", max_length=100, help_text="导出将记入审计，请写明用途，例如「8月客户座谈邀约」"
    )


class ImportanceForm(forms.Form):
    """Which clients belong to which class (SEG-14)."""

    ids = forms.TypedMultipleChoiceField(coerce=int, label="客户", required=False)
    everything = forms.BooleanField(required=False)  # all that the list's filters leave, instead of `ids`
    importance = forms.ChoiceField(choices=Client.Importance, label="分类")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = self.data.getlist("ids") if isinstance(self.data, QueryDict) else []
        ids = self.fields["ids"]
        assert isinstance(ids, forms.TypedMultipleChoiceField)
        ids.choices = [(pk, pk) for pk in asked if pk.isdigit()]


class FilesInput(forms.ClearableFileInput):
    """A field for several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; each is checked as one."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        return [super(FilesField, self).clean(one, initial) for one in data or [None]]


class UploadForm(forms.Form):
    """A delivery by hand."""

    sent = FilesField(
        label="柜台文件",
        help_text="可一次选多个：.csv 或 .csv.gz，UTF-8 或 GB18030，中英文表头均可；有 manifest.json 请一并选上",
        widget=FilesInput(attrs={"accept": ".csv,.gz,.txt,.json"}),
    )

    def clean_sent(self) -> list[UploadedFile[Any]]:
        files: list[UploadedFile[Any]] = self.cleaned_data["sent"]
        wrong = [str(one.name) for one in files if not is_feed_name(str(one.name))]
        if wrong:
            raise forms.ValidationError(f"{'、'.join(wrong)} 不是柜台文件，文件名应以 .csv 或 .csv.gz 结尾")
        if len({one.name for one in files}) < len(files):
            raise forms.ValidationError("有两个文件同名，请改名后再选")
        if all(one.name == MANIFEST for one in files):
            raise forms.ValidationError("只有清单没有数据文件，请一并选上")
        return files


class ArchiveForm(forms.ModelForm[Client]):
    """The part of the archive that people keep; the counter keeps the rest. `version` finds conflicts."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    original = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Client
        fields = [
            "importance",
            "service_mode",
            "room_no",
            "occupation",
            "education_level",
            "region",
            "first_market_entry_on",
            "acquisition_source",
            "not_profiled",
            "notes",
        ]
        widgets = {
            "first_market_entry_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "notes": forms.Textarea(attrs={"rows": 4}),
        }

    def __init__(self, data: Any = None, *, instance: Client) -> None:
        super().__init__(data, instance=instance)
        self.initial["version"] = instance.version
        self.initial["original"] = json.dumps(archive_in_words(instance), ensure_ascii=False)


def archive_in_words(client: Client) -> dict[str, str]:
    """Return the editable fields of the archive as a conflict shows them."""
    return {
        "importance": client.get_importance_display(),
        "service_mode": client.get_service_mode_display(),
        "room_no": client.room_no,
        "occupation": client.occupation,
        "education_level": client.education_level,
        "region": client.region,
        "first_market_entry_on": str(client.first_market_entry_on or ""),
        "acquisition_source": client.acquisition_source,
        "not_profiled": "不做画像推送" if client.not_profiled else "可以",
        "notes": client.notes,
    }


class PreferenceForm(forms.Form):
    """What a client allows: a state for every channel and purpose, and how the client said so."""

    source = forms.CharField(label="依据", max_length=60, help_text="客户怎样表示的，例如「8月24日 本人来电」")
    version = forms.IntegerField(widget=forms.HiddenInput)
    original = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, held: dict[str, str], version: int = 0) -> None:
        super().__init__(data)
        for name, label in preference_labels().items():
            self.fields[name] = forms.ChoiceField(
                label=label, choices=ChannelPreference.State, initial=held.get(name, UNKNOWN)
            )
        self.initial["version"] = version
        self.initial["original"] = json.dumps(preferences_in_words(held), ensure_ascii=False)

    def rows(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return (channel in words, its fields in the order of purposes), a row each."""
        return [
            (str(channel.label), [self[field_of(channel, purpose)] for purpose in ChannelPreference.Purpose])
            for channel in ChannelPreference.Channel
        ]

    def states(self) -> dict[str, str]:
        """Return the state per field of a valid form."""
        return {name: self.cleaned_data[name] for name in preference_labels()}


UNKNOWN = ChannelPreference.State.UNKNOWN.value


def field_of(channel: str, purpose: str) -> str:
    """Return the name of the field of a channel and purpose: `sms-marketing`."""
    return f"{channel}-{purpose}"


def preference_labels() -> dict[str, str]:
    """Return the field names of all channels and purposes with their words."""
    return {
        field_of(channel, purpose): f"{channel.label}·{purpose.label}"
        for channel in ChannelPreference.Channel
        for purpose in ChannelPreference.Purpose
    }


def preferences_in_words(held: dict[str, str]) -> dict[str, str]:
    """Return every state in words; what is not noted is unknown."""
    return {name: str(ChannelPreference.State(held.get(name, UNKNOWN)).label) for name in preference_labels()}


class UnmaskForm(forms.Form):
    """Which hidden value is asked for."""

    WORDS = {"phone": "手机", "id_no": "证件号码", "email": "邮箱", "address": "地址"}
    field = forms.ChoiceField(choices=list(WORDS.items()))

    @property
    def words(self) -> str:
        """What the asked field of a valid form is called."""
        return self.WORDS[self.cleaned_data["field"]]
