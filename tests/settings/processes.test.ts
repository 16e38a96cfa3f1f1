import assert from "node:assert/strict";
import { checkSettings } from "../../settings/load.ts";
import { formatProblems } from "../../settings/problems.ts";
import { asJson, check, configured, encrypted, good } from "./sample-settings.ts";

const worker = { command: ["work"] };
const server = { command: ["serve"], port: 9000, probes: { live: "/live" } };
const nightly = { command: ["clean", "up"], schedule: "0 3 * * *" };
const hosted = { ...good.web, host: "shop.example.com" };

/** Checks settings with one of them changed, and these processes. */
const checkWith = (processes: object, path: string, value: unknown) =>
  checkSettings({ ...configured(path, value), "slipway:processes": asJson(processes) }, encrypted).problems;

/** Problems as `SETTING; ALLOWED`. */
const problemsOf = (path: string, value: unknown) =>
  check(path, value).problems.map(({ setting, allowed }) => `${setting}; ${allowed}`);

describe("slipway:processes", () => {
  it("needs only a command; there are none by default", () => {
    assert.deepEqual(check().settings?.processes, {});
    const { settings, problems } = check("processes", { worker });
    assert.deepEqual(problems, []);
    const { replicas, stopSeconds, deadlineSeconds, port, probes } = settings?.processes.worker ?? {};
    assert.deepEqual(
      [replicas, stopSeconds, deadlineSeconds, port, probes],
      [{ min: 2, max: 2 }, 30, 180, undefined, undefined],
    );
  });

  it("accepts a server, and a worker that a command checks", () => {
    for (const process of [server, { ...server, host: "a.example.com", path: "/.well-known/x" }])
      assert.deepEqual(problemsOf("processes", { process }), []);
    assert.deepEqual(problemsOf("processes", { worker: { ...worker, probes: { live: { command: ["alive"] } } } }), []);
  });

  const wrong: [processes: object, setting: string, allowed: RegExp][] = [
    [{ worker: {} }, "worker.command", /a list of words/],
    [{ web: worker }, "web", /not app, web or database/],
    [{ "database-backups": worker }, "database-backups", /none of them before a "-"/],
    [{ Worker: worker }, "Worker", /lower-case/],
    [{ "1st": worker }, '["1st"]', /a letter first/],
    [{ ["a".repeat(41)]: worker }, "a".repeat(41), /at most 40/],
    [{ worker: { ...worker, path: "/api" } }, "worker.path", /nothing, if it has no port/],
    [{ worker: { ...worker, host: "a.example.com" } }, "worker.host", /nothing, if it has no port/],
    [{ worker: { ...worker, allowFrom: ["mail"] } }, "worker.allowFrom", /nothing, if it has no port/],
    [{ worker: { ...worker, drainSeconds: 5 } }, "worker.drainSeconds", /nothing, if it has no port/],
    [{ worker: { ...worker, probes: { live: "/live" } } }, "worker.probes.live", /a command.*if it has no port/],
    [{ worker: { ...worker, deadlineSeconds: 10 } }, "worker.deadlineSeconds", /from 20/],
    [{ server: { ...server, probes: undefined } }, "server.probes.live", /it has a port/],
    [{ server: { ...server, path: "/api" } }, "server.path", /nothing, if neither it nor slipway:web has a host/],
    [{ server: { ...server, host: "a.example.com", path: "api" } }, "server.path", /as in \/api\/streaming/],
    [{ server: { ...server, host: "a.example.com", path: "/" } }, "server.path", /as in \/api\/streaming/],
    [{ server: { ...server, host: "a.example.com", path: "/a/../b" } }, "server.path", /as in \/api\/streaming/],
    [
      { server: { ...server, volumes: { "/data": { storage: "1Gi" } } } },
      "server.replicas",
      /1, because the volume at \/data has one writer/,
    ],
  ];
  for (const [processes, setting, allowed] of wrong)
    it(`refuses ${JSON.stringify(processes).slice(0, 100)}`, () => {
      const problems = problemsOf("processes", processes);
      const at = setting.startsWith("[") ? setting : `.${setting}`;
      assert.equal(problems.length, 1, problems.join("\n"));
      assert.ok(problems[0]?.startsWith(`slipway:processes${at}; `), problems[0]);
      assert.match(problems[0] ?? "", allowed);
    });

  it("refuses two processes at one address, and one at web's", () => {
    const refused = (processes: object) => checkWith(processes, "web", hosted).map(({ setting }) => setting);
    const at = (path?: string, host?: string) => ({ ...server, path, host });
    assert.deepEqual(refused({ a: at("/x"), b: at("/y"), c: at("/x", "c.example.com") }), []);
    assert.deepEqual(refused({ a: at("/x"), b: at("/x") }), ["slipway:processes.b.path"]);
    assert.deepEqual(refused({ a: at("/x"), b: at("/x", "shop.example.com") }), ["slipway:processes.b.path"]);
    assert.deepEqual(refused({ a: at(undefined, "shop.example.com") }), ["slipway:processes.a.host"]);
    assert.deepEqual(refused({ a: at(undefined, "a.example.com"), b: at(undefined, "a.example.com") }), [
      "slipway:processes.b.host",
    ]);
  });

  it("are refused with a command to type, also below a name of the user's choice", () => {
    const message = formatProblems("dev", check("processes", { worker: {} }).problems);
    assert.match(message, /pulumi config set --stack dev --path 'slipway:processes\.worker\.command\[0\]' celery/);
  });
});

describe("slipway:schedules", () => {
  it("needs a command and a cron expression; the rest has defaults", () => {
    assert.deepEqual(check().settings?.schedules, {});
    const { settings, problems } = check("schedules", { nightly });
    assert.deepEqual(problems, []);
    const { timeZone, deadlineSeconds, overlap } = settings?.schedules.nightly ?? {};
    assert.deepEqual([timeZone, deadlineSeconds, overlap], ["Etc/UTC", 3600, "skip"]);
  });

  it("accepts time zones as the IANA names them, old names too", () => {
    for (const timeZone of ["UTC", "Etc/UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Calcutta", "Etc/GMT+1"])
      assert.deepEqual(problemsOf("schedules", { nightly: { ...nightly, timeZone } }), [], timeZone);
  });

  for (const timeZone of ["europe/berlin", "EUROPE/BERLIN", "+01:00", "Local", "Berlin", "", 1])
    it(`refuses the time zone ${JSON.stringify(timeZone)}, as Kubernetes does`, () => {
      assert.deepEqual(problemsOf("schedules", { nightly: { ...nightly, timeZone } }), [
        "slipway:schedules.nightly.timeZone; the name of a time zone, as in Europe/Berlin",
      ]);
    });

  it("refuses a wrong expression, overlap or deadline, and a name that a process has", () => {
    const refused = (change: object) => problemsOf("schedules", { nightly: { ...nightly, ...change } })[0] ?? "";
    assert.match(refused({ schedule: "0 24 * * *" }), /^slipway:schedules\.nightly\.schedule; a cron expression/);
    assert.match(refused({ overlap: "forbid" }), /^slipway:schedules\.nightly\.overlap; skip, replace or allow/);
    assert.match(refused({ deadlineSeconds: 0 }), /^slipway:schedules\.nightly\.deadlineSeconds; a whole number/);
    const message = formatProblems("dev", checkWith({ worker }, "schedules", { worker: nightly }));
    assert.match(message, /slipway:schedules\.worker; allowed: nothing of that name, as slipway:processes has it/);
    assert.match(message, /pulumi config rm --stack dev --path 'slipway:schedules\.worker'/);
  });
});
