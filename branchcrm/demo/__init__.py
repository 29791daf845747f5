"""The demonstration branch: plausible facts as counter files, taken in through the same door as real ones."""

from branchcrm.demo.staff import Login, demo_logins, demo_password

__all__ = ["Login", "demo_logins", "demo_password"]
