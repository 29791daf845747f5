"""Settings of complaints."""

from django import forms


class LimitForm(forms.Form):
    """How long a step may take; which figures are possible the operation knows."""

    amount = forms.IntegerField(label="时限", min_value=1, max_value=365)
