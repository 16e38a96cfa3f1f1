import assert from "node:assert/strict";
import fc from "fast-check";
import { asWritten, containerAsWritten } from "../../../components/pods/as-written.ts";

const variables: Readonly<Record<string, string>> = { PGHOST: "database", PGPASSWORD: "pa$$(PGHOST)", A_1: "" };
const known = new Set(Object.keys(variables));

/** Expansion of Kubernetes: https://github.com/kubernetes/kubernetes/blob/master/third_party/forked/golang/expansion/expand.go */
function expand(input: string): string {
  let output = "";
  let checkpoint = 0;
  for (let cursor = 0; cursor < input.length; cursor++) {
    if (input[cursor] !== "$" || cursor + 1 >= input.length) continue;
    output += input.slice(checkpoint, cursor);
    const [read, isVariable, advance] = readName(input.slice(cursor + 1));
    output += isVariable ? (variables[read] ?? `$(${read})`) : read;
    cursor += advance;
    checkpoint = cursor + 1;
  }
  return output + input.slice(checkpoint);
}

function readName(input: string): [read: string, isVariable: boolean, advance: number] {
  if (input[0] === "$") return ["$", false, 1];
  if (input[0] !== "(") return [`$${input[0]}`, false, 1];
  const end = input.indexOf(")");
  return end < 0 ? ["$(", false, 1] : [input.slice(1, end), true, end + 1];
}

const arrives = (text: string) => expand(asWritten(text, known));

/** Texts with many of the characters that matter. */
const texts = fc
  .array(
    fc.oneof(fc.constantFrom("$", "$$", "(", ")", "$(", "PGHOST", "UNKNOWN", "$(PGHOST)", "$(UNKNOWN)"), fc.string()),
  )
  .map((parts) => parts.join(""));

describe("Text of a user in a container", () => {
  for (const text of [
    "pa$$word",
    "$$",
    "$",
    "a$",
    "$(UNKNOWN)",
    "$$(UNKNOWN)",
    "$(PGHOST",
    "$PGHOST",
    "$()",
    "$(PG-HOST)",
    "ü$$é",
  ])
    it(`arrives as written: ${text}`, () => {
      assert.equal(arrives(text), text);
    });

  for (const [text, arrived] of [
    ["$(PGHOST)", "database"],
    ["postgres://$(PGHOST)/a$b", "postgres://database/a$b"],
    ["$(PGPASSWORD)", "pa$$(PGHOST)"],
    ["$$(PGHOST)", "$(PGHOST)"],
    ["$$$(PGHOST)", "$$(PGHOST)"],
    ["$(A_1)$(PGHOST)$$", "database$$"],
    ["$(X$(PGHOST))", "$(Xdatabase)"],
  ] as const)
    it(`has the value of a known variable: ${text}`, () => {
      assert.equal(arrives(text), arrived);
    });

  it("arrives as written whatever it is, if it refers to no known variable", () => {
    fc.assert(
      fc.property(texts, (text) => {
        fc.pre(!/\$\((PGHOST|PGPASSWORD|A_1)\)/.test(text));
        assert.equal(arrives(text), text);
      }),
    );
  });

  it("differs from what arrives only in references to known variables", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const expected = text.replace(/(\$?)\$\((PGHOST|PGPASSWORD|A_1)\)/g, (_, dollar: string, name: string) =>
          dollar ? `$(${name})` : (variables[name] ?? ""),
        );
        assert.equal(arrives(text), expected);
      }),
    );
  });

  it("is escaped in variables, command, arguments and, without references, in the commands of probes", () => {
    const probe = (command: string[]) => ({ exec: { command }, periodSeconds: 5 });
    const container = {
      name: "web",
      env: [
        { name: "PGHOST", value: "database" },
        { name: "PRICE", value: "5$$" },
        { name: "URL", value: "http://$(PGHOST)/$(TOKEN)/$(OTHER)" },
        { name: "PGPASSWORD", valueFrom: { secretKeyRef: { name: "credentials", key: "password" } } },
      ],
      command: ["sh", "-c", "echo $(PRICE) $HOME"],
      args: ["$(URL)", "$(date)"],
      livenessProbe: probe(["test", "$(PRICE)", "=", "$PRICE"]),
      readinessProbe: { httpGet: { path: "/$", port: "http" } },
    };
    assert.deepEqual(containerAsWritten(container, ["TOKEN"]), {
      ...container,
      env: [
        { name: "PGHOST", value: "database" },
        { name: "PRICE", value: "5$$$$" },
        { name: "URL", value: "http://$(PGHOST)/$(TOKEN)/$$(OTHER)" },
        container.env[3],
      ],
      command: ["sh", "-c", "echo $(PRICE) $$HOME"],
      args: ["$(URL)", "$$(date)"],
      livenessProbe: probe(["test", "$$(PRICE)", "=", "$$PRICE"]),
    });
    assert.deepEqual(containerAsWritten({ name: "web" }), { name: "web" });
  });

  it("is not changed without a dollar sign", () => {
    fc.assert(
      fc.property(fc.string(), (text) =>
        assert.equal(asWritten(text.replaceAll("$", ""), known), text.replaceAll("$", "")),
      ),
    );
  });
});
