// The public subpath `assay/register`, for `node --import assay/register app.js`: traces OpenAI, Anthropic
// and LangChain in a program that knows nothing of it.
import "../tracking/settings.ts";
import "./pricing.ts";
import { anthropic } from "../tracing/anthropic/index.ts";
import { CALLBACK_MANAGER, switchOnLangChain } from "../tracing/langchain/index.ts";
import { type LoadTarget, onLoad } from "../tracing/load-hooks.ts";
import { openai } from "../tracing/openai/index.ts";
import { warnOfTracing } from "../tracing/settings.ts";

const found = (title: string, install: (module: object) => number, className: string) => {
  return (loaded: object) => {
    if (install({ [className]: loaded }) > 0) return;
    warnOfTracing(
      `${title} was loaded in a version of which Assay knows no call, so it is not traced. Update Assay`,
    );
  };
};

const TARGETS: readonly LoadTarget[] = [
  {
    file: /\/node_modules\/openai\/client\.m?js$/,
    className: "OpenAI",
    found: found("OpenAI", openai.install, "OpenAI"),
  },
  {
    file: /\/node_modules\/@anthropic-ai\/sdk\/client\.m?js$/,
    className: "Anthropic",
    found: found("Anthropic", anthropic.install, "Anthropic"),
  },
  CALLBACK_MANAGER,
];

onLoad(TARGETS);
openai.switchOn();
anthropic.switchOn();
switchOnLangChain();
