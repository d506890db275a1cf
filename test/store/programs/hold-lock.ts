// Holds the write lock of a database from "held" on until a line arrives.
import Database from "better-sqlite3";

const database = new Database(process.argv[2] ?? "");
database.exec("BEGIN IMMEDIATE");
console.log("held");
process.stdin.once("data", () => {
  database.exec("COMMIT");
  database.close();
  process.exit();
});
