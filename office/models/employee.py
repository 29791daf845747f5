"""Who works here, in which roles, with what skills, capacity and leave."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

from office.models.branch import Branch, Team


class Role(models.TextChoices):
    """A post in the branch; one person may hold several (domain.md §3)."""

    BRANCH_MANAGER = "branch_manager", "营业部负责人"
    MARKET_DIRECTOR = "market_director", "市场总监"
    DIRECTOR_ASSISTANT = "director_assistant", "总监助理"
    TEAM_LEADER = "team_leader", "团队长"
    CLIENT_MANAGER = "client_manager", "客户经理"
    SECURITIES_AGENT = "securities_agent", "证券经纪人"
    ADVISER = "adviser", "投资顾问"
    CONSULTANT = "consultant", "咨询人员"
    CLIENT_ADMINISTRATOR = "client_administrator", "客户管理员"
    COUNTER = "counter", "柜台"
    OPERATIONS_CLERK = "operations_clerk", "运营经办"
    OPERATIONS_DIRECTOR = "operations_director", "运营总监"
    SYSTEM_ADMIN = "system_admin", "营销系统管理员"
    SERVICE_STAFF = "service_staff", "客服"
    COMPLIANCE = "compliance", "合规"
    RISK_CONTROL = "risk_control", "风控"
    HEAD_OFFICE_SERVICE = "head_office_service", "总部客服管理部"
    TECH_SUPPORT = "tech_support", "技术支持"
    AUDITOR = "auditor", "审计"


# Fixed by law and by DNI-06: these posts carry no sales or retention target.
NON_MARKETING_ROLES = frozenset(
    {
        Role.COMPLIANCE,
        Role.RISK_CONTROL,
        Role.TECH_SUPPORT,
        Role.COUNTER,
        Role.OPERATIONS_CLERK,
        Role.OPERATIONS_DIRECTOR,
        Role.AUDITOR,
    }
)

# Posts that may own clients.
SERVING_ROLES = frozenset({Role.CLIENT_MANAGER, Role.SECURITIES_AGENT, Role.ADVISER, Role.TEAM_LEADER})


class Employment(models.TextChoices):
    """How a person is bound to the firm."""

    PERMANENT = "permanent", "正式"
    TRIAL = "trial", "试用期"
    AGENT = "agent", "证券经纪人"


class Registration(models.TextChoices):
    """What a person is registered for; adviser and analyst exclude each other."""

    NONE = "none", "未登记"
    GENERAL = "general", "一般证券业务"
    ADVISER = "adviser", "证券投资顾问"
    ANALYST = "analyst", "证券分析师"
    AGENT = "agent", "证券经纪人"


class EmployeeManager(BaseUserManager["Employee"]):
    """Makes employees the way Django's commands expect to make users."""

    def create_user(self, staff_no: str, password: str | None = None, **fields: Any) -> Employee:
        """Make an employee with a hashed password."""
        employee = self.model(staff_no=staff_no, **fields)
        employee.set_password(password)
        employee.save(using=self._db)
        return employee

    def create_superuser(self, staff_no: str, password: str | None = None, **fields: Any) -> Employee:
        """Make one who may everything, for the first start of an installation."""
        return self.create_user(staff_no, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> Employee:
        """Return who signs in, with the branch and team every page names."""
        return self.select_related("branch", "team").get(staff_no=username)


class Employee(AbstractBaseUser, PermissionsMixin):
    """A person who works for the branch and may sign in."""

    staff_no = models.CharField("工号", max_length=20, unique=True)
    name = models.CharField("姓名", max_length=40)
    pinyin = models.CharField("拼音", max_length=80, blank=True, editable=False)
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, null=True, related_name="employees", verbose_name="营业部"
    )
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="members", verbose_name="团队"
    )
    roles = ArrayField(models.CharField(max_length=24, choices=Role), default=list, blank=True, verbose_name="角色")
    employment = models.CharField("用工", max_length=10, choices=Employment, default=Employment.PERMANENT)
    registration = models.CharField("执业登记", max_length=10, choices=Registration, default=Registration.NONE)
    registration_no = models.CharField("登记编号", max_length=30, blank=True)
    registration_valid_to = models.DateField("登记有效至", null=True, blank=True)
    phone = models.CharField("办公电话", max_length=30, blank=True)
    email = models.EmailField("邮箱", blank=True)
    hired_on = models.DateField("入职", null=True, blank=True)
    left_on = models.DateField("离职", null=True, blank=True)
    is_active = models.BooleanField("可登录", default=True)
    must_change_password = models.BooleanField("须改密码", default=False, editable=False)  # issued by somebody else
    is_staff = models.BooleanField("可进后台", default=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = EmployeeManager()

    USERNAME_FIELD = "staff_no"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = "员工"
        constraints = [
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(hired_on=None) | Q(left_on__gte=F("hired_on")),
                name="employee_leaves_after_hiring",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def role_labels(self) -> list[str]:
        """The roles in words, in the order they were given."""
        return [str(Role(role).label) for role in self.roles]

    def has_role(self, *roles: str) -> bool:
        """Whether one of `roles` is held."""
        return not set(roles).isdisjoint(self.roles)

    def is_employed(self, on: date) -> bool:
        """Whether the person works here on that day."""
        return self.is_active and (self.left_on is None or self.left_on > on)

    def is_registered(self, registration: str, on: date) -> bool:
        """Whether that registration is held and valid on that day."""
        valid = self.registration_valid_to is None or self.registration_valid_to >= on
        return self.registration == registration and valid


class Skill(models.TextChoices):
    """What a manager may be good at; matched with what a client demands (nightly.md §5.2)."""

    SINGLE_STOCK = "single_stock", "个股分析"
    ASSET_ALLOCATION = "asset_allocation", "大类资产配置"
    FUND_PRODUCTS = "fund_products", "基金与理财产品"
    BONDS = "bonds", "债券与固收"
    MARGIN = "margin", "两融业务"
    INSTITUTION = "institution", "机构服务"
    PATIENCE = "patience", "耐心细致"
    AFFINITY = "affinity", "亲和沟通"
    NEW_INVESTOR = "new_investor", "新手辅导"
    DIGITAL_TOOLS = "digital_tools", "软件与线上服务"


class EmployeeSkill(models.Model):
    """How well one employee knows one field, and what shows it."""

    employee = models.ForeignKey(Employee, on_delete=models.CASCADE, related_name="skills")
    skill = models.CharField("技能", max_length=24, choices=Skill)
    level = models.PositiveSmallIntegerField("水平", validators=[MaxValueValidator(5)], help_text="0–5")
    evidence = models.CharField("依据", max_length=120, blank=True)
    assessed_on = models.DateField("评定日期", null=True, blank=True)

    class Meta:
        verbose_name = "员工技能"
        constraints = [
            models.UniqueConstraint(fields=["employee", "skill"], name="skill_once_per_employee"),
            models.CheckConstraint(condition=Q(level__lte=5), name="skill_level_0_to_5"),
        ]

    def __str__(self) -> str:
        return f"{self.get_skill_display()} {self.level}"


class Capacity(models.Model):
    """How much service one employee can give from a day on; the latest row not in the future counts."""

    employee = models.ForeignKey(Employee, on_delete=models.CASCADE, related_name="capacities")
    valid_from = models.DateField("生效")
    max_clients = models.PositiveIntegerField("客户上限（位）", default=600)
    minutes_per_week = models.PositiveIntegerField("每周服务分钟", default=1200)
    reserved_ratio = models.DecimalField("预留比例", max_digits=4, decimal_places=3, default=0)

    class Meta:
        verbose_name = "服务容量"
        constraints = [
            models.UniqueConstraint(fields=["employee", "valid_from"], name="capacity_once_per_day"),
            models.CheckConstraint(
                condition=Q(reserved_ratio__gte=0, reserved_ratio__lt=1), name="capacity_reserve_below_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.minutes_per_week} 分钟/周"


class Leave(models.Model):
    """Days off, both ends included, and who stands in."""

    employee = models.ForeignKey(Employee, on_delete=models.CASCADE, related_name="leaves")
    starts_on = models.DateField("开始")
    ends_on = models.DateField("结束")
    substitute = models.ForeignKey(
        Employee, on_delete=models.PROTECT, null=True, blank=True, related_name="substitutions", verbose_name="代理人"
    )
    note = models.CharField("说明", max_length=120, blank=True)

    class Meta:
        verbose_name = "请假"
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="leave_ends_after_start"),
            models.CheckConstraint(condition=~Q(substitute=F("employee")), name="leave_substitute_is_other"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on}–{self.ends_on}"
