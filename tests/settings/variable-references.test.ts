import assert from "node:assert/strict";
import {
  circularReference,
  inOrderOfReferences,
  isInUrl,
  isSafeInUrl,
  referencesIn,
} from "../../settings/variable-references.ts";

describe("References to variables", () => {
  it("are names in $(…), unless another dollar sign is before them", () => {
    assert.deepEqual(referencesIn("postgres://$(PGUSER):$(PGPASSWORD)@$$(PGHOST) $NAME $(a b)"), [
      "PGUSER",
      "PGPASSWORD",
    ]);
  });

  it("order variables, each after those that it refers to", () => {
    const order = (variables: Record<string, string>) => inOrderOfReferences(variables).map(([name]) => name);
    assert.deepEqual(order({ A: "$(C)/a", B: "b", C: "$(PGHOST)" }), ["C", "A", "B"]);
    assert.deepEqual(order({ Z: "z", A: "a" }), ["Z", "A"]);
    assert.deepEqual(order({ A: "$(B)", B: "$(A)" }), ["B", "A"]);
    assert.deepEqual(order({ A: "$(constructor)" }), ["A"]);
  });

  it("are circular if a variable refers to itself, also by way of others", () => {
    const circle = { A: "$(X) $(B)", B: "$(C)", C: "$(B)$(A)", D: "$(A)", E: "$$(E)" };
    assert.deepEqual(circularReference("A", circle), ["A", "B", "C", "A"]);
    for (const name of ["D", "E", "F"]) assert.equal(circularReference(name, circle), undefined);
    assert.deepEqual(circularReference("A", { A: "$(A)" }), ["A", "A"]);
  });

  it("are in a URL after its scheme, in the same word", () => {
    for (const text of ["postgres://$(PGUSER):$(P)@db", "--db jdbc:postgresql://h?password=$(P)"])
      assert.ok(isInUrl("P", text));
    for (const text of ["$(P)", "$(P)://x", "http://x $(P)", "http://$$(P)", "http://$(Q)"])
      assert.ok(!isInUrl("P", text), text);
  });
});

describe("A text that is safe in a URL", () => {
  it("has letters, digits and - . _ ~ only", () => {
    assert.ok(isSafeInUrl("aZ09-._~"));
    for (const character of "/#?@:%&+=$!*'() ü") assert.ok(!isSafeInUrl(`a${character}`), character);
  });
});
