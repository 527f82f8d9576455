"""Known wrong answers of chapter 12: name = id, docstring = what the learner reads."""

import math

import torch
import torch.nn.functional as F

from . import same_as, wrong

REWARD = "reward_model_loss"
OTHERS = "leave_one_out_advantages"
CLIP = "clipped_objective"
TOKENS = "find_the_bug_token_advantages"
SHARE = "predict_the_share_of_the_gradient"
SLOPE = "predict_the_clipped_slope"
COIN = "predict_the_gradient_through_a_sample"


# The reward model


@wrong(REWARD, "chosen and rejected exchanged")
def rewards_exchanged(reward_chosen, reward_rejected):
    """Chosen and rejected are exchanged: this loss falls when the rejected response
    gets the larger reward."""
    return -F.logsigmoid(reward_rejected - reward_chosen).mean()


@wrong(REWARD, "minus forgotten")
def log_likelihood(reward_chosen, reward_rejected):
    """This is the log-likelihood of the labels, which training should raise. The loss
    is its negative."""
    return F.logsigmoid(reward_chosen - reward_rejected).mean()


@wrong(REWARD, "no log")
def probability_of_being_wrong(reward_chosen, reward_rejected):
    """This is 1 - sigmoid(difference), the probability of the other label. The loss is
    -log sigmoid(difference)."""
    return torch.sigmoid(reward_rejected - reward_chosen).mean()


@wrong(REWARD, "a probability, not a loss")
def probability_of_the_label(reward_chosen, reward_rejected):
    """This is sigmoid(difference), a probability that training should raise. The loss
    is minus its logarithm."""
    return torch.sigmoid(reward_chosen - reward_rejected).mean()


@wrong(REWARD, "a verdict on each response alone")
def each_response_alone(reward_chosen, reward_rejected):
    """You judge each response alone, good or bad. A pair says nothing on that: only
    the difference of its two rewards enters, in one sigmoid."""
    return -(F.logsigmoid(reward_chosen) + F.logsigmoid(-reward_rejected)).mean()


@wrong(REWARD, "rewards taken for strengths")
def share_of_the_rewards(reward_chosen, reward_rejected):
    """You take the share of one reward in the sum of both. Rewards are logarithms of
    strengths, and may be negative: their difference goes into the sigmoid."""
    share = reward_chosen / (reward_chosen + reward_rejected)
    return -torch.log(share).mean()


@wrong(REWARD, "sigmoids subtracted")
def sigmoids_subtracted(reward_chosen, reward_rejected):
    """You take a sigmoid of each reward and subtract those. Subtract the rewards first:
    one difference, one sigmoid, one log."""
    chosen, rejected = torch.sigmoid(reward_chosen), torch.sigmoid(reward_rejected)
    return -torch.log(chosen - rejected).mean()


@wrong(REWARD, "rejected response left out")
def reward_of_the_chosen_only(reward_chosen, reward_rejected):
    """Only the chosen response enters. A label compares two rewards."""
    return -F.logsigmoid(reward_chosen).mean()


@wrong(REWARD, "squared difference")
def regression_to_one(reward_chosen, reward_rejected):
    """You pull the difference of the rewards to 1 with a square. Bradley-Terry is
    logistic: -log sigmoid(difference)."""
    return ((reward_chosen - reward_rejected - 1) ** 2).mean()


@wrong(REWARD, "hinge")
def reward_hinge(reward_chosen, reward_rejected):
    """This is the hinge loss max(0, 1 - difference): it stops teaching at a lead of 1.
    Bradley-Terry is logistic: -log sigmoid(difference)."""
    return torch.relu(1 - (reward_chosen - reward_rejected)).mean()


@wrong(REWARD, "a lead demanded")
def lead_of_one(reward_chosen, reward_rejected):
    """You ask for a lead of 1 before the difference counts. Bradley-Terry has no such
    margin: equal rewards mean a probability of one half."""
    return -F.logsigmoid(reward_chosen - reward_rejected - 1).mean()


@wrong(REWARD, "normal instead of logistic")
def normal_distribution(reward_chosen, reward_rejected):
    """You used the normal distribution's function, which is Thurstone's model.
    Bradley-Terry's is the sigmoid."""
    return -torch.special.log_ndtr(reward_chosen - reward_rejected).mean()


@wrong(REWARD, "exponential loss")
def exponential_of_the_difference(reward_chosen, reward_rejected):
    """You used e^-difference. Minus the log of a sigmoid is log(1 + e^-difference)."""
    return torch.exp(reward_rejected - reward_chosen).mean()


@wrong(REWARD, "every chosen against every rejected")
def all_against_all(reward_chosen, reward_rejected):
    """You compare every chosen response with every rejected one. Nobody compared them,
    and rewards of different prompts share no zero: only the pairs of the batch."""
    return -F.logsigmoid(reward_chosen[:, None] - reward_rejected[None, :]).mean()


@wrong(REWARD, "mean inside")
def mean_of_differences_first(reward_chosen, reward_rejected):
    """You averaged the differences before the log-sigmoid. The loss is the mean of the
    pairs' losses; average last."""
    return -F.logsigmoid((reward_chosen - reward_rejected).mean())


@wrong(REWARD, "log of the mean")
def log_of_the_mean_probability(reward_chosen, reward_rejected):
    """You averaged the probabilities and took the log at the end. Take the log of each
    pair first, then the mean."""
    return -torch.sigmoid(reward_chosen - reward_rejected).mean().log()


@wrong(REWARD, "sum instead of mean")
def sum_over_pairs(reward_chosen, reward_rejected):
    """You return the sum over the batch; the task asks for the mean."""
    return -F.logsigmoid(reward_chosen - reward_rejected).sum()


@wrong(REWARD, "rewards whitened")
def whitened_rewards(reward_chosen, reward_rejected):
    """You divide by the standard deviation of the batch, so doubling all rewards
    changes nothing. The scale of a reward has a meaning: differences are log-odds."""
    spread = torch.cat([reward_chosen, reward_rejected]).std()
    return -F.logsigmoid((reward_chosen - reward_rejected) / spread).mean()


@wrong(REWARD, "penalty on the size of rewards")
def small_rewards_preferred(reward_chosen, reward_rejected):
    """You added a penalty on the size of the rewards. Some trainers do, to pin their
    zero; the task's loss depends on differences alone."""
    size = ((reward_chosen + reward_rejected) ** 2).mean()
    return -F.logsigmoid(reward_chosen - reward_rejected).mean() + 0.01 * size


@wrong(REWARD, "log(sigmoid) underflows")
def log_of_sigmoid(reward_chosen, reward_rejected):
    """The formula is right, but sigmoid(-2000) is 0 in floating point and e^2000 is
    infinite. F.logsigmoid computes log and sigmoid at once."""
    return -torch.log(torch.sigmoid(reward_chosen - reward_rejected)).mean()


@same_as(log_of_sigmoid)
def exponential_overflows(reward_chosen, reward_rejected):
    return torch.log(1 + torch.exp(reward_rejected - reward_chosen)).mean()


@same_as(log_of_sigmoid)
def ratio_of_exponentials(reward_chosen, reward_rejected):
    chosen, rejected = reward_chosen.exp(), reward_rejected.exp()
    return -torch.log(chosen / (chosen + rejected)).mean()


@wrong(REWARD, "a small number inside the log")
def small_number_inside_the_log(reward_chosen, reward_rejected):
    """The small number inside the log keeps it finite and caps the loss at about 28
    nats, with no gradient there. F.logsigmoid needs no such help."""
    p = torch.sigmoid(reward_chosen - reward_rejected)
    return -torch.log(p + 1e-12).mean()


@wrong(REWARD, "cross entropy of a probability")
def cross_entropy_of_the_probability(reward_chosen, reward_rejected):
    """binary_cross_entropy of a sigmoid cuts the loss off at 100 nats. F.logsigmoid, or
    the cross entropy that takes logits, computes log and sigmoid at once."""
    p = torch.sigmoid(reward_chosen - reward_rejected)
    return F.binary_cross_entropy(p, torch.ones_like(p))


@wrong(REWARD, "difference cut off")
def differences_cut_off(reward_chosen, reward_rejected):
    """You cut large differences off. Just the pairs that are most wrong would then
    teach nothing."""
    return -F.logsigmoid((reward_chosen - reward_rejected).clamp(-30, 30)).mean()


@wrong(REWARD, "rejected branch detached")
def rejected_detached(reward_chosen, reward_rejected):
    """The value is right, but no gradient reaches reward_rejected: the model is to
    learn from both sides of a pair."""
    return -F.logsigmoid(reward_chosen - reward_rejected.detach()).mean()


@wrong(REWARD, "chosen branch detached")
def chosen_detached(reward_chosen, reward_rejected):
    """The value is right, but no gradient reaches reward_chosen: the model is to learn
    from both sides of a pair."""
    return -F.logsigmoid(reward_chosen.detach() - reward_rejected).mean()


@wrong(REWARD, "everything detached")
def nothing_to_train(reward_chosen, reward_rejected):
    """The value is right, but no gradient reaches the rewards: something detached them
    (.detach(), .item(), .data, numpy or no_grad)."""
    return -F.logsigmoid((reward_chosen - reward_rejected).detach()).mean()


# Leave one out


def spread_of(rewards, correction):
    return rewards.std(dim=-1, keepdim=True, correction=correction)


@wrong(OTHERS, "mean of the whole group", "Baselines")
def mean_of_the_whole_group(rewards):
    """Your baseline includes the sample itself. That shrinks every advantage by
    (n - 1) / n: leave the sample out of its own baseline."""
    return rewards - rewards.mean(dim=-1, keepdim=True)


@wrong(OTHERS, "divided by the standard deviation")
def divided_by_sample_deviation(rewards):
    """This is (reward - mean) / standard deviation, as in GRPO: it forgets how much
    the rewards differ. Here advantages stay in units of reward."""
    centered = rewards - rewards.mean(dim=-1, keepdim=True)
    return centered / (spread_of(rewards, 1) + 1e-8)


@wrong(OTHERS, "divided by the standard deviation")
def divided_by_population_deviation(rewards):
    """This is (reward - mean) / standard deviation with n inside the root, one form of
    GRPO: it forgets how much the rewards differ. Keep the units of reward."""
    centered = rewards - rewards.mean(dim=-1, keepdim=True)
    return centered / (spread_of(rewards, 0) + 1e-8)


@same_as(divided_by_sample_deviation)
def divided_by_sample_deviation_and_more(rewards):
    centered = rewards - rewards.mean(dim=-1, keepdim=True)
    return centered / (spread_of(rewards, 1) + 1e-4)


@same_as(divided_by_population_deviation)
def divided_by_population_deviation_and_more(rewards):
    centered = rewards - rewards.mean(dim=-1, keepdim=True)
    return centered / (spread_of(rewards, 0) + 1e-4)


@wrong(OTHERS, "left out, then divided by the deviation")
def left_out_and_divided(rewards):
    """The baseline is right, but then you divide by the standard deviation: twice the
    rewards must have twice the advantages."""
    n = rewards.shape[-1]
    centered = (rewards - rewards.mean(dim=-1, keepdim=True)) * n / (n - 1)
    return centered / (spread_of(rewards, 1) + 1e-8)


@wrong(OTHERS, "mean over all groups")
def mean_of_everything(rewards):
    """Your baseline is the mean over all groups. A hard prompt would then make all its
    answers look bad: compare within a group, along the last axis."""
    return rewards - rewards.mean()


@wrong(OTHERS, "left out of all groups")
def left_out_of_everything(rewards):
    """You leave the sample out of the mean over *all* groups. The others are those of
    its own group, along the last axis."""
    others = (rewards.sum() - rewards) / (rewards.numel() - 1)
    return rewards - others


@wrong(OTHERS, "first axis")
def along_the_first_axis(rewards):
    """Your groups run along the first axis; the task's run along the last one."""
    n = max(rewards.shape[0], 2)
    others = (rewards.sum(dim=0, keepdim=True) - rewards) / (n - 1)
    return rewards - others


@wrong(OTHERS, "others divided by n")
def others_divided_by_all(rewards):
    """You divide the sum of the others by n; there are only n - 1 of them."""
    others = rewards.sum(dim=-1, keepdim=True) - rewards
    return rewards - others / rewards.shape[-1]


@wrong(OTHERS, "whole sum divided by n - 1")
def all_divided_by_others(rewards):
    """You divide the sum of all n rewards by n - 1. Take the sample's own reward out
    of the sum as well."""
    baseline = rewards.sum(dim=-1, keepdim=True) / (rewards.shape[-1] - 1)
    return rewards - baseline


@wrong(OTHERS, "sum of the others")
def sum_of_the_others(rewards):
    """You subtract the sum of the others; the baseline is their mean."""
    return rewards - (rewards.sum(dim=-1, keepdim=True) - rewards)


@wrong(OTHERS, "baseline alone")
def baseline_alone(rewards):
    """This is the baseline itself. The advantage is the reward minus it."""
    others = rewards.sum(dim=-1, keepdim=True) - rewards
    return others / (rewards.shape[-1] - 1)


@wrong(OTHERS, "sign")
def baseline_minus_reward(rewards):
    """The sign is turned round: a sample that is better than the others must have a
    positive advantage."""
    return baseline_alone(rewards) - rewards


@wrong(OTHERS, "shrunk twice")
def factor_upside_down(rewards):
    """The factor between the two means is upside down: leaving the sample out makes
    the distance from the baseline larger, n / (n - 1), not smaller."""
    n = rewards.shape[-1]
    return (rewards - rewards.mean(dim=-1, keepdim=True)) * (n - 1) / n


@wrong(OTHERS, "reward rescaled, mean not")
def reward_rescaled_alone(rewards):
    """You rescale the reward by n / (n - 1) but not the mean that you subtract. The
    factor belongs to their difference."""
    n = rewards.shape[-1]
    return rewards * n / (n - 1) - rewards.mean(dim=-1, keepdim=True)


@wrong(OTHERS, "equal rewards left out too")
def equal_rewards_left_out_too(rewards):
    """You leave out every sample with the same reward, not only the sample itself.
    Leave out a position, not a value."""
    same = rewards[..., :, None] == rewards[..., None, :]
    count = (~same).sum(dim=-1)
    others = torch.where(same, 0.0, rewards[..., None, :]).sum(dim=-1)
    baseline = torch.where(count > 0, others / count.clamp(min=1), rewards)
    return rewards - baseline


@wrong(OTHERS, "earlier samples only")
def earlier_samples_only(rewards):
    """Your baseline knows the earlier samples of the group only. All the others count,
    later ones too."""
    n = rewards.shape[-1]
    sums = rewards.cumsum(dim=-1) - rewards
    return rewards - sums / torch.arange(n).clamp(min=1)


@wrong(OTHERS, "always two others")
def always_two_others(rewards):
    """You always divide the sum of the others by 2. That is their number in the hand
    example; there are n - 1 of them."""
    return rewards - (rewards.sum(-1, keepdim=True) - rewards) / 2


@wrong(OTHERS, "one neighbor")
def one_neighbor(rewards):
    """Your baseline is a single other sample, the neighbor. It is the mean of all the
    others."""
    return rewards - rewards.roll(1, -1)


@wrong(OTHERS, "median of the others")
def median_of_the_others(rewards):
    """You subtract the median of the others; the baseline is their mean."""
    n = rewards.shape[-1]
    columns = [[k for k in range(n) if k != own] for own in range(n)]
    middle = [rewards[..., others].quantile(0.5, dim=-1) for others in columns]
    return rewards - torch.stack(middle, dim=-1)


@wrong(OTHERS, "best of the others")
def best_of_the_others(rewards):
    """You compare with the best of the others. The baseline is their mean, so that
    advantages sum to 0."""
    n = rewards.shape[-1]
    columns = [[k for k in range(n) if k != own] for own in range(n)]
    best = [rewards[..., others].amax(dim=-1) for others in columns]
    return rewards - torch.stack(best, dim=-1)


@wrong(OTHERS, "only good samples")
def only_good_samples(rewards):
    """You set negative advantages to 0: the policy would learn from good samples only,
    and the gradient would be biased."""
    n = rewards.shape[-1]
    return ((rewards - rewards.mean(dim=-1, keepdim=True)) * n / (n - 1)).clamp(min=0)


@wrong(OTHERS, "no baseline", "Baselines")
def no_baseline(rewards):
    """You return the rewards themselves, without any baseline. That is unbiased too,
    but far noisier; the task asks for reward minus the mean of the others."""
    return rewards.clone()


@wrong(OTHERS, "advantages cut off")
def advantages_cut_off(rewards):
    """You cut large advantages off. One outlier is worth what it is worth: here
    nothing is clipped."""
    n = rewards.shape[-1]
    advantages = (rewards - rewards.mean(dim=-1, keepdim=True)) * n / (n - 1)
    return advantages.clamp(-10, 10)


@wrong(OTHERS, "rewards changed in place")
def rewards_changed_in_place(rewards):
    """The advantages are right, but you computed them in the caller's own tensor,
    which has lost its rewards now."""
    n = rewards.shape[-1]
    rewards -= rewards.mean(dim=-1, keepdim=True)
    rewards *= n / (n - 1)
    return rewards


# PPO's clip


def kept(ratio, epsilon):
    return ratio.clamp(1 - epsilon, 1 + epsilon)


def pessimist(ratio, advantage, epsilon):
    return torch.minimum(ratio * advantage, kept(ratio, epsilon) * advantage)


@wrong(CLIP, "a loss, not an objective")
def objective_negated(ratio, advantage, epsilon):
    """This is the loss, minus the objective. The task asks for the objective, which is
    to be maximized."""
    return -pessimist(ratio, advantage.detach(), epsilon).mean()


@wrong(CLIP, "max instead of min")
def larger_one_of_two(ratio, advantage, epsilon):
    """You take the larger one of the two products. The clip is a pessimist: the
    smaller one. (The larger one belongs to the negated loss.)"""
    advantage = advantage.detach()
    clipped = kept(ratio, epsilon) * advantage
    return torch.maximum(ratio * advantage, clipped).mean()


@wrong(CLIP, "no clip")
def never_clipped(ratio, advantage, epsilon):
    """Nothing is clipped: this is the plain importance-weighted objective, and one
    batch could pull the policy as far as it likes."""
    return (ratio * advantage.detach()).mean()


@wrong(CLIP, "clipped without the minimum")
def always_clipped(ratio, advantage, epsilon):
    """You always use the clipped ratio. Then a sample that moved the wrong way gets no
    gradient and is never called back: take the smaller one of the two products."""
    return (kept(ratio, epsilon) * advantage.detach()).mean()


@wrong(CLIP, "minimum of the ratios")
def smaller_ratio(ratio, advantage, epsilon):
    """You take the smaller ratio, then multiply. A negative advantage turns the order
    round: multiply first, then take the smaller product."""
    return (torch.minimum(ratio, kept(ratio, epsilon)) * advantage.detach()).mean()


@same_as(smaller_ratio)
def ratio_capped_above(ratio, advantage, epsilon):
    return (ratio.clamp(max=1 + epsilon) * advantage.detach()).mean()


@same_as(smaller_ratio)
def larger_product_where_negative(ratio, advantage, epsilon):
    a = advantage.detach()
    one, other = ratio * a, kept(ratio, epsilon) * a
    larger, smaller = torch.maximum(one, other), torch.minimum(one, other)
    return torch.where(a < 0, larger, smaller).mean()


@wrong(CLIP, "clipped above only")
def no_lower_bound(ratio, advantage, epsilon):
    """You bound the ratio from above only. Where the advantage is negative the clip
    holds below 1 - epsilon."""
    advantage = advantage.detach()
    clipped = ratio.clamp(max=1 + epsilon) * advantage
    return torch.minimum(ratio * advantage, clipped).mean()


@wrong(CLIP, "clipped below only")
def no_upper_bound(ratio, advantage, epsilon):
    """You bound the ratio from below only. Where the advantage is positive the clip
    holds above 1 + epsilon."""
    advantage = advantage.detach()
    clipped = ratio.clamp(min=1 - epsilon) * advantage
    return torch.minimum(ratio * advantage, clipped).mean()


@same_as(larger_one_of_two)
def clip_on_the_wrong_side(ratio, advantage, epsilon):
    a = advantage.detach()
    bounded = torch.where(a > 0, ratio.clamp(min=1 - epsilon), ratio)
    bounded = torch.where(a < 0, ratio.clamp(max=1 + epsilon), bounded)
    return (bounded * a).mean()


@wrong(CLIP, "bounds exchanged")
def bounds_exchanged(ratio, advantage, epsilon):
    """The two bounds are exchanged: credit ends at 1 + epsilon for a positive
    advantage, blame at 1 - epsilon for a negative one."""
    a = advantage.detach()
    bound = torch.where(a >= 0, (1 - epsilon) * a, (1 + epsilon) * a)
    return torch.minimum(ratio * a, bound).mean()


@wrong(CLIP, "product clipped")
def product_clipped(ratio, advantage, epsilon):
    """You clip the product ratio * advantage. The clip is on the ratio alone."""
    product = ratio * advantage.detach()
    return torch.minimum(product, kept(product, epsilon)).mean()


@wrong(CLIP, "advantage clipped")
def advantage_clipped(ratio, advantage, epsilon):
    """You clip the advantage. The clip is on the ratio."""
    a = advantage.detach()
    return torch.minimum(ratio * a, ratio * kept(a, epsilon)).mean()


@wrong(CLIP, "kept around 0")
def kept_around_zero(ratio, advantage, epsilon):
    """You keep the ratio between -epsilon and epsilon. A ratio says "nothing changed"
    at 1: the bounds are 1 - epsilon and 1 + epsilon."""
    a = advantage.detach()
    return torch.minimum(ratio * a, ratio.clamp(-epsilon, epsilon) * a).mean()


@wrong(CLIP, "minimum of the means")
def minimum_of_the_means(ratio, advantage, epsilon):
    """You take the smaller one of two means. Each sample is clipped by itself: the
    minimum first, then the mean."""
    a = advantage.detach()
    return torch.minimum((ratio * a).mean(), (kept(ratio, epsilon) * a).mean())


@wrong(CLIP, "sum instead of mean")
def sum_over_samples(ratio, advantage, epsilon):
    """You return the sum over the samples; the task asks for the mean."""
    return pessimist(ratio, advantage.detach(), epsilon).sum()


@wrong(CLIP, "epsilon hard-coded at 0.2")
def epsilon_hard_coded(ratio, advantage, epsilon):
    """You use 0.2 whatever epsilon is. Take it from the argument."""
    return pessimist(ratio, advantage.detach(), 0.2).mean()


@wrong(CLIP, "clipped in logarithms")
def clipped_in_logarithms(ratio, advantage, epsilon):
    """You keep the *log* of the ratio between -epsilon and epsilon. The task's bounds
    are on the ratio itself: 1 - epsilon and 1 + epsilon."""
    a = advantage.detach()
    clipped = ratio.clamp(math.exp(-epsilon), math.exp(epsilon))
    return torch.minimum(ratio * a, clipped * a).mean()


@wrong(CLIP, "lower bound 1 / (1 + epsilon)")
def lower_bound_one_over(ratio, advantage, epsilon):
    """Your lower bound is 1 / (1 + epsilon). The task's is 1 - epsilon."""
    a = advantage.detach()
    clipped = ratio.clamp(1 / (1 + epsilon), 1 + epsilon)
    return torch.minimum(ratio * a, clipped * a).mean()


@wrong(CLIP, "lower bound epsilon")
def lower_bound_epsilon(ratio, advantage, epsilon):
    """Your lower bound is epsilon. A ratio says "nothing changed" at 1: the bound lies
    epsilon below that."""
    a = advantage.detach()
    return torch.minimum(ratio * a, ratio.clamp(epsilon, 1 + epsilon) * a).mean()


@wrong(CLIP, "logarithm for ratio")
def logarithm_for_ratio(ratio, advantage, epsilon):
    """You took the logarithm of the ratio. It comes in as a ratio and stays one."""
    a, log_ratio = advantage.detach(), ratio.log()
    return torch.minimum(log_ratio * a, log_ratio.clamp(-epsilon, epsilon) * a).mean()


@wrong(CLIP, "surplus over 1")
def surplus_over_one(ratio, advantage, epsilon):
    """You subtract 1 from the ratio, so the objective starts at 0. The task's starts at
    the mean advantage."""
    a, surplus = advantage.detach(), ratio - 1
    return torch.minimum(surplus * a, surplus.clamp(-epsilon, epsilon) * a).mean()


@wrong(CLIP, "clipped samples dropped")
def clipped_samples_dropped(ratio, advantage, epsilon):
    """Samples outside the interval count 0. Clipped is not dropped: on the side where
    the clip holds a sample keeps its value, on the other one it counts in full."""
    inside = (ratio - 1).abs() <= epsilon
    return torch.where(inside, ratio * advantage.detach(), 0.0).mean()


@wrong(CLIP, "mean over unclipped samples")
def mean_over_samples_inside(ratio, advantage, epsilon):
    """You average over the samples inside the interval only. The mean is over all
    samples, and those that moved the wrong way need their gradient most."""
    inside = (ratio - 1).abs() <= epsilon
    total = torch.where(inside, ratio * advantage.detach(), 0.0).sum()
    return total / inside.sum().clamp(min=1)


@wrong(CLIP, "good samples only")
def good_samples_only(ratio, advantage, epsilon):
    """Negative advantages count as 0 here. Bad samples teach as well, and the clip
    treats both signs."""
    return pessimist(ratio, advantage.detach().clamp(min=0), epsilon).mean()


@wrong(CLIP, "advantages normalized")
def advantages_normalized(ratio, advantage, epsilon):
    """You rescale the advantages within the batch. Many programs do so before the
    objective; here they are taken as they come."""
    a = advantage.detach()
    a = a / (a.abs().mean() + 1e-8)
    return pessimist(ratio, a, epsilon).mean()


@same_as(advantages_normalized)
def advantages_whitened(ratio, advantage, epsilon):
    a = advantage.detach()
    if len(a) > 1:
        a = (a - a.mean()) / (a.std() + 1e-8)
    return pessimist(ratio, a, epsilon).mean()


@same_as(advantages_normalized)
def advantages_whitened_as_a_population(ratio, advantage, epsilon):
    a = advantage.detach()
    a = (a - a.mean()) / (a.std(correction=0) + 1e-8)
    return pessimist(ratio, a, epsilon).mean()


@wrong(CLIP, "exponential of the ratio")
def exponential_of_the_ratio(ratio, advantage, epsilon):
    """You take the exponential of the ratio, as if it were a log-ratio. The ratio comes
    as it is: 1 where nothing has changed."""
    return pessimist(ratio.exp(), advantage.detach(), epsilon).mean()


@wrong(CLIP, "ratio clipped in place")
def ratio_clipped_in_place(ratio, advantage, epsilon):
    """The value is right, but the ratio is clipped in place: the caller's tensor is
    changed. clamp without the underscore makes a new one."""
    unclipped = ratio * advantage.detach()
    ratio.data.clamp_(1 - epsilon, 1 + epsilon)
    return torch.minimum(unclipped, ratio * advantage.detach()).mean()


@wrong(CLIP, "second clip for bad samples")
def second_clip(ratio, advantage, epsilon):
    """You bound the blame of a bad sample a second time, as dual-clip PPO does. In the
    task a ratio that rose with a negative advantage counts in full."""
    a = advantage.detach()
    once = pessimist(ratio, a, epsilon)
    return torch.where(a < 0, torch.maximum(once, 3 * a), once).mean()


@wrong(CLIP, "advantage not detached")
def advantage_trained(ratio, advantage, epsilon):
    """The value is right, but a gradient reaches the advantages: it would train the
    value network to promise more. Detach them."""
    return pessimist(ratio, advantage, epsilon).mean()


@wrong(CLIP, "ratio detached")
def ratio_detached(ratio, advantage, epsilon):
    """The value is right, but no gradient reaches the ratio, the only thing that is to
    be trained. Detach the advantage, not the ratio."""
    return pessimist(ratio.detach(), advantage.detach(), epsilon).mean()


@wrong(CLIP, "unclipped product detached")
def unclipped_product_detached(ratio, advantage, epsilon):
    """The value is right, but no gradient comes through the unclipped product, which is
    the smaller one where a sample moved the wrong way. Detach the advantage alone."""
    a = advantage.detach()
    return torch.minimum(ratio.detach() * a, kept(ratio, epsilon) * a).mean()


@wrong(CLIP, "clipped product detached")
def clipped_product_detached(ratio, advantage, epsilon):
    """The value is right, but inside the interval both products are equal and share the
    gradient; yours loses the half of the detached one. Detach the advantage alone."""
    a = advantage.detach()
    return torch.minimum(ratio * a, kept(ratio, epsilon).detach() * a).mean()


@wrong(CLIP, "gradient inside only")
def gradient_inside_only(ratio, advantage, epsilon):
    """The value is right, but outside the interval nothing gets a gradient. Samples
    that moved the wrong way need theirs: only what is clipped stands still."""
    each = pessimist(ratio, advantage.detach(), epsilon)
    inside = (ratio - 1).abs() <= epsilon
    return torch.where(inside, each, each.detach()).mean()


@wrong(CLIP, "gradient past the clip")
def gradient_past_the_clip(ratio, advantage, epsilon):
    """The value is right, but where the clip holds the gradient goes on: a detached
    correction clips the value and leaves the slope."""
    a = advantage.detach()
    clipped = ratio + (kept(ratio, epsilon) - ratio).detach()
    return torch.minimum(ratio * a, clipped * a).mean()


# Advantages over tokens


def backwards(surprises, factor):
    found, later = [], 0.0
    for surprise in reversed(surprises):
        later = surprise + factor * later
        found.append(later)
    return torch.stack(found[::-1])


def surprises_of(rewards, values, discount, last=0.0):
    ahead = torch.cat([values[1:], torch.zeros(1).double() + last])
    return rewards + discount * ahead - values


@wrong(TOKENS, "as given")
def as_given(rewards, values, discount, decay):
    """As in the code as given, the last token's own value is taken for the value that
    follows it. The response is over: nothing follows."""
    return backwards(
        surprises_of(rewards, values, discount, values[-1]), discount * decay
    )


@wrong(TOKENS, "value of the first token follows the last")
def wrapped_around(rewards, values, discount, decay):
    """After the last token you go on with the value of the first one: torch.roll wraps
    around. Nothing follows the last token."""
    return backwards(
        surprises_of(rewards, values, discount, values[0]), discount * decay
    )


@wrong(TOKENS, "last reward for the value after it")
def reward_for_the_value_after_it(rewards, values, discount, decay):
    """After the last token you take its reward for the value to come, so that reward
    counts twice. Nothing follows the last token."""
    return backwards(
        surprises_of(rewards, values, discount, rewards[-1]), discount * decay
    )


@wrong(TOKENS, "last two values dropped")
def one_value_too_many_dropped(rewards, values, discount, decay):
    """You also put 0 for the value before the last token. Only what would follow the
    last token is 0."""
    ahead = torch.cat([values[1:], torch.zeros(1).double()])
    ahead[-2:] = 0.0
    return backwards(rewards + discount * ahead - values, discount * decay)


@wrong(TOKENS, "last token without surprise")
def last_surprise_dropped(rewards, values, discount, decay):
    """The last token gets no surprise at all now. It has one: its reward minus its
    value."""
    surprises = surprises_of(rewards, values, discount)
    surprises[-1] = 0.0
    return backwards(surprises, discount * decay)


@wrong(TOKENS, "last value set to 0")
def last_value_set_to_zero(rewards, values, discount, decay):
    """You set the last token's own value to 0. That value is fine; it is the one after
    it that does not exist."""
    values = torch.cat([values[:-1], torch.zeros(1).double()])
    return backwards(surprises_of(rewards, values, discount), discount * decay)


@wrong(TOKENS, "decay lost")
def decay_lost(rewards, values, discount, decay):
    """The last token is mended, but decay is lost: k tokens later a surprise counts
    (discount * decay)^k."""
    return backwards(surprises_of(rewards, values, discount), discount)


@wrong(TOKENS, "discount lost in the sum")
def discount_lost_in_the_sum(rewards, values, discount, decay):
    """The last token is mended, but later surprises count decay^k now; the task says
    (discount * decay)^k."""
    return backwards(surprises_of(rewards, values, discount), decay)


@wrong(TOKENS, "discount lost in the surprise")
def discount_lost_in_the_surprise(rewards, values, discount, decay):
    """The last token is mended, but the value to come is not discounted any more."""
    return backwards(surprises_of(rewards, values, 1.0), discount * decay)


@wrong(TOKENS, "surprises alone")
def surprises_alone(rewards, values, discount, decay):
    """These are the surprises alone. An advantage adds the later ones, each weighted
    by (discount * decay)^k."""
    return surprises_of(rewards, values, discount)


@wrong(TOKENS, "no value follows any token")
def no_value_follows(rewards, values, discount, decay):
    """Now no token has a value that follows it. Only the last one has none: a surprise
    is rewards[t] + discount * values[t + 1] - values[t]."""
    return backwards(rewards - values, discount * decay)


@wrong(TOKENS, "the next surprise only")
def next_surprise_only(rewards, values, discount, decay):
    """You add the next surprise only. All later ones count, the one k tokens later
    (discount * decay)^k."""
    surprises = surprises_of(rewards, values, discount)
    later = torch.cat([surprises[1:], torch.zeros(1).double()])
    return surprises + discount * decay * later


@wrong(TOKENS, "divided by powers")
def divided_by_powers(rewards, values, discount, decay):
    """You divide by powers of discount * decay. They may be 0, and 0 / 0 is NaN: go
    backward through the tokens, as the code as given does."""
    surprises = surprises_of(rewards, values, discount)
    powers = (discount * decay) ** torch.arange(len(rewards)).double()
    return (surprises * powers).flip(0).cumsum(0).flip(0) / powers


@wrong(TOKENS, "value added back")
def value_added_back(rewards, values, discount, decay):
    """This is advantage + value, the target that a value network is trained on. The
    task asks for the advantages."""
    surprises = surprises_of(rewards, values, discount)
    return backwards(surprises, discount * decay) + values


@wrong(TOKENS, "rewards to come, no values")
def rewards_to_come(rewards, values, discount, decay):
    """These are sums of rewards to come; the values do not enter. The surprises do."""
    return backwards(rewards, discount * decay)


# Predictions


@wrong(SHARE, "nothing is lost")
def nothing_is_lost():
    """A baseline is free only if it does not know the sample. This one contains its
    reward."""
    return 1.0


@wrong(SHARE, "what is lost")
def what_is_lost():
    """This is the share that is lost; the question is what is left."""
    return 1 / 8


@wrong(SHARE, "factor the other way")
def factor_the_other_way():
    """This is the factor that mends it, n / (n - 1). The question is the share that is
    left before."""
    return 8 / 7


@wrong(SHARE, "7 samples taken for 8")
def six_sevenths():
    """This is 6/7, as if 7 samples had been drawn. All 8 are in the baseline, the
    sample itself among them."""
    return 6 / 7


@wrong(SHARE, "everything cancels")
def everything_cancels():
    """The advantages of a group sum to 0, but each is multiplied by its own sample's
    gradient of log pi: that does not cancel."""
    return 0.0


@wrong(SHARE, "one half")
def half_is_left():
    """The own reward is only one eighth of the baseline: far more than half is left."""
    return 0.5


@wrong(SLOPE, "clipped, so 0")
def clipped_so_zero():
    """1.6 is above 1.2, but the advantage is negative: the unclipped product -0.8 is
    the smaller one, so the clip does not hold."""
    return 0.0


@wrong(SLOPE, "sign")
def slope_without_its_sign():
    """The size is right. A larger ratio makes the objective of a bad sample smaller."""
    return 0.5


@wrong(SLOPE, "value instead of slope")
def value_of_the_objective():
    """This is the value of the objective, 1.6 * -0.5. The question is its derivative
    in the ratio."""
    return -0.8


@wrong(SLOPE, "clipped value")
def value_of_the_clipped_product():
    """This is the clipped product, a value, and the larger one of the two. The
    question is the derivative of the smaller one."""
    return -0.6


@wrong(SLOPE, "bound times advantage")
def lower_bound_times_advantage():
    """This is 0.8 times the advantage. The ratio 1.6 is not near the lower bound, and
    the question is a derivative."""
    return -0.4


@wrong(SLOPE, "epsilon times advantage")
def epsilon_times_advantage():
    """Epsilon bounds the ratio; it does not scale the slope."""
    return -0.1


@wrong(COIN, "straight through")
def straight_through():
    """You differentiate the cost itself, 2 (b - 0.3), as if b could move. A coin shows
    0 or 1; what moves is the probability of each. Your sign is wrong, too."""
    return 0.2 * 0.8 * 2 * (0.2 - 0.3)


@wrong(COIN, "no derivative")
def no_derivative():
    """A sample has no derivative, but the question is about the expected cost, which
    depends on z through p."""
    return 0.0


@wrong(COIN, "derivative in p")
def derivative_in_p():
    """This is the derivative in p. The question is the one in z: dp/dz = p (1 - p)
    multiplies it."""
    return 0.49 - 0.09


@wrong(COIN, "expected cost")
def expected_cost():
    """This is the expected cost itself. The question is its derivative in z."""
    return 0.2 * 0.49 + 0.8 * 0.09


@wrong(COIN, "sign")
def coin_sign():
    """The sign is turned round: b = 1 costs more than b = 0, so more of it costs
    more."""
    return -0.064


@wrong(COIN, "one outcome only")
def only_when_it_shows_one():
    """This counts the outcome b = 1 only. As p rises, b = 0 becomes rarer: take its
    cost off."""
    return 0.2 * 0.8 * 0.49


@wrong(COIN, "costs added")
def costs_added():
    """You add the two costs. As z rises one outcome becomes more likely and the other
    one less: subtract."""
    return 0.2 * 0.8 * (0.49 + 0.09)
