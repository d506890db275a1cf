export {
  type ScriptedChatModel,
  type ScriptedChatModelOptions,
  type ScriptedReply,
  scriptedChatModel,
} from "./scripted-chat-model.ts";
