"""What other classes taught, to be told to a new one.

The network reads of a row:

=====================  ===============================================================
``logit``              of the factor model's prediction
``average_student``    its logit for ability 0
``ability``            mean of what is known of ability before the row
``uncertainty``        and variance
``successes``          log(1 + right answers so far on the skill)
``failures``           log(1 + wrong ones)
``since``              log of the steps since the last one on the skill
``first``              whether there is none
``again``              whether it was the step before
``steps``              log(1 + steps of the student so far)
``seen``               log(1 + answers on the skill in the log of the fit)
``all`` and a decay    averages of how much better than expected answers were
``skill`` and a decay  the same, of answers on the skill
=====================  ===============================================================

where a step is a moment with answers. It names nothing, of skills, items or students.
"""

from ._transfer.network import PretrainedNetwork
from ._transfer.pretraining import pretrain, simulate_logs

__all__ = ["PretrainedNetwork", "pretrain", "simulate_logs"]
