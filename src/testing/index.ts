export {
  artifactStoreSuite,
  experimentStoreSuite,
  type OpenArtifactStore,
  type OpenStore,
  resultStoreSuite,
  runStoreSuite,
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
