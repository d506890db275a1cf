export {
  artifactStoreSuite,
  experimentStoreSuite,
  type OpenStore,
  resultStoreSuite,
  runStoreSuite,
  type TestRunner,
  traceStoreSuite,
} from "./conformance/index.ts";
export {
  type ScriptedChatModel,
  type ScriptedChatModelOptions,
  type ScriptedReply,
  scriptedChatModel,
} from "./scripted-chat-model.ts";
