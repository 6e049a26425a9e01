/**
 * Runs scripts of package.json beside each other, "node tools/side-by-side.cjs types lint": what each says comes in one
 * piece when it ends, and one that fails fails all.
 */
const { exec } = require("node:child_process");

for (const script of process.argv.slice(2))
  exec(`npm run ${script}`, { maxBuffer: Infinity }, (failed, out, err) => {
    process.stdout.write(out);
    process.stderr.write(err);
    if (failed !== null) process.exitCode = 1;
  });
