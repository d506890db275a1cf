export { aggregate } from "./aggregate.ts";
export {
  type Alignment,
  type AltTest,
  type AltTestAnnotator,
  type AltTestOptions,
  type AnnotatedItem,
  altTest,
} from "./alt-test.ts";
export { betaQuantile } from "./beta-quantile.ts";
export {
  bettingInterval,
  bettingSequence,
  logWealth,
  runningBettingInterval,
} from "./betting-interval.ts";
export {
  type BinaryAgreement,
  type BinaryCounts,
  balancedAccuracyOf,
  binaryAgreement,
  roganGladen,
} from "./binary-agreement.ts";
export { type Bootstrap, type BootstrapOptions, bcaProbabilities, bootstrap } from "./bootstrap.ts";
export {
  hoeffdingInterval,
  maurerPontilInterval,
  normalInterval,
  wilsonMeanInterval,
} from "./bounded-mean-intervals.ts";
export { type ClusteredMean, clusteredMean } from "./clustered-mean.ts";
export { type Category, type ConfusionTable, confusionTable } from "./confusion-table.ts";
export { concordance, meanAbsoluteError, midRanks, pearson, spearman } from "./correlation.ts";
export { empiricalBernsteinInterval, empiricalBernsteinSequence } from "./empirical-bernstein.ts";
export { clopperPearsonInterval, jeffreysInterval } from "./exact-rate-intervals.ts";
export { type IntraclassCorrelations, intraclassCorrelations } from "./intraclass-correlation.ts";
export {
  cohenKappa,
  exactAgreement,
  fleissKappa,
  gwetAc1,
  type KappaWeights,
  scottPi,
  weightedKappa,
} from "./kappa.ts";
export { countPairs, kendallTauB, kendallTauC, type PairCounts } from "./kendall-tau.ts";
export { type AlphaLevel, krippendorffAlpha } from "./krippendorff-alpha.ts";
export { type McNemarTest, mcnemarTest } from "./mcnemar-test.ts";
export { mean, populationVariance, type Values } from "./mean.ts";
export { plusTwoTInterval, tInterval } from "./mean-interval.ts";
export { missingBounds } from "./missing-bounds.ts";
export {
  addToMoments,
  type Moments,
  mergeMoments,
  momentsOf,
  NO_MOMENTS,
  orderFreeMoments,
  sampleVariance,
} from "./moments.ts";
export {
  benjaminiHochbergAdjusted,
  benjaminiYekutieliAdjusted,
  eBenjaminiHochberg,
  holmAdjusted,
} from "./multiple-tests.ts";
export { newcombeInterval, type Rate } from "./newcombe-interval.ts";
export { normalDistribution } from "./normal-distribution.ts";
export { normalQuantile } from "./normal-quantile.ts";
export { type PairedDifference, pairedDifference } from "./paired-difference.ts";
export { passAtK, passHatK } from "./pass-at-k.ts";
export {
  minimumDetectableDifference,
  type PowerOptions,
  rowsForPrecision,
  rowsToDetect,
} from "./power.ts";
export { type BetSchedule, predictableBets } from "./predictable-bets.ts";
export {
  type LabelledSample,
  labelsNeeded,
  type PredictionPowered,
  type PredictionPoweredOptions,
  predictionPoweredMean,
} from "./prediction-powered.ts";
export { median, quantile, quantileOfSorted } from "./quantile.ts";
export { quantileInterval } from "./quantile-interval.ts";
export { type Random, seededRandom, shuffled } from "./random.ts";
export {
  flipChance,
  optimalTrials,
  reliabilityOf,
  standardErrorWithTrials,
  type TrialVariance,
  trialVariance,
} from "./repeated-trials.ts";
export {
  finiteMeanInterval,
  SequentialMeanTest,
  type SequentialTestOptions,
  type SequentialVerdict,
} from "./sequential-mean-test.ts";
export { type SignFlipTest, signFlipTest } from "./sign-flip-test.ts";
export { starBetsInterval } from "./star-bets-interval.ts";
export { studentTDistribution } from "./student-t-distribution.ts";
export { studentTQuantile } from "./student-t-quantile.ts";
export { wilsonInterval } from "./wilson-interval.ts";
