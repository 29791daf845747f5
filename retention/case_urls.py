"""Pages of retention cases, below /retention/: the board, one case and what is done in it, how cases open."""

from django.urls import include, path

from retention.views import case_acts, case_opening, cases

one_case = [
    path("", cases.case_detail, name="case_detail"),
    path("talk/", case_acts.case_talk, name="case_talk"),
    path("declined/", case_acts.case_decline, name="case_decline"),
    path("offer/", case_acts.case_offer, name="case_offer"),
    path("offers/<int:offer_pk>/answer/", case_acts.case_answer, name="case_answer"),
    path("let-go/", case_acts.case_let_go, name="case_let_go"),
    path("close/", case_acts.case_close, name="case_close"),
    path("learn/", case_acts.case_learn, name="case_learn"),
    path("hand-over/", case_acts.case_hand_over, name="case_hand_over"),
]

urlpatterns = [
    # /retention/cases/: all of them, and one
    path("cases/", cases.case_board, name="case_board"),
    path("cases/export/", cases.case_export, name="case_export"),
    path("cases/settings/", case_opening.case_settings, name="case_settings"),
    path("cases/<int:pk>/", include(one_case)),
    # a case of a client, or of his request
    path("clients/<int:pk>/case/", case_opening.case_open_client, name="case_open_client"),
    path("requests/<int:pk>/case/", case_opening.case_open, name="case_open"),
]
