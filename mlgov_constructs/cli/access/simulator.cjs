// One JSON request a line in, one JSON result a line out. The simulator is the user's own
// installation, found from the folder that the first argument names.
"use strict";
const { createRequire } = require("node:module");
const path = require("node:path");
const readline = require("node:readline");

const { runSimulation } = createRequire(path.join(process.argv[2], "package.json"))("@cloud-copilot/iam-simulate");

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    let answer;
    try {
      answer = await runSimulation(JSON.parse(line), {});
    } catch (error) {
      answer = { resultType: "error", errors: { message: String(error) } };
    }
    process.stdout.write(JSON.stringify(answer) + "\n");
  }
}

main();
