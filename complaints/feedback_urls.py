"""Pages of feedback, within /complaints/: surveys, satisfaction, findings, the service standard."""

from django.urls import path

from complaints.views import findings, satisfaction, standard, survey_calls, survey_messages, surveys

urlpatterns = [
    # /complaints/surveys/: what clients are asked
    path("surveys/", surveys.survey_list, name="survey_list"),
    path("surveys/new/", surveys.survey_create, name="survey_create"),
    path("surveys/waiting/", survey_messages.survey_waiting, name="survey_waiting"),
    path("surveys/waiting/sent/", survey_messages.survey_sent, name="survey_sent"),
    path("surveys/waiting/export/", survey_messages.survey_waiting_export, name="survey_waiting_export"),
    path("surveys/waiting/<int:pk>/", survey_messages.survey_message, name="survey_message"),
    path("surveys/<int:pk>/", surveys.survey_detail, name="survey_detail"),
    path("surveys/<int:pk>/edit/", surveys.survey_edit, name="survey_edit"),
    path("surveys/<int:pk>/open/", surveys.survey_open, name="survey_open"),
    path("surveys/<int:pk>/end/", surveys.survey_end, name="survey_end"),
    path("surveys/<int:pk>/remind/", surveys.survey_remind, name="survey_remind"),
    path("surveys/<int:pk>/links/", surveys.survey_links, name="survey_links"),
    path("surveys/<int:pk>/calls/", survey_calls.survey_calls, name="survey_calls"),
    path("surveys/<int:pk>/forum/", surveys.forum_create, name="forum_create"),
    path("forums/<int:pk>/", surveys.forum_detail, name="forum_detail"),
    # /complaints/invitations/42/: one client asked
    path("invitations/<int:pk>/answer/", survey_calls.survey_answer, name="survey_answer"),
    path("invitations/<int:pk>/refused/", survey_calls.survey_refused, name="survey_refused"),
    path("invitations/<int:pk>/unreached/", survey_calls.survey_unreached, name="survey_unreached"),
    path("sheets/<int:pk>/", survey_calls.sheet_detail, name="survey_sheet"),
    # /complaints/satisfaction/: what came of it
    path("satisfaction/", satisfaction.satisfaction, name="satisfaction"),
    path("satisfaction/export/", satisfaction.satisfaction_export, name="satisfaction_export"),
    # /complaints/findings/: what is to be improved
    path("findings/", findings.finding_list, name="finding_list"),
    path("findings/board/", findings.finding_board, name="finding_board"),
    path("findings/analysis/", findings.finding_analysis, name="finding_analysis"),
    path("findings/new/", findings.finding_create, name="finding_create"),
    path("findings/<int:pk>/", findings.finding_detail, name="finding_detail"),
    path("findings/<int:pk>/plan/", findings.finding_plan, name="finding_plan"),
    path("findings/<int:pk>/finish/", findings.finding_finish, name="finding_finish"),
    path("findings/<int:pk>/remeasure/", findings.finding_remeasure, name="finding_remeasure"),
    path("findings/<int:pk>/drop/", findings.finding_drop, name="finding_drop"),
    path("findings/<int:pk>/reopen/", findings.finding_reopen, name="finding_reopen"),
    # /complaints/standard/: what the branch promises
    path("standard/", standard.standard, name="standard"),
    path("standard/edit/", standard.standard_edit, name="standard_edit"),
]
