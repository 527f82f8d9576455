"""Chapter 12: wrong answers of learners."""

import math

import torch
import torch.nn.functional as F


def reward_model_loss__naive_log_sigmoid(reward_chosen, reward_rejected):
    """log(sigmoid(d)) is -inf at d = -2000, where the loss must be 2000."""
    return -torch.log(torch.sigmoid(reward_chosen - reward_rejected)).mean()


def reward_model_loss__naive_log1p_exp(reward_chosen, reward_rejected):
    """exp(2000) overflows, so the loss of a badly wrong pair is inf instead of 2000."""
    return torch.log1p(torch.exp(-(reward_chosen - reward_rejected))).mean()


def reward_model_loss__epsilon_inside(reward_chosen, reward_rejected):
    """A 1e-12 inside the logarithm caps the loss at 27.6, but it must reach 2000."""
    p = torch.sigmoid(reward_chosen - reward_rejected)
    return -torch.log(p + 1e-12).mean()


def reward_model_loss__exchanged(reward_chosen, reward_rejected):
    """The difference is rejected minus chosen: the model learns the opposite."""
    return -F.logsigmoid(reward_rejected - reward_chosen).mean()


def reward_model_loss__no_minus(reward_chosen, reward_rejected):
    """Forgets the minus: returns the mean log-likelihood."""
    return F.logsigmoid(reward_chosen - reward_rejected).mean()


def reward_model_loss__sum(reward_chosen, reward_rejected):
    """Sums over the pairs, but the loss is their mean."""
    return -F.logsigmoid(reward_chosen - reward_rejected).sum()


def reward_model_loss__mean_first(reward_chosen, reward_rejected):
    """Takes the mean of the differences before the logarithm; right for one pair only."""
    return -F.logsigmoid((reward_chosen - reward_rejected).mean())


def reward_model_loss__rejected_detached(reward_chosen, reward_rejected):
    """Detaches the rejected reward as if it were a reference; the gradient must reach both."""
    return -F.logsigmoid(reward_chosen - reward_rejected.detach()).mean()


def reward_model_loss__returns_item(reward_chosen, reward_rejected):
    """Returns a Python float, which has no gradient."""
    return -F.logsigmoid(reward_chosen - reward_rejected).mean().item()


def reward_model_loss__base_two(reward_chosen, reward_rejected):
    """In bits, not in nats."""
    return -F.logsigmoid(reward_chosen - reward_rejected).mean() / math.log(2)


def reward_model_loss__bce_clamped(reward_chosen, reward_rejected):
    """binary_cross_entropy clamps its logarithm at -100, so a difference of -2000 costs 100."""
    p = torch.sigmoid(reward_chosen - reward_rejected)
    return F.binary_cross_entropy(p, torch.ones_like(p))


def reward_model_loss__two_bce_terms(reward_chosen, reward_rejected):
    """Judges each reward by itself against 0, which is not Bradley-Terry on the difference."""
    return -(F.logsigmoid(reward_chosen) + F.logsigmoid(-reward_rejected)).mean()


def reward_model_loss__clamped_difference(reward_chosen, reward_rejected):
    """Clamps the difference to +-30 for safety: the loss and its gradient are wrong beyond."""
    d = (reward_chosen - reward_rejected).clamp(-30, 30)
    return F.softplus(-d).mean()


def reward_model_loss__bfloat16(reward_chosen, reward_rejected):
    """Computes in bfloat16 to save memory, so the loss is right to two or three digits only, not accurate."""
    d = reward_chosen.bfloat16() - reward_rejected.bfloat16()
    return -F.logsigmoid(d).mean().double()


def leave_one_out_advantages__own_reward_included(rewards):
    """The baseline is the mean of the whole group, the own reward included."""
    return rewards - rewards.mean(dim=-1, keepdim=True)


def leave_one_out_advantages__divided_by_n(rewards):
    """Divides the sum of the others by n instead of n - 1."""
    n = rewards.shape[-1]
    return rewards - (rewards.sum(dim=-1, keepdim=True) - rewards) / n


def leave_one_out_advantages__global_mean(rewards):
    """Pools all groups: right for a single group, but no group knows of another."""
    n = rewards.numel()
    return rewards - (rewards.sum() - rewards) / (n - 1)


def leave_one_out_advantages__first_axis(rewards):
    """Sums over axis 0: right for one group of shape (samples,) only."""
    n = rewards.shape[0]
    if n < 2:
        return torch.zeros_like(rewards)
    return rewards - (rewards.sum(dim=0, keepdim=True) - rewards) / (n - 1)


def leave_one_out_advantages__grpo_standardized(rewards):
    """Divides by the standard deviation as GRPO does; the task only subtracts."""
    centred = rewards - rewards.mean(dim=-1, keepdim=True)
    return centred / (rewards.std(dim=-1, keepdim=True) + 1e-8)


def leave_one_out_advantages__in_place(rewards):
    """Subtracts in place, so the caller's rewards are overwritten."""
    n = rewards.shape[-1]
    baseline = (rewards.sum(dim=-1, keepdim=True) - rewards) / (n - 1)
    rewards -= baseline
    return rewards


def leave_one_out_advantages__neighbour(rewards):
    """The baseline is the neighbour's reward: right for two samples, not the mean of the others for more."""
    return rewards - torch.roll(rewards, 1, dims=-1)


def leave_one_out_advantages__best_other(rewards):
    """Compares with the best of the others instead of their mean."""
    n = rewards.shape[-1]
    out = torch.empty_like(rewards)
    for i in range(n):
        others = torch.cat([rewards[..., :i], rewards[..., i + 1 :]], dim=-1)
        out[..., i] = rewards[..., i] - others.amax(dim=-1)
    return out


def leave_one_out_advantages__earlier_only(rewards):
    """The baseline is the mean of the samples before this one, not of all others."""
    out = torch.zeros_like(rewards)
    for i in range(1, rewards.shape[-1]):
        out[..., i] = rewards[..., i] - rewards[..., :i].mean(dim=-1)
    out[..., 0] = rewards[..., 0]
    return out


def leave_one_out_advantages__divisor_two(rewards):
    """Divides by 2, the number of others in the hand example only."""
    return rewards - (rewards.sum(dim=-1, keepdim=True) - rewards) / 2


def leave_one_out_advantages__removes_equal_values(rewards):
    """Leaves out every sample with an equal reward, so ties do not count among the others."""
    flat = rewards.reshape(-1, rewards.shape[-1])
    out = torch.zeros_like(flat)
    for g in range(flat.shape[0]):
        for i in range(flat.shape[1]):
            others = flat[g][flat[g] != flat[g, i]]
            if len(others):
                out[g, i] = flat[g, i] - others.mean()
    return out.reshape(rewards.shape)


def leave_one_out_advantages__scaled_wrong_way(rewards):
    """The factor between the two baselines is n / (n - 1), not (n - 1) / n."""
    n = rewards.shape[-1]
    return (rewards - rewards.mean(dim=-1, keepdim=True)) * (n - 1) / n


def leave_one_out_advantages__flat_groups(rewards):
    """Flattens all leading axes, so the shape (a, b, samples) comes back as (a * b, samples)."""
    rows = rewards.reshape(-1, rewards.shape[-1])
    n = rows.shape[-1]
    return rows - (rows.sum(-1, keepdim=True) - rows) / (n - 1)


def clipped_objective__no_minimum(ratio, advantage, epsilon):
    """Always uses the clipped ratio and never takes the smaller one."""
    return (ratio.clamp(1 - epsilon, 1 + epsilon) * advantage.detach()).mean()


def clipped_objective__maximum(ratio, advantage, epsilon):
    """Takes the larger one of the two."""
    a = advantage.detach()
    return torch.maximum(ratio * a, ratio.clamp(1 - epsilon, 1 + epsilon) * a).mean()


def clipped_objective__negated(ratio, advantage, epsilon):
    """Returns minus the objective, as a loss; the task wants what is maximized."""
    a = advantage.detach()
    return -torch.minimum(ratio * a, ratio.clamp(1 - epsilon, 1 + epsilon) * a).mean()


def clipped_objective__advantage_not_detached(ratio, advantage, epsilon):
    """The gradient also reaches whatever computed the advantages, which must be constants."""
    clipped = torch.clamp(ratio, 1 - epsilon, 1 + epsilon)
    return torch.minimum(ratio * advantage, clipped * advantage).mean()


def clipped_objective__ratio_detached(ratio, advantage, epsilon):
    """Detaches the ratio in the unclipped term, so no gradient reaches it from there."""
    a = advantage.detach()
    clipped = torch.clamp(ratio, 1 - epsilon, 1 + epsilon)
    return torch.minimum(ratio.detach() * a, clipped * a).mean()


def clipped_objective__smaller_ratio(ratio, advantage, epsilon):
    """Takes the smaller ratio and multiplies then: wrong for negative advantages, where the order turns."""
    clipped = torch.clamp(ratio, 1 - epsilon, 1 + epsilon)
    return (torch.minimum(ratio, clipped) * advantage.detach()).mean()


def clipped_objective__minimum_of_means(ratio, advantage, epsilon):
    """Takes the smaller one of two batch means, not of each sample; right for one sample."""
    a = advantage.detach()
    clipped = torch.clamp(ratio, 1 - epsilon, 1 + epsilon)
    return torch.minimum((ratio * a).mean(), (clipped * a).mean())


def clipped_objective__sum(ratio, advantage, epsilon):
    """Sums over the samples instead of the mean."""
    a = advantage.detach()
    return torch.minimum(ratio * a, ratio.clamp(1 - epsilon, 1 + epsilon) * a).sum()


def clipped_objective__epsilon_hard_coded(ratio, advantage, epsilon):
    """Clips at 0.8 and 1.2 whatever epsilon is."""
    a = advantage.detach()
    return torch.minimum(ratio * a, ratio.clamp(0.8, 1.2) * a).mean()


def clipped_objective__log_symmetric(ratio, advantage, epsilon):
    """The lower end of the clip is 1 / (1 + epsilon) instead of 1 - epsilon."""
    a = advantage.detach()
    clipped = ratio.clamp(1 / (1 + epsilon), 1 + epsilon)
    return torch.minimum(ratio * a, clipped * a).mean()


def clipped_objective__normalized_advantages(ratio, advantage, epsilon):
    """Standardizes the advantages first, as PPO code often does; the task does not."""
    a = advantage.detach()
    if a.numel() > 1:
        a = (a - a.mean()) / (a.std() + 1e-8)
    return torch.minimum(ratio * a, ratio.clamp(1 - epsilon, 1 + epsilon) * a).mean()


def clipped_objective__dual_clip(ratio, advantage, epsilon):
    """Adds the dual clip at 3 * advantage: wrong for negative advantages at ratios above 3."""
    a = advantage.detach()
    low = torch.minimum(ratio * a, ratio.clamp(1 - epsilon, 1 + epsilon) * a)
    return torch.where(a < 0, torch.maximum(low, 3 * a), low).mean()


def clipped_objective__only_positive_clipped(ratio, advantage, epsilon):
    """Clips positive advantages only; with a negative one, ratios below 1 - epsilon must be clipped too."""
    a = advantage.detach()
    return torch.where(a > 0, ratio.clamp(max=1 + epsilon) * a, ratio * a).mean()


def clipped_objective__in_place_clamp(ratio, advantage, epsilon):
    """Clamps the data of the ratio in place: the argument is changed and the unclipped term is lost."""
    a = advantage.detach()
    unclipped = ratio * a
    ratio.data.clamp_(1 - epsilon, 1 + epsilon)
    return torch.minimum(unclipped, ratio * a).mean()


def clipped_objective__exp_of_ratio(ratio, advantage, epsilon):
    """Takes the ratio for a log-ratio and exponentiates it."""
    r = torch.exp(ratio)
    a = advantage.detach()
    return torch.minimum(r * a, r.clamp(1 - epsilon, 1 + epsilon) * a).mean()


def find_the_bug_token_advantages__as_given(rewards, values, discount, decay):
    """Only the raising line is deleted: after the last token it still uses the last value."""
    advantages = torch.zeros_like(rewards)
    later = 0.0
    for t in reversed(range(len(rewards))):
        following = values[min(t + 1, len(values) - 1)]
        surprise = rewards[t] + discount * following - values[t]
        later = surprise + discount * decay * later
        advantages[t] = later
    return advantages


def find_the_bug_token_advantages__wraps_around(rewards, values, discount, decay):
    """roll puts the first value after the last token, where 0 belongs."""
    following = torch.roll(values, -1)
    surprise = rewards + discount * following - values
    advantages = torch.zeros_like(rewards)
    later = 0.0
    for t in reversed(range(len(rewards))):
        later = surprise[t] + discount * decay * later
        advantages[t] = later
    return advantages


def find_the_bug_token_advantages__index_error(rewards, values, discount, decay):
    """values[t + 1] does not exist for the last token: an IndexError."""
    advantages = torch.zeros_like(rewards)
    later = 0.0
    for t in reversed(range(len(rewards))):
        surprise = rewards[t] + discount * values[t + 1] - values[t]
        later = surprise + discount * decay * later
        advantages[t] = later
    return advantages


def find_the_bug_token_advantages__last_left_out(rewards, values, discount, decay):
    """Starts the loop at the last token but one, so the last reward is never seen."""
    advantages = torch.zeros_like(rewards)
    later = 0.0
    for t in reversed(range(len(rewards) - 1)):
        surprise = rewards[t] + discount * values[t + 1] - values[t]
        later = surprise + discount * decay * later
        advantages[t] = later
    return advantages


def find_the_bug_token_advantages__zeroes_last_value_in_place(rewards, values, discount, decay):
    """Sets the last value itself to 0: that changes the argument and drops -values of the last surprise."""
    values[-1] = 0
    advantages = torch.zeros_like(rewards)
    later = 0.0
    for t in reversed(range(len(rewards))):
        following = values[min(t + 1, len(values) - 1)]
        surprise = rewards[t] + discount * following - values[t]
        later = surprise + discount * decay * later
        advantages[t] = later
    return advantages


def find_the_bug_token_advantages__decay_only(rewards, values, discount, decay):
    """Mends the end but carries with decay alone; right for discount 1."""
    advantages = torch.zeros_like(rewards)
    later, following = 0.0, 0.0
    for t in reversed(range(len(rewards))):
        later = rewards[t] + discount * following - values[t] + decay * later
        advantages[t] = later
        following = values[t]
    return advantages


def find_the_bug_token_advantages__division_by_powers(rewards, values, discount, decay):
    """A cumulative sum divided by powers of discount * decay: nan when the product is 0 or its powers underflow."""
    following = torch.cat([values[1:], values.new_zeros(1)])
    surprise = rewards + discount * following - values
    power = (discount * decay) ** torch.arange(len(rewards), dtype=rewards.dtype)
    return (surprise * power).flip(0).cumsum(0).flip(0) / power


def find_the_bug_token_advantages__returns_to_go(rewards, values, discount, decay):
    """Returns advantage + value, which is the target for the values, not the advantage."""
    advantages = torch.zeros_like(rewards)
    later, following = 0.0, 0.0
    for t in reversed(range(len(rewards))):
        later = rewards[t] + discount * following - values[t] + discount * decay * later
        advantages[t] = later
        following = values[t]
    return advantages + values


def find_the_bug_token_advantages__no_bootstrap(rewards, values, discount, decay):
    """Sets the following value to 0 at every token, not only after the last one."""
    advantages = torch.zeros_like(rewards)
    later = 0.0
    for t in reversed(range(len(rewards))):
        later = rewards[t] - values[t] + discount * decay * later
        advantages[t] = later
    return advantages


def find_the_bug_token_advantages__at_most_two(rewards, values, discount, decay):
    """Adds the next surprise only: right for two tokens, not for more."""
    following = torch.cat([values[1:], values.new_zeros(1)])
    surprise = rewards + discount * following - values
    out = surprise.clone()
    out[:-1] += discount * decay * surprise[1:]
    return out


def find_the_bug_token_advantages__float32(rewards, values, discount, decay):
    """Builds the result with torch.zeros in float32, so seven digits and the wrong dtype come back."""
    advantages = torch.zeros(len(rewards))
    later, following = 0.0, 0.0
    for t in reversed(range(len(rewards))):
        later = rewards[t] + discount * following - values[t] + discount * decay * later
        advantages[t] = later
        following = values[t]
    return advantages


def predict_the_share_of_the_gradient__all():
    """Thinks that any baseline leaves the gradient unbiased, but this one depends on the sample."""
    return 1.0


def predict_the_share_of_the_gradient__one_eighth():
    """This is the share that is lost."""
    return 1 / 8


def predict_the_share_of_the_gradient__zero():
    """The baseline does not cancel the whole gradient."""
    return 0.0


def predict_the_share_of_the_gradient__inverse():
    """8/7 is the factor that would mend it."""
    return 8 / 7


def predict_the_share_of_the_gradient__one_too_few():
    """Subtracts the own reward among 7 others: 6/7."""
    return 6 / 7


def predict_the_clipped_slope__zero():
    """Thinks that the clip holds; with a negative advantage the unclipped term is the smaller one."""
    return 0.0


def predict_the_clipped_slope__positive():
    """Loses the sign of the advantage."""
    return 0.5


def predict_the_clipped_slope__value():
    """Gives the value of the objective, not its slope."""
    return -0.8


def predict_the_clipped_slope__clipped_value():
    """Gives the value of the clipped term."""
    return -0.6


def predict_the_gradient_through_a_sample__derivative_in_p():
    """The derivative in p, not in z: p (1 - p) is missing."""
    return 0.4


def predict_the_gradient_through_a_sample__mean_plugged_in():
    """Differentiates (p - 0.3)^2, the cost of the mean and not the mean cost."""
    return 2 * (0.2 - 0.3) * 0.2 * 0.8


def predict_the_gradient_through_a_sample__wrong_sign():
    """The sign is turned: more b = 1 costs more here."""
    return -0.064


def predict_the_gradient_through_a_sample__no_gradient():
    """Thinks that nothing gets through a sample."""
    return 0.0


def predict_the_gradient_through_a_sample__expected_cost():
    """Gives the expected cost itself."""
    return 0.2 * 0.49 + 0.8 * 0.09
