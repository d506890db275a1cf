/** What a command sees of the outside; tests hand in their own. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: { readonly [name: string]: string | undefined };
  readonly cwd: string;
  /** Calls `listener` for each SIGINT or SIGTERM until the returned function is called. */
  onInterrupt(listener: (signal: "SIGINT" | "SIGTERM") => void): () => void;
  /** Says what becomes of `work` when the code that it runs breaks the process, until the returned function is called. */
  protect(work: FragileWork): () => void;
}

/** Work that runs code of the user's, which may throw outside any row or end the process. */
export interface FragileWork {
  /** Told of the first exception outside any row. */
  stop(): void;
  /** What is kept and how to go on, for the message with which the process ends; absent where nothing was begun. */
  howToGoOn(): string | undefined;
}

export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Width in characters; 100 for a terminal that does not say, infinite off one, where nothing is cut. */
  readonly columns: number;
}

/** @param protect - As of {@link Io}. */
export function processIo(protect: Io["protect"]): Io {
  return {
    protect,
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    onInterrupt: (listener) => {
      const signals = ["SIGINT", "SIGTERM"] as const;
      const handlers = signals.map((signal) => [signal, () => listener(signal)] as const);
      for (const [signal, handler] of handlers) process.on(signal, handler);
      return () => {
        for (const [signal, handler] of handlers) process.off(signal, handler);
      };
    },
  };
}

function outputOf(stream: NodeJS.WriteStream): Output {
  const isTerminal = stream.isTTY === true;
  // The stream's own, whoever puts another in its place.
  const write = stream.write.bind(stream);
  return {
    write: (text) => void write(text),
    isTerminal,
    columns: isTerminal ? (stream.columns ?? 100) : Number.POSITIVE_INFINITY,
  };
}

/** Text to an output, and the end of its line. What rows, models and files say cannot steer who reads it. */
export function line(output: Output, text = ""): void {
  output.write(`${harmless(text)}\n`);
}

/** What steers a terminal: all control characters but tab and line feed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
export const CONTROLS = /[\0-\x08\v-\x1f\x7f-\x9f]/g;

/** What GitHub Actions takes for a command, wherever a line begins. */
const COMMAND = /^(\s*):(?=:)/gm;

/** Escaped as in JSON, which may be what is printed. */
function harmless(text: string): string {
  return text
    .replace(CONTROLS, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .replace(COMMAND, "$1: ");
}
