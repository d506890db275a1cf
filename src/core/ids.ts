/** 32 random hex digits, as MLflow names runs. */
export function newRunId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

/** `m-` and 32 random hex digits, as MLflow names logged models. */
export function newModelId(): string {
  return `m-${newRunId()}`;
}

/** MLflow's name of a trace: `tr-` and the 32 hex digits of its OpenTelemetry trace id. */
export function traceName(otelTraceId: string): string {
  return `tr-${otelTraceId}`;
}

const ADJECTIVES =
  "able amber bold brisk calm clever dapper eager fair gentle grand handy keen lively merry mellow nimble polite proud quiet rapid serene sharp steady sunny swift tidy upbeat vivid wise";
const NOUNS =
  "ant bear bee bird carp crab crane deer dove duck elk finch fox frog gnat goat hare hawk ibis jay kite lark lynx mole moth newt otter owl panda pike quail ram roe seal shad shrew sloth swan toad vole wasp wren yak";

/** A run name as MLflow makes them: adjective-noun-number. */
export function randomRunName(random: () => number = Math.random): string {
  const pick = (words: string): string => {
    const list = words.split(" ");
    return list[Math.floor(random() * list.length)] as string;
  };
  return `${pick(ADJECTIVES)}-${pick(NOUNS)}-${Math.floor(random() * 1000)}`;
}
