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
  type ScriptedChatModel,
  type ScriptedChatModelOptions,
  type ScriptedReply,
  scriptedChatModel,
} from "./scripted-chat-model.ts";
