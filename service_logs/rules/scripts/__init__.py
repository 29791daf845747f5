"""The scripts of the house, as data: MOT types, retention, complaints, visits, the adviser's four stages."""

from service_logs.rules.scripts.mot_first import MOT_FIRST
from service_logs.rules.scripts.mot_second import MOT_SECOND
from service_logs.rules.scripts.shape import Text
from service_logs.rules.scripts.talks import TALKS

SCRIPTS: tuple[Text, ...] = (*MOT_FIRST, *MOT_SECOND, *TALKS)

__all__ = ["SCRIPTS", "Text"]
