import { withoutAbsent } from "../core/index.ts";
import { resolveTrackingUri } from "../store/index.ts";
import { ActiveRun, storeAt, systemTags } from "../tracking/index.ts";

/** Where a reporter stores test runs. */
export interface AssayReporterOptions {
  /** Default: `ASSAY_TRACKING_URI`, else `sqlite:///assay.db`. */
  readonly trackingUri?: string;
  /** Default `vitest`. */
  readonly experiment?: string;
}

/** The part of Vitest's test modules that is read here. */
interface TestModuleLike {
  readonly moduleId: string;
  readonly children: { allTests(): Iterable<TestCaseLike> };
}

interface TestCaseLike {
  readonly fullName: string;
  result(): {
    readonly state: string;
    readonly errors?: readonly { readonly message: string }[] | undefined;
  };
  diagnostic(): { readonly duration: number } | undefined;
}

/**
 * A Vitest reporter that stores each test run as a run: counts and pass rate as metrics, every test in the
 * table `tests.json`. In the config: `reporters: ["default", new AssayReporter()]`.
 */
export class AssayReporter {
  readonly #options: AssayReporterOptions;
  #started = Date.now();

  constructor(options: AssayReporterOptions = {}) {
    this.#options = options;
  }

  onTestRunStart(): void {
    this.#started = Date.now();
  }

  async onTestRunEnd(modules: readonly TestModuleLike[]): Promise<void> {
    const rows = modules.flatMap(({ moduleId, children }) =>
      [...children.allTests()].map((test) => rowOf(moduleId, test)),
    );
    if (rows.length === 0) return;
    const { trackingUri, experiment = "vitest" } = this.#options;
    const store = await storeAt(resolveTrackingUri(trackingUri, process.env));
    const { experimentId } = await store.experiments.ensureExperiment(experiment);
    const tags = { ...(await systemTags()), "assay.test_runner": "vitest" };
    const run = new ActiveRun(store, await store.runs.createRun({ experimentId, tags }));
    const count = (state: string) => rows.filter((row) => row.state === state).length;
    const [passed, failed] = [count("passed"), count("failed")];
    await run.logMetrics(
      withoutAbsent({
        tests: rows.length,
        passed,
        failed,
        skipped: rows.length - passed - failed,
        pass_rate: passed + failed === 0 ? undefined : passed / (passed + failed),
        duration_s: (Date.now() - this.#started) / 1000,
      }),
    );
    await run.logTable(rows, "tests.json");
    await run.end(failed === 0 ? "FINISHED" : "FAILED");
  }
}

function rowOf(file: string, test: TestCaseLike) {
  const { state, errors = [] } = test.result();
  return {
    file,
    test: test.fullName,
    state,
    duration_ms: test.diagnostic()?.duration ?? null,
    error: errors.map(({ message }) => message).join("; ") || null,
  };
}
