/** A worker process that says something as it dies, as V8 does. */
process.on("message", () => process.stderr.write("\u001b[2JFATAL ERROR\nmore\n", () => process.exit(1)));
