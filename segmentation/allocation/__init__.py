"""The arithmetic of allocation plans: who may move, who must, and what a plan is worth. No Django here."""
