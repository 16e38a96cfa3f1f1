import assert from "node:assert/strict";
import { orDenied } from "../../diagnosis/denied-connections.ts";
import type { Evidence } from "../../diagnosis/evidence.ts";
import { evidence, pod } from "./sample-evidence.ts";

const crash = { cause: "crash loop", remedy: "its log below has its last words" };
const likely = (line: string, facts: Partial<Evidence> = {}) =>
  orDenied(evidence({ outgoingDenied: true, logs: [{ pod: "p", container: "web", lines: [line] }], ...facts }), crash);

/** A pod with a database, of its own or elsewhere. */
const withDatabase = (host = "database"): Evidence["pods"][number] => {
  const { spec, ...rest } = pod({});
  const env = [
    { name: "PGHOST", value: host },
    { name: "PGPORT", value: "5432" },
  ];
  return { ...rest, spec: { containers: [{ ...spec?.containers[0], name: "web", env }] } };
};

describe("A connection that a network policy may have denied", () => {
  const failures = [
    "TimeoutError: [Errno 110] Connection timed out",
    "Error: connect ETIMEDOUT 203.0.113.7:587",
    "dial tcp 203.0.113.7:443: i/o timeout",
    "dial tcp 203.0.113.7:443: connect: connection refused",
    "dial tcp 203.0.113.7:443: context deadline exceeded",
    "Post https://api.example.com: dial tcp 203.0.113.7:443: connect: connection timed out",
    "smtplib: timed out while connecting to mail:25",
    "Net::OpenTimeout (execution expired)",
    "java.net.SocketTimeoutException: Connect timed out",
    "ConnectTimeoutError: Connect Timeout Error (attempted address: api.example.com:443)",
    "urllib3: Connection to api.example.com timed out. (connect timeout=10)",
    "connect ECONNREFUSED 10.1.2.3:6379",
    "OSError: [Errno 113] No route to host",
    'connection to server at "db.example.com" (203.0.113.9), port 5432 failed: timeout expired; Connection timed out',
  ];
  for (const line of failures)
    it(`is a likely cause if a log says: ${line}`, () => {
      const { cause, remedy } = likely(`  ${line}`);
      assert.equal(cause, `crash loop; it could not connect, its log says: ${line}`);
      assert.match(remedy, /^outgoing connections are allowed only by slipway:web\.allowTo, besides DNS .* mail:25/);
      assert.match(remedy, /if it is there already, its log below has its last words$/);
    });

  const others = [
    "connecting to 203.0.113.7:587",
    "dial tcp: lookup mail.example.com: no such host",
    "request timed out after 30 s",
    "connect ECONNREFUSED 127.0.0.1:6379",
    "dial tcp [::1]:6379: connect: connection refused",
    "could not connect to localhost: Connection refused",
  ];
  for (const line of others)
    it(`is none if a log says only: ${line}`, () => {
      assert.deepEqual(likely(line), crash);
    });

  it("is allowed by the setting of the process that made it", () => {
    const labels = { "app.kubernetes.io/component": "process", "app.kubernetes.io/name": "worker" };
    const { remedy } = likely(failures[0] ?? "", { pods: [{ ...pod({}), metadata: { labels } }] });
    assert.match(remedy, /only by slipway:processes\.worker\.allowTo, besides/);
  });

  it("is none if no policy denies it, or there is no log", () => {
    const [line = ""] = failures;
    assert.deepEqual(likely(line, { outgoingDenied: undefined }), crash);
    assert.deepEqual(likely(line, { logs: [{ pod: "p", container: "web", missing: "it wrote nothing" }] }), crash);
  });

  it("is none to the pods' own database, which a policy allows", () => {
    const pods = [withDatabase()];
    for (const line of [
      'connection to server at "database" (10.96.1.2), port 5432 failed: Connection refused',
      "dial tcp 10.96.1.2:5432: connect: connection refused",
      "could not connect to postgres://app@database/app: Connection timed out",
    ])
      assert.deepEqual(likely(line, { pods }), crash, line);
    assert.match(likely("connect ETIMEDOUT 203.0.113.7:587", { pods }).cause, /ETIMEDOUT/);
  });

  it("is allowed by the addresses of a database elsewhere, if it is to that", () => {
    const pods = [withDatabase("db.example.com")];
    for (const line of [
      'connection to server at "db.example.com" (203.0.113.9), port 5432 failed: Connection timed out',
      "dial tcp 203.0.113.9:5432: i/o timeout",
    ])
      assert.match(likely(line, { pods }).remedy, /^the server .* only at slipway:database\.external\.addresses: add/);
    assert.match(likely("connect ETIMEDOUT 203.0.113.7:587", { pods }).remedy, /slipway:web\.allowTo/);
  });
});
