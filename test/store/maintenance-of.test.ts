import { expect, test } from "vitest";
import { maintenanceOf, openStore } from "../../src/store/index.ts";

test("a store that is kept by a server is named without its password", async () => {
  const store = await openStore("sqlite:///:memory:");
  const { maintenance: _, ...rest } = store;
  const remote = { ...rest, uri: "https://me:hunter2secret@server.test/?token=abc" };
  expect(() => maintenanceOf(remote)).toThrow(/^https:\/\/me:\[redacted\]@server\.test/);
  expect(() => maintenanceOf(remote)).not.toThrow(/hunter2secret|abc/);
  await store.close();
});
