"""其他券商账户: what is known of accounts elsewhere, our share, the report by manager (RET-07, RET-10)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from clients.models import Client
from office.http import Request, needs, part
from office.paging import count_beside, count_label, keyset_page
from office.understanding import understood
from retention.filters import chips
from retention.forms.closures import Versioned
from retention.forms.library_filter import WalletFilter
from retention.forms.wallet import ChangeForm, NoteForm
from retention.library_sheets import wallet_sheet
from retention.models import OtherAccount
from retention.operations.wallet import change_other_account, end_other_account, note_other_account
from retention.queries import wallet as reading
from retention.views.lists import MOST_ROWS, PER_PAGE, Export, export, neighbours, posted

MENU = "retention:wallet_list"


@require_GET
@needs("retention.view_wallet")
def wallet_list(request: Request) -> HttpResponse:
    form = WalletFilter(request.GET)
    form.is_valid()
    rows = reading.wallet_list(request.user, form.cleaned_data)
    order = reading.order_of(request.GET.get("sort", ""))
    page = keyset_page(rows, order, request.GET.get("after", ""), PER_PAGE)
    context = {
        "page": page,
        "form": form,
        "chips": chips(form, request.GET),
        "count": count_label(count_beside(page, rows)),
        "books": reading.books(request.user),
        **neighbours(request, page),
    }
    return render(request, "retention/wallet_list.html", context)


@require_http_methods(["GET", "POST"])
@needs("clients.export_client")
def wallet_export(request: Request) -> HttpResponse:
    form = WalletFilter(request.GET)
    order = reading.order_of(request.GET.get("sort", ""))
    rows = reading.wallet_list(request.user, understood(form)).order_by(*order)[:MOST_ROWS]
    return export(request, Export("其他券商账户", "other-accounts", rows.count(), lambda: wallet_sheet(rows), MENU))


@require_GET
@needs("retention.view_wallet")
def wallet_panel(request: Request, pk: int) -> HttpResponse:
    """Show the accounts elsewhere of one client and our share; his page composes it."""
    client = _client(request, pk)
    accounts = reading.accounts_of(client, request.user)
    context = {
        "client": client,
        "accounts": accounts,
        "share": reading.share_of(client, accounts),
        "unknown": sum(one.assets_fen is None for one in accounts),
        "menu": MENU,
    }
    return render(request, part(request, "retention/wallet_panel.html", "panel"), context)


@require_http_methods(["GET", "POST"])
@needs("retention.edit_wallet")
def wallet_note(request: Request, pk: int) -> HttpResponse:
    client = _client(request, pk)
    given = {"source": OtherAccount.Source.CLIENT, "learnt_on": timezone.localdate()}
    form = NoteForm(posted(request), initial=given)
    if form.is_valid():
        said = form.cleaned_data
        note_other_account(
            client, broker=said["broker"], source=said["source"], learnt_on=said["learnt_on"], by=request.user,
            assets_fen=form.assets_fen, is_most_used=said["is_most_used"], is_agreed=said["is_agreed"],
        )  # fmt: skip
        messages.success(request, f"已登记 {client.name} 在「{said['broker']}」的账户")
        return redirect("retention:wallet_panel", client.pk)
    context = {
        "title": f"登记其他券商账户 {client.name}",
        "text": "只记客户说过、同意我们记下的；一人可在三家开户。登记后计入流失评分「在别家有账户」。",
        "verb": "登记账户",
        "form": form,
        "cancel_href": client.get_absolute_url(),
        "menu": MENU,
    }
    return render(request, "confirm.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@needs("retention.edit_wallet")
def wallet_change(request: Request, pk: int) -> HttpResponse:
    account = _account(request, pk)
    known = account.assets_fen
    given = {
        "version": account.version,
        "assets_wan": None if known is None else f"{known / 1_000_000:.2f}",
        "is_most_used": account.is_most_used,
    }
    form = ChangeForm(posted(request), initial=given)
    if form.is_valid():
        said = form.cleaned_data
        change_other_account(
            account, assets_fen=form.assets_fen, is_most_used=said["is_most_used"], version=said["version"],
            by=request.user,
        )  # fmt: skip
        messages.success(request, f"已更新「{account.broker}」的记录")
        return redirect("retention:wallet_panel", account.client_id)
    return _ask(request, account, form, f"更新「{account.broker}」的账户", "", "保存更新")


@require_http_methods(["GET", "POST"])
@needs("retention.edit_wallet")
def wallet_end(request: Request, pk: int) -> HttpResponse:
    account = _account(request, pk)
    form = Versioned(posted(request), initial={"version": account.version})
    if form.is_valid():
        end_other_account(account, version=form.cleaned_data["version"], by=request.user)
        messages.success(request, f"「{account.broker}」的记录已注销")
        return redirect("retention:wallet_panel", account.client_id)
    text = "客户已在那里销户、转回，或不再同意我们记录。注销后不再显示，也不计入流失评分。"
    return _ask(request, account, form, f"注销「{account.broker}」的记录", text, "注销记录")


def _client(request: Request, pk: int) -> Client:
    return get_object_or_404(Client.objects.visible_to(request.user).select_related("standing", "branch"), pk=pk)


def _account(request: Request, pk: int) -> OtherAccount:
    return get_object_or_404(reading.other_accounts(request.user), pk=pk)


def _ask(request: Request, account: OtherAccount, form: Versioned, title: str, text: str, verb: str) -> HttpResponse:
    told = {
        "title": f"{title} {account.client.name}",
        "text": text,
        "verb": verb,
        "form": form,
        "cancel_href": account.client.get_absolute_url(),
        "menu": MENU,
    }
    return render(request, "confirm.html", told, status=422 if form.is_bound else 200)
