"""Give every client a manager at the least total cost the managers' weekly minutes allow.

This is the generalised assignment problem. `assign` is the one door; the parts, in the order they work:

* `problem`  checks the input and writes it in one canonical form, independent of row order
* `prices`   one price per manager's minute: the proven lower bound, and who would go where at these prices
* `core`     the clients for whom two managers are nearly equal; all others are settled by the prices
* `repair`   makes the priced answer respect every capacity
* `anneal`   exchanges clients in pairs and rings of managers until the cost stops falling
* `parts`    lets a few managers at a time share their clients anew, by a mixed-integer solver
* `exact`    proves the last step with the same solver where few candidates are left
"""

from segmentation.matching.assignment import Assignment, assign

__all__ = ["Assignment", "assign"]
