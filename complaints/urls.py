"""Pages of complaints and of feedback."""

from django.urls import path

from complaints import feedback_urls
from complaints.views import complaint_create, complaint_detail, complaint_lists, public, reports
from complaints.views.complaint_acts import ACTS
from complaints.views.complaint_doing import view_of

app_name = "complaints"

urlpatterns = [
    # /complaints/: what there is, and what is mine
    path("", complaint_lists.complaint_list, name="list"),
    path("board/", complaint_lists.board, name="board"),
    path("queue/", complaint_lists.queue, name="queue"),
    path("panel/", complaint_lists.standing_panel, name="standing_panel"),
    path("export/", complaint_lists.export, name="export"),
    # /complaints/new/: taking one in
    path("new/", complaint_create.create, name="create"),
    path("new/pick/", complaint_create.pick, name="pick"),
    # /complaints/register/ and others: in figures
    path("register/", reports.register, name="register"),
    path("analysis/", reports.analysis, name="analysis"),
    path("yearly/", reports.yearly, name="yearly"),
    path("limits/", reports.limit_list, name="limits"),
    path("limits/<str:step>/", reports.limit_edit, name="limit_edit"),
    # /complaints/public/…/: for anybody, without login
    path("public/<str:token>/", public.public_form, name="public_form"),
    # Parts of other pages, and papers
    path("clients/<int:pk>/", complaint_detail.client_panel, name="client_panel"),
    path("files/<int:pk>/", complaint_detail.attachment, name="attachment"),
    # /complaints/42/: one complaint, its papers, and an address for every act
    path("<int:pk>/", complaint_detail.detail, name="detail"),
    path("<int:pk>/letter/", complaint_detail.letter, name="letter"),
    path("<int:pk>/record/", complaint_detail.record, name="record"),
    path("<int:pk>/acknowledged/", complaint_create.acknowledged, name="acknowledged"),
    path("<int:pk>/show/<str:field>/", complaint_detail.show, name="show"),
    *feedback_urls.urlpatterns,
    *(path(f"<int:pk>/{key.replace('_', '-')}/", view_of(act), name=key) for key, act in ACTS.items()),
]
