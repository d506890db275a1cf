export {
  artifactStoreSuite,
  datasetStoreSuite,
  experimentStoreSuite,
  loggedModelStoreSuite,
  metricSamplesSuite,
  type OpenArtifactStore,
  type OpenStore,
  resultStoreSuite,
  runStoreSuite,
  searchSuite,
  secretsSuite,
  type TestRunner,
  traceStoreSuite,
  trackingStoreSuites,
} from "./conformance/index.ts";
export {
  type ProviderChoice,
  type ProviderReply,
  type ProviderRequest,
  type ProviderServer,
  type ProviderServerOptions,
  startProviderServer,
} from "./provider-server.ts";
export {
  type RecordedReply,
  type ReplayKey,
  type ReplayServer,
  type ReplayServerOptions,
  startReplayServer,
} from "./replay-server.ts";
export {
  type ScriptedChatModel,
  type ScriptedChatModelOptions,
  type ScriptedReply,
  scriptedChatModel,
} from "./scripted-chat-model.ts";
