"""Chapter 02: the rewards that make the observed comparisons most probable.

Rooms: ``fit`` (the loss and its minimum), ``logistic_regression`` (Newton's way there),
``win_graph`` (is there one?), ``baseball`` (a season, home advantage).
"""

from .baseball import fit_with_home_advantage, load_baseball
from .fit import (
    bayes_accuracy,
    bayes_loss,
    binary_cross_entropy,
    fisher_information,
    fit_rewards,
    negative_log_likelihood,
    standard_errors,
    wins_matrix,
    zermelo_step,
)
from .win_graph import NoFiniteMLE, comparison_components, mle_exists
