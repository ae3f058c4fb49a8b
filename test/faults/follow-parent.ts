/** Loaded before a gateway that a test starts: ends it when the test is gone, even by SIGKILL. */
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.exit(1);
}, 500).unref();
