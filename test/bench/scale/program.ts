/** The process of one measurement: `node --expose-gc program.js memory parser`. */

const [measurement, name = ""] = process.argv.slice(2);
const result = await measured();
process.send?.(result, () => process.exit(0));

async function measured(): Promise<object> {
  switch (measurement) {
    case "memory":
      return await (await import("./memory.ts")).weigh(name);
    case "timers":
      return await (await import("./timers.ts")).measureTimers(name);
    default:
      return (await import("./subscriptions.ts")).measureSubscriptions();
  }
}
