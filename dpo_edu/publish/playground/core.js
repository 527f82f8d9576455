/* The numbers of DPO, as pure functions of numbers and arrays: nothing here draws.

   A policy over a few answers is an array of log-probabilities. `reference` is an array
   of probabilities that sum to 1, `reward` one number per answer, beta > 0 in reward per
   nat. Equation numbers are those of the course. */
"use strict";

const DPO = (() => {
  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
  const logs = (probabilities) => probabilities.map(Math.log);

  /** log sigmoid(x), accurate at any x. */
  function logSigmoid(x) {
    return Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
  }

  const sigmoid = (x) => Math.exp(logSigmoid(x));

  /** All that DPO computes from one pair of answers and says about its next step. */
  function pair({ chosen, rejected, refChosen, refRejected, beta }) {
    const gap = chosen - refChosen - (rejected - refRejected); // nats
    const margin = beta * gap;
    const weight = sigmoid(-margin);
    const pull = beta * weight;
    return {
      gap,
      margin,
      loss: -logSigmoid(margin), // (6.1)
      weight,
      pull,
      slopeChosen: -pull, // d loss / d log pi(chosen), (7.1)
      slopeRejected: pull,
    };
  }

  /** log(sum of exp), without overflow. */
  function logSumExp(numbers) {
    const largest = Math.max(...numbers);
    return largest + Math.log(sum(numbers.map((x) => Math.exp(x - largest))));
  }

  function logSoftmax(logits) {
    const constant = logSumExp(logits);
    return logits.map((logit) => logit - constant);
  }

  /** The best policy, and the log of its normalizer Z. */
  function tilt(reference, reward, beta) {
    const tilted = logs(reference).map((logp, y) => logp + reward[y] / beta);
    const logZ = logSumExp(tilted);
    return { logp: tilted.map((x) => x - logZ), logZ, Z: Math.exp(logZ) }; // (4.2)
  }

  /** KL(p || q) in nats, from log-probabilities. */
  function kl(logp, logq) {
    return sum(logp.map((x, y) => Math.exp(x) * (x - logq[y]))); // (3.1)
  }

  /** Expected reward, KL to the reference and their balance J. */
  function judge(logp, reference, reward, beta) {
    const earned = sum(logp.map((x, y) => Math.exp(x) * reward[y]));
    const spent = kl(logp, logs(reference));
    return { reward: earned, kl: spent, objective: earned - beta * spent }; // (4.1)
  }

  /** What optimal policies earn and spend over a range of beta. */
  function sweep(reference, reward, betas) {
    return betas.map((beta) => {
      const best = tilt(reference, reward, beta);
      return { beta, ...judge(best.logp, reference, reward, beta) };
    });
  }

  /** The same uniform numbers for the same seed, on every machine (mulberry32). */
  function generator(seed) {
    let state = seed >>> 0;
    return () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  /** The answer at which the running sum of probabilities passes `uniform`. */
  function pick(probabilities, uniform) {
    let left = uniform;
    for (let y = 0; y < probabilities.length - 1; y++) {
      left -= probabilities[y];
      if (left < 0) return y;
    }
    return probabilities.length - 1;
  }

  /** Two answers drawn from the reference, again until they differ. */
  function twoAnswers(reference, uniform) {
    const [i, j] = [pick(reference, uniform()), pick(reference, uniform())];
    return i === j ? twoAnswers(reference, uniform) : [i, j];
  }

  /** wins[i][j]: how often answer i beat answer j in `count` votes (Bradley-Terry, 1.1).
      The first votes of a seed stay when more are asked for. */
  function vote(reference, reward, count, seed) {
    const uniform = generator(seed);
    const wins = reference.map(() => reference.map(() => 0));
    for (let n = 0; n < count; n++) {
      const [i, j] = twoAnswers(reference, uniform);
      const iWins = uniform() < sigmoid(reward[i] - reward[j]);
      wins[iWins ? i : j][iWins ? j : i] += 1;
    }
    return wins;
  }

  /** All pairs i < j of answers that were compared, as `make(i, j)` describes them. */
  function everyPair(answers, make) {
    const pairs = [];
    for (let i = 0; i < answers; i++)
      for (let j = i + 1; j < answers; j++) pairs.push({ i, j, ...make(i, j) });
    const compared = pairs.filter(({ often }) => often > 0);
    const all = sum(compared.map(({ often }) => often));
    return compared.map((each) => ({ ...each, often: each.often / all }));
  }

  /** Has the loss of hard votes a lowest point? Yes, where every answer that beat another
      was also beaten by it, directly or in a circle (chapter 02). */
  function settles(wins) {
    const reach = wins.map((row) => row.map((count) => count > 0));
    const answers = [...wins.keys()];
    for (const k of answers)
      for (const i of answers)
        for (const j of answers) reach[i][j] ||= reach[i][k] && reach[k][j];
    return answers.every((i) => answers.every((j) => reach[i][j] === reach[j][i]));
  }

  /** How often each pair was compared, as a share, and its label: P(i beats j).
      A hard label counts each vote as certain, a soft one is the probability itself. */
  function labeled(wins, reward, soft) {
    return everyPair(reward.length, (i, j) => {
      const often = wins[i][j] + wins[j][i];
      const label = soft ? sigmoid(reward[i] - reward[j]) : wins[i][j] / often;
      return { often, label };
    });
  }

  /** What infinitely many votes would say, on pairs drawn as `vote` draws them. */
  function everyVote(reference, reward) {
    return everyPair(reward.length, (i, j) => ({
      often: reference[i] * reference[j],
      label: sigmoid(reward[i] - reward[j]),
    }));
  }

  /** The mean DPO loss of a policy on labeled pairs, in nats. */
  function meanLoss(logp, reference, pairs, beta) {
    const ratio = logs(reference).map((x, y) => logp[y] - x);
    return sum(pairs.map(({ i, j, often, label }) => {
      const margin = beta * (ratio[i] - ratio[j]);
      return -often * (label * logSigmoid(margin) + (1 - label) * logSigmoid(-margin)); // (6.2)
    }));
  }

  /** The least loss any policy can have: the entropy of the labels. */
  function floor(pairs) {
    const entropy = (p) => (p > 0 && p < 1 ? -p * Math.log(p) - (1 - p) * Math.log(1 - p) : 0);
    return sum(pairs.map(({ often, label }) => often * entropy(label)));
  }

  /** One step of gradient descent on the table theta of log(pi / reference), in place.
      At the rate 2 / beta^2 margins move alike at every beta. */
  function descend(theta, pairs, beta) {
    const slopes = pairs.map(({ i, j, often, label }) =>
      beta * often * (sigmoid(beta * (theta[i] - theta[j])) - label)); // (7.1)
    pairs.forEach(({ i, j }, n) => {
      theta[i] -= (2 / beta ** 2) * slopes[n];
      theta[j] += (2 / beta ** 2) * slopes[n];
    });
  }

  /** DPO on labeled pairs from the reference: the policy after each number of `steps`. */
  function train(reference, pairs, beta, steps) {
    const theta = reference.map(() => 0);
    let done = 0;
    return steps.map((step) => {
      for (; done < step; done++) descend(theta, pairs, beta);
      return { step, logp: logSoftmax(logs(reference).map((x, y) => x + theta[y])) };
    });
  }

  return Object.freeze({
    everyVote, floor, generator, judge, kl, labeled, logSigmoid, meanLoss, pair, settles,
    sigmoid, sweep, tilt, train, vote,
  });
})();
