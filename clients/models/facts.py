"""What the counter says, day by day. Each table is partitioned by month of `day`; money is whole fen.

Rows are written by the feed alone (COPY into staging, then one merge); `batch` names who brought
them. The primary keys hold `day`, because a partitioned table must have its partition key in them.
"""

from django.db import models
from django.db.models import Q

from clients.models.account import Account
from clients.models.client import Client
from clients.models.feed import ImportBatch
from clients.models.scope import ClientRows
from office.models import Branch


class Fact(models.Model):
    """What every fact has: whose it is, when it was, who brought it."""

    branch = models.ForeignKey(
        Branch, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    client = models.ForeignKey(
        Client, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    account = models.ForeignKey(
        Account, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    batch = models.ForeignKey(
        ImportBatch, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    day = models.DateField("日期")

    objects = ClientRows.as_manager()

    class Meta:
        abstract = True


class AccountDay(Fact):
    """One account on one day: what it earned the branch, what it turned over, what lay in it at the close."""

    pk = models.CompositePrimaryKey("account_id", "day")
    commission_fen = models.BigIntegerField("佣金")  # gross
    net_commission_fen = models.BigIntegerField("净佣金")  # less 经手费 and 证管费; gross where the feed gives none
    turnover_fen = models.BigIntegerField("成交金额")
    total_assets_fen = models.BigIntegerField("总资产")
    cash_fen = models.BigIntegerField("可用资金")
    market_value_fen = models.BigIntegerField("证券市值")
    restricted_fen = models.BigIntegerField("限售市值", default=0)
    margin_debt_fen = models.BigIntegerField("融资负债", default=0)
    net_assets_fen = models.BigIntegerField("净资产")  # total less margin debt
    trade_count = models.IntegerField("成交笔数", default=0)
    inflow_fen = models.BigIntegerField("转入", default=0)
    outflow_fen = models.BigIntegerField("转出", default=0)
    is_period = models.BooleanField("期间汇总", default=False)  # sums a whole period, so no daily rule may read it

    class Meta:
        verbose_name = "账户日"
        indexes = [
            models.Index(fields=["branch", "day"], name="accountday_branch_day"),  # the night reads a branch's day
            models.Index(  # the night looks at those who borrow
                fields=["branch", "day"], name="accountday_indebted", condition=Q(margin_debt_fen__gt=0)
            ),
        ]
        db_table = "clients_accountday"


class PositionDay(Fact):
    """What one account held of one security at the close of a day."""

    pk = models.CompositePrimaryKey("account_id", "security_code", "day")
    security_code = models.CharField("证券代码", max_length=24)
    security_name = models.CharField("证券名称", max_length=120, blank=True)
    quantity = models.DecimalField("数量", max_digits=24, decimal_places=6, null=True)
    cost_price = models.DecimalField("成本", max_digits=18, decimal_places=6, null=True)
    price = models.DecimalField("现价", max_digits=18, decimal_places=6, null=True)
    market_value_fen = models.BigIntegerField("市值")

    class Meta:
        verbose_name = "持仓日"
        indexes = [
            models.Index(fields=["branch", "day"], name="positionday_branch_day"),  # the night reads a branch's day
            models.Index(fields=["client", "-day"], name="positionday_client_day"),  # client page
        ]
        db_table = "clients_positionday"


class Trade(Fact):
    """One trade."""

    class Side(models.TextChoices):
        BUY = "B", "买入"
        SELL = "S", "卖出"

    pk = models.CompositePrimaryKey("trade_no", "day")
    trade_no = models.CharField("成交编号", max_length=32)
    security_code = models.CharField("证券代码", max_length=24)
    security_name = models.CharField("证券名称", max_length=120, blank=True)
    side = models.CharField("方向", max_length=1, choices=Side)
    quantity = models.DecimalField("数量", max_digits=24, decimal_places=6, null=True)
    price = models.DecimalField("价格", max_digits=18, decimal_places=6, null=True)
    amount_fen = models.BigIntegerField("成交金额")
    commission_fen = models.BigIntegerField("佣金")

    class Meta:
        verbose_name = "成交"
        indexes = [
            models.Index(fields=["branch", "day"], name="trade_branch_day"),  # the night reads a branch's day
            models.Index(fields=["client", "-day"], name="trade_client_day"),  # client page
        ]
        db_table = "clients_trade"


class ProductPurchase(Fact):
    """One purchase of a product through the branch; `opening_holding` was bought before the records begin."""

    pk = models.CompositePrimaryKey("purchase_no", "day")
    purchase_no = models.CharField("申购编号", max_length=32)
    product_code = models.CharField("产品代码", max_length=24)
    product_name = models.CharField("产品名称", max_length=160, blank=True)
    product_type = models.CharField("产品类型", max_length=16)
    amount_fen = models.BigIntegerField("金额")
    status = models.CharField("状态", max_length=24, blank=True)
    matures_on = models.DateField("到期日", null=True)

    class Meta:
        verbose_name = "产品申购"
        indexes = [
            models.Index(fields=["branch", "day"], name="purchase_branch_day"),  # the night reads a branch's day
            models.Index(fields=["client", "-day"], name="purchase_client_day"),  # client page
        ]
        db_table = "clients_productpurchase"


class AccountEvent(Fact):
    """What happened to an account apart from trading: opening, transfers, money in and out, closing."""

    class Kind(models.TextChoices):
        OPEN = "open", "开户"
        CLOSE = "close", "销户"
        CLOSE_REQUEST = "close_request", "销户申请"
        CANCEL_DESIGNATION = "cancel_designation", "撤销指定"
        CUSTODY_TRANSFER = "custody_transfer", "转托管"
        BANK_IN = "bank_in", "银证转入"
        BANK_OUT = "bank_out", "银证转出"
        TRANSFER_IN = "transfer_in", "证券转入"
        TRANSFER_OUT = "transfer_out", "证券转出"
        OTHER_TRANSFER = "other_transfer", "其他划转"
        TAX_WITHHOLD = "tax_withhold", "扣税"
        ZERO_BALANCE = "zero_balance", "资产清零"
        REACTIVATE = "reactivate", "重新激活"
        LOAN_DEFAULT = "loan_default", "贷款逾期"

    pk = models.CompositePrimaryKey("event_no", "day")
    event_no = models.CharField("事件编号", max_length=32)
    kind = models.CharField("类型", max_length=24, choices=Kind)
    security_code = models.CharField("证券代码", max_length=24, blank=True)
    quantity = models.DecimalField("数量", max_digits=24, decimal_places=6, null=True)
    amount_fen = models.BigIntegerField("金额", null=True)
    note = models.CharField("备注", max_length=160, blank=True)

    class Meta:
        verbose_name = "账户事件"
        indexes = [
            models.Index(fields=["branch", "day"], name="event_branch_day"),  # the night reads a branch's day
            models.Index(fields=["client", "-day"], name="event_client_day"),  # client page
        ]
        db_table = "clients_accountevent"


class StandingOrder(models.Model):
    """A regular payment the account makes; not dated, so not partitioned."""

    order_no = models.CharField("编号", max_length=32, primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="standing_orders")
    purpose = models.CharField("用途", max_length=40, blank=True)
    amount_fen = models.BigIntegerField("金额")

    class Meta:
        verbose_name = "定期扣款"

    def __str__(self) -> str:
        return self.order_no


class Entitlement(models.Model):
    """How many new shares an account may subscribe for in one market, as the counter told last.

    The counter reckons it from the average market value of twenty trading days; it is not reckoned again here.
    """

    class Market(models.TextChoices):
        SHANGHAI = "sh", "沪市"
        STAR = "star", "科创板"
        SHENZHEN = "sz", "深市"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="entitlements", db_index=False)
    market = models.CharField("市场", max_length=8, choices=Market)
    average_mv_fen = models.BigIntegerField("20 日均市值")
    quota_units = models.PositiveIntegerField("配售权益")  # units of subscription
    as_of = models.DateField("截至")

    class Meta:
        verbose_name = "新股配售权益"
        constraints = [models.UniqueConstraint(fields=["account", "market"], name="entitlement_once_per_market")]

    def __str__(self) -> str:
        return f"{self.account} {self.get_market_display()} {self.quota_units}"


class ClientDay(models.Model):
    """One client's day as scoring sees it, summed over the accounts; made when the day is rolled into the window.

    `bounded_fen` is the commission after the one-off bound, fixed on the day (nightly.md §3.6);
    `assets_fen` is the last known net assets of every account less 0.8 × restricted value.
    """

    pk = models.CompositePrimaryKey("client_id", "day")
    branch = models.ForeignKey(
        Branch, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    client = models.ForeignKey(
        Client, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    day = models.DateField()  # always a trading day: other days count on the next one
    commission_fen = models.BigIntegerField()  # true net commission
    bounded_fen = models.BigIntegerField()
    turnover_fen = models.BigIntegerField()  # rows that sum a whole period left out
    assets_fen = models.BigIntegerField(null=True)  # null: no account had a row that day
    trade_count = models.IntegerField(default=0)
    inflow_fen = models.BigIntegerField(default=0)
    outflow_fen = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = "客户日"
        indexes = [
            models.Index(fields=["branch", "day"], name="clientday_branch_day"),  # windows of one branch
            models.Index(  # the night looks at who traded or moved money
                fields=["branch", "day"],
                name="clientday_moved",
                condition=Q(turnover_fen__gt=0) | Q(inflow_fen__gt=0) | Q(outflow_fen__gt=0),
            ),
        ]
        db_table = "clients_clientday"


class ClientWindow(models.Model):
    """The rolling sums of one client at the close of `as_of`, advanced by adding a day and dropping another.

    Decayed sums are yuan as float (weights are irrational); plain sums are whole fen. Counts are
    trading days.
    """

    client = models.OneToOneField(Client, on_delete=models.CASCADE, primary_key=True, related_name="window")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    as_of = models.DateField()
    first_day = models.DateField(null=True)  # first counter row; decides `provisional`
    commission_decayed = models.FloatField(default=0)  # Σ 2^(−a/125) · bounded yuan, a = 0…249
    purchase_decayed = models.FloatField(default=0)  # Σ 2^(−a/125) · amount · fee rate
    commission_250_fen = models.BigIntegerField(default=0)
    purchase_250_fen = models.BigIntegerField(default=0)  # Σ amount · fee rate, rounded once
    turnover_20_fen = models.BigIntegerField(default=0)
    turnover_60_fen = models.BigIntegerField(default=0)
    turnover_120_fen = models.BigIntegerField(default=0)
    turnover_250_fen = models.BigIntegerField(default=0)
    trade_days_20 = models.SmallIntegerField(default=0)
    trade_days_120 = models.SmallIntegerField(default=0)
    assets_sum_20_fen = models.BigIntegerField(default=0)
    assets_days_20 = models.SmallIntegerField(default=0)
    assets_sum_60_fen = models.BigIntegerField(default=0)
    assets_days_60 = models.SmallIntegerField(default=0)
    assets_sum_120_fen = models.BigIntegerField(default=0)
    assets_days_120 = models.SmallIntegerField(default=0)
    days_near_silver = models.SmallIntegerField(default=0)  # of the last 20, at ≥ 90 % of the tier's threshold
    days_near_gold = models.SmallIntegerField(default=0)
    days_near_platinum = models.SmallIntegerField(default=0)
    days_near_diamond = models.SmallIntegerField(default=0)
    last_assets_fen = models.BigIntegerField(null=True)
    last_asset_day = models.DateField(null=True)
    last_trade_on = models.DateField(null=True)
    one_off_on = models.DateField(null=True)  # the latest day whose commission was reduced to the bound

    class Meta:
        verbose_name = "客户窗口"
        indexes = [models.Index(fields=["branch", "as_of"], name="window_by_branch")]  # the night reads a branch

    def __str__(self) -> str:
        return f"{self.client_id} {self.as_of}"
