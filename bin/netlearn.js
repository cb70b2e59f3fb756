#!/usr/bin/env node
// Runs on any node that knows import(), so that an old one gets a sentence instead of a syntax error.
var version = process.versions.node.split(".").map(Number);
if (version[0] < 22 || (version[0] === 22 && version[1] < 19)) {
  process.stderr.write(
    "netlearn needs node 22.19 or newer, this is node " + process.versions.node + ": see https://nodejs.org\n",
  );
  process.exitCode = 3;
} else {
  import("../dist/src/cli/main.js")
    .then(function (cli) {
      return cli.start();
    })
    .catch(function (error) {
      process.stderr.write("netlearn cannot start: " + error.message + "\n");
      process.exitCode = 3;
    });
}
