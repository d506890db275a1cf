export {
  type Decision,
  decideGate,
  type Evidence,
  type GateResult,
  overallDecision,
  overallVerdict,
  type Verdict,
} from "./decide-gate.ts";
export { type Gate, OPERATORS, type Operator, parseGate } from "./parse-gate.ts";
