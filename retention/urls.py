"""Pages of retention: who may leave, who wants to, and what is learnt of it."""

from retention import case_urls, churn_urls, closure_urls, library_urls

app_name = "retention"

urlpatterns = [
    # /retention/: who may leave
    *churn_urls.urlpatterns,
    # /retention/desk/, /retention/requests/: who wants to leave
    *closure_urls.urlpatterns,
    # /retention/cases/: whom to talk to, once
    *case_urls.urlpatterns,
    # /retention/responses/, drills/, wallet/, grievances/, gone/: what is learnt of it
    *library_urls.urlpatterns,
]
