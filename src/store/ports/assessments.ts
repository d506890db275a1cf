import type { Assessment, AssessmentChange, NewAssessment } from "../../core/index.ts";

/** What people, code and judges say of traces. The scores of evaluations are among it, and read only. */
export interface AssessmentStore {
  /**
   * Adds an assessment. One that it overrides is no longer in force.
   *
   * @throws {AssayError} `not-found` for a trace, a span or an overridden assessment that is not there,
   *   `already-exists` for an id that is taken, `invalid-argument` for one without a name or a value.
   */
  logAssessment(assessment: NewAssessment): Promise<Assessment>;
  /** Resolves to `undefined` if there is none such. */
  getAssessment(traceId: string, assessmentId: string): Promise<Assessment | undefined>;
  /** @throws {AssayError} `not-found`; scores of evaluations cannot be changed and are not found either. */
  changeAssessment(
    traceId: string,
    assessmentId: string,
    change: AssessmentChange,
  ): Promise<Assessment>;
  /** Removes it; the one that it had overridden is in force again. One that is not there is no error. */
  deleteAssessment(traceId: string, assessmentId: string): Promise<void>;
  /** Everything that is said of a trace, in the order in which it was said, overridden ones included. */
  listAssessments(traceId: string): Promise<Assessment[]>;
}
