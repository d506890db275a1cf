export type { Decision, GateResult, Verdict } from "../core/index.ts";
export { decideGate, type Evidence, overallDecision, overallVerdict } from "./decide-gate.ts";
export { type Gate, OPERATORS, type Operator, parseGate } from "./parse-gate.ts";
