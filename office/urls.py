"""Pages of the office itself: signing in, the desk, staff, calendar, audit."""

from django.urls import include, path

from office.views import account, audit, calendar, desk, keys, people, staff, staff_edit, teams

app_name = "office"

one_employee = [
    path("", staff.staff_detail, name="staff_detail"),
    path("edit/", staff_edit.staff_edit, name="staff_edit"),
    path("deactivate/", staff.staff_deactivate, name="staff_deactivate"),
    path("reactivate/", staff.staff_reactivate, name="staff_reactivate"),
    path("password/", staff.staff_password, name="staff_password"),
    path("skills/", people.staff_skills, name="staff_skills"),
    path("capacity/", people.staff_capacity, name="staff_capacity"),
    path("leave/", people.leave_create, name="leave_create"),
]

urlpatterns = [
    # Whoever is there
    path("healthz/", account.health, name="health"),
    path("login/", account.login, name="login"),
    path("logout/", account.logout, name="logout"),
    path("password/", account.password_change, name="password_change"),
    # The desk of whoever is signed in
    path("notices/", desk.notices, name="notice_list"),
    path("notices/read/", desk.notices_read, name="notice_read"),
    path("views/save/", desk.view_save, name="view_save"),
    path("views/<int:pk>/rename/", desk.view_rename, name="view_rename"),
    path("views/<int:pk>/delete/", desk.view_delete, name="view_delete"),
    # Staff and teams
    path("staff/", staff.staff_list, name="staff_list"),
    path("staff/create/", staff.staff_create, name="staff_create"),
    path("staff/<int:pk>/", include(one_employee)),
    path("leave/<int:pk>/cancel/", people.leave_cancel, name="leave_cancel"),
    path("teams/", teams.team_list, name="team_list"),
    path("teams/create/", teams.team_create, name="team_create"),
    path("teams/<int:pk>/edit/", teams.team_edit, name="team_edit"),
    # Keys of other systems
    path("keys/", keys.key_list, name="key_list"),
    path("keys/create/", keys.key_create, name="key_create"),
    path("keys/<int:pk>/", keys.key_detail, name="key_detail"),
    path("keys/<int:pk>/rotate/", keys.key_rotate, name="key_rotate"),
    path("keys/<int:pk>/revoke/", keys.key_revoke, name="key_revoke"),
    # Calendar and audit
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/upload/", calendar.calendar_upload, name="calendar_upload"),
    path("audit/", audit.audit, name="audit_list"),
    path("audit/export/", audit.audit_export, name="audit_export"),
]
