import { sql, type Transaction } from "kysely";
import {
  AssayError,
  type Assessment,
  type AssessmentChange,
  type NewAssessment,
} from "../../../core/index.ts";
import type { AssessmentStore } from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import type { Schema } from "../schema.ts";
import { assessmentsOf, fromRow, selectAssessments } from "./assessment-rows.ts";
import { assessmentColumns, checkName, valueColumns } from "./assessment-values.ts";

export class SqlAssessmentStore implements AssessmentStore {
  readonly #context: SqlContext;
  readonly #log: (assessments: readonly NewAssessment[]) => Promise<Assessment[]>;

  constructor(context: SqlContext) {
    this.#context = context;
    this.#log = context.commits.channel({
      apply: async (transaction, given) => {
        const logged: Assessment[] = [];
        for (const one of given) logged.push(await this.#add(transaction, one));
        return logged;
      },
      sizeOf: (given) => JSON.stringify(given).length,
    });
  }

  async logAssessment(assessment: NewAssessment): Promise<Assessment> {
    const [logged] = await this.#log([assessment]);
    return logged as Assessment;
  }

  async getAssessment(traceId: string, assessmentId: string): Promise<Assessment | undefined> {
    const all = await this.listAssessments(traceId);
    return all.find((assessment) => assessment.assessmentId === assessmentId);
  }

  async listAssessments(traceId: string): Promise<Assessment[]> {
    const { engine } = this.#context;
    const trace = await engine.reads
      .selectFrom("traces")
      .select("id")
      .where("trace_id", "=", traceId)
      .executeTakeFirst();
    if (trace === undefined) return [];
    return (await assessmentsOf(engine, [trace.id])).get(trace.id) ?? [];
  }

  async changeAssessment(
    traceId: string,
    assessmentId: string,
    change: AssessmentChange,
  ): Promise<Assessment> {
    const { engine, scrubber, clock } = this.#context;
    const { name, value, rationale, metadata } = change;
    if (name !== undefined) checkName(name);
    const columns = {
      ...(name !== undefined && { name: scrubber.name(name) }),
      ...(value !== undefined && { ...valueColumns(scrubber, value), error: null }),
      ...(rationale !== undefined && { rationale: scrubber.text(rationale) }),
      ...(metadata !== undefined && { metadata: scrubber.json(metadata) }),
      last_update_time: clock.now(),
    };
    return engine.transaction(async (transaction) => {
      const found = await find(transaction, traceId, assessmentId);
      if (found === undefined) {
        throw new AssayError(
          "not-found",
          `No assessment with ID '${assessmentId}' can be changed on trace '${traceId}'`,
        );
      }
      await transaction
        .updateTable("assessments")
        .set(columns)
        .where("id", "=", found.id)
        .execute();
      return fromRow({ ...found, ...columns });
    });
  }

  async deleteAssessment(traceId: string, assessmentId: string): Promise<void> {
    await this.#context.engine.transaction(async (transaction) => {
      const found = await find(transaction, traceId, assessmentId);
      if (found === undefined) return;
      await transaction.deleteFrom("assessments").where("id", "=", found.id).execute();
      if (found.overrides === null) return;
      await setValid(transaction, found.trace, found.overrides, 1);
    });
  }

  async #add(transaction: Transaction<Schema>, given: NewAssessment): Promise<Assessment> {
    const { scrubber, clock } = this.#context;
    const columns = assessmentColumns(scrubber, given, clock.now());
    const { traceId, spanId, runId, overrides } = given;
    const trace = await transaction
      .selectFrom("traces")
      .select(["id", "run"])
      .where("trace_id", "=", traceId)
      .executeTakeFirst();
    if (trace === undefined) {
      throw new AssayError("not-found", `Trace with ID '${traceId}' not found`);
    }
    if (spanId !== undefined) await checkSpan(transaction, trace.id, traceId, spanId);
    const run = runId === undefined ? undefined : await runOf(transaction, runId);
    if (overrides !== undefined && (await setValid(transaction, trace.id, overrides, 0)) === 0n) {
      throw new AssayError(
        "not-found",
        `No assessment with ID '${overrides}' to be overridden on trace '${traceId}'`,
      );
    }
    const isTaken = await transaction
      .selectFrom("assessments")
      .select("id")
      .where("assessment_id", "=", columns.assessment_id)
      .executeTakeFirst();
    if (isTaken !== undefined) {
      throw new AssayError(
        "already-exists",
        `An assessment with ID '${columns.assessment_id}' exists already`,
      );
    }
    await transaction
      .insertInto("assessments")
      .values({ ...columns, trace: trace.id, run: run ?? null })
      .execute();
    const added = await find(transaction, traceId, columns.assessment_id);
    if (added === undefined) throw new AssayError("internal", "An assessment was not added");
    return fromRow(added);
  }
}

function find(transaction: Transaction<Schema>, traceId: string, assessmentId: string) {
  return selectAssessments(transaction)
    .where("traces.trace_id", "=", traceId)
    .where("assessments.assessment_id", "=", assessmentId)
    .executeTakeFirst();
}

async function setValid(
  transaction: Transaction<Schema>,
  trace: number,
  assessmentId: string,
  valid: 0 | 1,
): Promise<bigint> {
  const { numUpdatedRows } = await transaction
    .updateTable("assessments")
    .set({ valid })
    .where("assessment_id", "=", assessmentId)
    .where("trace", "=", trace)
    .executeTakeFirst();
  return numUpdatedRows;
}

async function checkSpan(
  transaction: Transaction<Schema>,
  trace: number,
  traceId: string,
  spanId: string,
): Promise<void> {
  const span = await transaction
    .selectFrom("spans")
    .select(sql`1`.as("one"))
    .where("trace", "=", trace)
    .where("span_id", "=", spanId)
    .executeTakeFirst();
  if (span !== undefined) return;
  throw new AssayError("not-found", `Span '${spanId}' not found in trace '${traceId}'`);
}

async function runOf(transaction: Transaction<Schema>, runId: string): Promise<number> {
  const run = await transaction
    .selectFrom("runs")
    .select("id")
    .where("run_id", "=", runId)
    .executeTakeFirst();
  if (run !== undefined) return run.id;
  throw new AssayError("not-found", `Run '${runId}' not found`);
}
