export {
  type ProviderReply,
  type ProviderRequest,
  type ProviderServer,
  startProviderServer,
} from "../../src/testing/provider-server.ts";
