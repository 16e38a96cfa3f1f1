import assert from "node:assert/strict";
import { describeFailure } from "../../diagnosis/describe-failure.ts";
import { event, evidence, pod } from "./sample-evidence.ts";

const unchanged = (text: string) => text;
const now = new Date(Date.UTC(2026, 0, 1, 12, 10));
const crashing = pod({
  state: { waiting: { reason: "CrashLoopBackOff" } },
  lastState: { terminated: { exitCode: 3, reason: "Error" } },
  restartCount: 4,
});

describe("The report of a failure", () => {
  it("begins with the likely cause, the remedy and what still serves; then shows the evidence", () => {
    const text = describeFailure(
      evidence({
        pods: [crashing],
        stillServing: 2,
        events: [
          event("Pulled", "done", 1),
          event("FailedCreate", 'pod "web-1-abc12" is forbidden', 2),
          event("FailedCreate", '(combined from similar events): pod "web-1-xyz89" is forbidden', 9),
        ],
        logs: [{ pod: "web-1-abc", container: "web", lines: ["starting", "no luck"] }],
      }),
      unchanged,
      now,
    );
    assert.deepEqual(text.split("\n"), [
      'Deployment web-1, likely cause: crash loop: container "web" exits with code 3 soon after its start (4 restarts)',
      "  What to do: its log below has its last words. Then run pulumi up again; nothing has to be cleaned up.",
      "  The previous version keeps serving with 2 pods.",
      "  Its pods, in namespace shop:",
      "    web-1-abc: Pending, on no node",
      "      web: waiting (CrashLoopBackOff); before that exit code 3 (Error); 4 restarts",
      "  Last events:",
      "    540 s ago: Pulled: done",
      '    60 s ago, 2 times: FailedCreate: pod "web-1-xyz89" is forbidden',
      "  Last lines of web in web-1-abc:",
      "    | starting",
      "    | no luck",
    ]);
  });

  it("has at most 60 lines of at most 240 characters", () => {
    const lines = Array.from({ length: 500 }, (_, number) => `line ${number} ${"x".repeat(500)}`);
    const text = describeFailure(
      evidence({
        pods: Array.from({ length: 20 }, () => crashing),
        stillServing: 1,
        events: lines.map((line, number) => event("BackOff", line, number)),
        logs: ["web", "proxy"].map((container) => ({ pod: "web-1-abc", container, lines })),
      }),
      unchanged,
      now,
    ).split("\n");
    assert.ok(text.length <= 60, String(text.length));
    assert.ok(text.every((line) => line.length <= 240));
    assert.match(text.join("\n"), /and 16 more/);
    assert.match(text.at(-1) ?? "", /line 499/, "the end of a log matters most");
  });

  it("hides secrets after it removes colours and before it cuts lines, so that no part of one remains", () => {
    // The first ends behind the cut.
    const lines = [`${"x".repeat(226)}s3cret-t0ken`, "s3cret-\u001b[1mt0ken"];
    const hide = (text: string) => text.replace("s3cret-t0ken", "[secret]");
    const text = describeFailure(evidence({ logs: [{ pod: "p", container: "web", lines }] }), hide, now);
    assert.doesNotMatch(text, /s3cret/);
  });

  it("says why there is no log, and removes control characters", () => {
    const text = describeFailure(
      evidence({
        pods: [pod({ state: { running: {} }, ready: true }), pod({ state: { terminated: { exitCode: 1 } } })],
        logs: [
          { pod: "p", container: "web", missing: "it wrote nothing" },
          { pod: "p", container: "proxy", lines: ["\u001b[31mred\u001b[0m <{%reset%}>\rover"] },
        ],
      }),
      unchanged,
      now,
    );
    assert.match(text, /Log of web in p: it wrote nothing\./);
    assert.match(text, /\| red over$/);
    assert.match(text, /web: ready\n/);
  });

  it("names every state that a container can be in", () => {
    const states: [container: Parameters<typeof pod>[0], says: string][] = [
      [{ state: { running: {} }, ready: true }, "web: ready"],
      [{ state: { running: {} }, restartCount: 1 }, "web: running, not ready; 1 restart"],
      [{ state: { terminated: { exitCode: 137, reason: "OOMKilled" } } }, "web: exit code 137 (OOMKilled)"],
    ];
    for (const [state, says] of states)
      assert.ok(describeFailure(evidence({ pods: [pod(state)] }), unchanged, now).includes(`      ${says}\n`), says);
  });

  it("shows init containers too, and counts the pods beyond four", () => {
    const init = { name: "wait", image: "", imageID: "", ready: false, restartCount: 0, state: { running: {} } };
    const text = describeFailure(
      evidence({ pods: Array.from({ length: 6 }, () => pod({}, { phase: "Pending", initContainerStatuses: [init] })) }),
      unchanged,
      now,
    );
    assert.match(text, /wait: running, not ready/);
    assert.match(text, /and 2 more/);
  });

  it("says how often and when an event was seen, whichever fields its client uses", () => {
    const minute = (number: number) => new Date(Date.UTC(2026, 0, 1, 12, number));
    const bare = { metadata: {}, involvedObject: {}, type: "Normal", reason: "Seen" };
    const text = describeFailure(
      evidence({
        stillServing: 1,
        events: [
          { ...bare, message: "first", firstTimestamp: minute(9), count: 1 },
          { ...bare, message: "counted", lastTimestamp: minute(8), count: 7 },
          { ...bare, message: "series", series: { count: 3, lastObservedTime: minute(7) as never } },
          { ...bare, message: "once", eventTime: minute(6) as never },
        ],
      }),
      unchanged,
      now,
    );
    for (const line of [
      "60 s ago: Seen: first",
      "120 s ago, 7 times: Seen: counted",
      "180 s ago, 3 times: Seen: series",
      "240 s ago: Seen: once",
      "with 1 pod.",
    ])
      assert.ok(text.includes(line), `${line} is not in:\n${text}`);
  });
});
