"""Pages around a case, below /retention/: reasons and responses, drills, accounts elsewhere, grievances, who left."""

from django.urls import path

from retention.views import drills, grievances, responses, wallet, winback

urlpatterns = [
    path("reasons/", responses.reason_report, name="reasons"),
    path("reasons/export/", responses.reason_export, name="reason_export"),
    path("responses/", responses.response_list, name="responses"),
    path("responses/<slug:reason>/", responses.response_detail, name="response_detail"),
    path("responses/<slug:reason>/write/", responses.response_write, name="response_write"),
    path("drills/", drills.drill_list, name="drill_list"),
    path("drills/new/", drills.drill_plan, name="drill_plan"),
    path("drills/export/", drills.drill_export, name="drill_export"),
    path("drills/<int:pk>/", drills.drill_detail, name="drill_detail"),
    path("drills/<int:pk>/hold/", drills.drill_hold, name="drill_hold"),
    path("drills/<int:pk>/cancel/", drills.drill_cancel, name="drill_cancel"),
    path("wallet/", wallet.wallet_list, name="wallet_list"),
    path("wallet/export/", wallet.wallet_export, name="wallet_export"),
    path("wallet/<int:pk>/change/", wallet.wallet_change, name="wallet_change"),
    path("wallet/<int:pk>/end/", wallet.wallet_end, name="wallet_end"),
    path("clients/<int:pk>/wallet/", wallet.wallet_panel, name="wallet_panel"),
    path("clients/<int:pk>/wallet/new/", wallet.wallet_note, name="wallet_note"),
    path("grievances/", grievances.grievance_list, name="grievance_list"),
    path("grievances/export/", grievances.grievance_export, name="grievance_export"),
    path("grievances/<int:pk>/give/", grievances.grievance_give, name="grievance_give"),
    path("grievances/<int:pk>/close/", grievances.grievance_close, name="grievance_close"),
    path("clients/<int:pk>/grievances/", grievances.grievance_panel, name="grievance_panel"),
    path("clients/<int:pk>/grievances/new/", grievances.grievance_log, name="grievance_log"),
    path("gone/", winback.winback_list, name="winback_list"),
    path("gone/export/", winback.winback_export, name="winback_export"),
]
