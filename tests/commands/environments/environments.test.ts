import assert from "node:assert/strict";
import { differences } from "../../../commands/environments/differences.ts";
import {
  type Comparison,
  compareEnvironments,
  neighbours,
  notAllowed,
} from "../../../commands/environments/environments.ts";
import { type Resource, render } from "../../../commands/environments/render.ts";
import { fileOf, files, rendered } from "./committed.ts";

/** Changes settings of an environment. @returns differences that are not allowed, as `KIND NAME FIELD` */
async function afterChange(stack: string, changes: Record<string, object>): Promise<string[]> {
  const file = fileOf(stack);
  const before = await rendered(stack);
  const config = { ...file.config };
  for (const [key, change] of Object.entries(changes))
    config[`slipway:${key}`] = { ...config[`slipway:${key}`], ...change };
  return titles(differences(before, await render({ ...file, config }, files)));
}

/** Changes a rendered resource, as no setting can. @returns differences that are not allowed */
function afterEdit(resources: Resource[], name: string, edit: (object: Record<string, never>) => void): string[] {
  const copy: Resource[] = structuredClone(resources);
  const resource = copy.find((each) => `${each.kind} ${each.name}` === name);
  assert.ok(resource, name);
  edit(resource.object as Record<string, never>);
  return titles(differences(resources, copy));
}

const titles = (differing: Comparison["differences"]) =>
  notAllowed({ left: "a", right: "b", differences: differing }).map(({ kind, name, field }) =>
    `${kind} ${name} ${field}`.trim(),
  );

const web = "spec.template.spec.containers[web]";

/** Certificate of an authority. */
const ca = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

describe("The environments", () => {
  it("differ only in what allowed.ts lists", async () => {
    const comparisons = await compareEnvironments(files);
    assert.deepEqual(
      comparisons.map(({ left, right }) => `${left} → ${right}`),
      ["dev → test", "test → staging", "staging → prod"],
    );
    for (const comparison of comparisons) {
      assert.deepEqual(notAllowed(comparison), [], `${comparison.left} and ${comparison.right}`);
      assert.ok(comparison.differences.length > 0);
    }
  });

  const probes = { live: "/alive", ready: "/" };
  const settings: [what: string, stack: string, key: string, change: object, fields: RegExp][] = [
    ["a liveness probe", "prod", "web", { probes }, /livenessProbe\.httpGet\.path/],
    ["a readiness probe", "prod", "web", { probes }, /readinessProbe\.httpGet\.path/],
    ["a port", "prod", "web", { port: 8080 }, /ports\[http\]\.containerPort/],
    ["a command", "prod", "web", { command: ["gunicorn", "--reload"] }, /containers\[web\]\.command/],
    ["a migration", "prod", "web", { migrate: ["true"] }, /containers\[migration\]\.command/],
    ["a user", "prod", "web", { user: 1 }, /securityContext\.runAsUser/],
    [
      "an environment variable",
      "prod",
      "web",
      { environment: { APP_ENVIRONMENT: "prod", DEBUG: "1" } },
      /env\[DEBUG\]/,
    ],
    ["a pause before stopping", "prod", "web", { drainSeconds: 61 }, /preStop\.sleep\.seconds/],
    ["a database's version", "prod", "database", { image: "postgres:16" }, /containers\[postgres\]\.image/],
    ["a database's name", "prod", "database", { name: "other" }, /env\[PGDATABASE\]/],
    ["an additional secret", "prod", "secrets", { TOKEN: { secure: "v1:x" } }, /Secret web-secrets|envFrom/],
    ["a build argument", "test", "release", { build: { context: "app", args: { DEBUG: "1" } } }, /buildArgs\.DEBUG/],
  ];
  // Rendered once with all changes, because rendering takes most of the time.
  const rendering = new Map<string, Promise<string[]>>();
  const afterAllChanges = (stack: string) => {
    const changes: Record<string, object> = {};
    for (const [, , key, change] of settings.filter((each) => each[1] === stack))
      changes[key] = { ...changes[key], ...change };
    const differing = rendering.get(stack) ?? afterChange(stack, changes);
    rendering.set(stack, differing);
    return differing;
  };
  for (const [what, stack, , , field] of settings)
    it(`may not differ in ${what}`, async () => {
      assert.match((await afterAllChanges(stack)).join("\n"), field);
    });

  it("may differ in replicas, resources, sizes, hosts and protection", async () => {
    const resources = { cpu: "2", cpuLimit: "4", memory: "8Gi" };
    const differing = await afterChange("prod", {
      web: { replicas: 7, host: "www.example.com", ingressClass: "nginx", resources },
      database: { storage: "1Ti", storageClass: "gp3", protect: false, resources },
    });
    assert.deepEqual(differing, []);
  });

  it("may differ in the destinations of outgoing connections", async () => {
    assert.deepEqual(await afterChange("prod", { web: { allowTo: ["mail:25", "internet:443"] } }), []);
  });

  it("may differ in where their database is, in a container or elsewhere, but not in its name", async () => {
    const database = { name: "app", user: "shop", addresses: ["10.0.0.5/32"], tls: { ca } };
    const elsewhere = async (stack: string, external: object) => {
      const config = { ...fileOf(stack).config, "slipway:database": { external } };
      return render({ ...fileOf(stack), config }, files);
    };
    const one = await elsewhere("prod", { ...database, host: "one.example.com" });
    assert.deepEqual(titles(differences(await rendered("prod"), one)), []);
    const two = await elsewhere("prod", {
      ...database,
      host: "two.example.com",
      addresses: ["databases"],
      tls: { mode: "disable" },
    });
    assert.deepEqual(titles(differences(one, two)), []);
    const other = titles(differences(one, await elsewhere("prod", { ...database, host: "x", name: "other" })));
    assert.deepEqual(
      other.map((title) => title.replace(/.*\.env/, "env")),
      ["env[PGDATABASE].value", "env[PGDATABASE].value"],
    );
  });

  it("may differ in the login for the registry", async () => {
    assert.deepEqual(
      await afterChange("prod", { pullSecret: { username: "robot", password: { secure: "v1:x" } } }),
      [],
    );
  });

  it("may differ in the ingress controller and the issuer of certificates", async () => {
    const tls = { issuer: "letsencrypt", secret: "test-tls" };
    const web = { ingressClass: "nginx", ingressAnnotations: { "example.com/size": "8m" }, tls };
    assert.deepEqual(await afterChange("test", { web }), []);
  });

  describe("if the program created different resources", () => {
    let prod: Resource[];
    before(async () => {
      prod = await rendered("prod");
    });

    // biome-ignore lint/suspicious/noExplicitAny: parts of objects of any kind
    type Anything = any;
    const pod = ({ spec }: Anything) => spec.template.spec;
    const container = (object: Anything) => pod(object).containers[0];
    const edits: [what: string, name: string, edit: (object: Anything) => void, field: string][] = [
      [
        "volumes",
        "Deployment web",
        (object) => pod(object).volumes.push({ name: "x", emptyDir: {} }),
        "spec.template.spec.volumes[x]",
      ],
      [
        "mounts",
        "Deployment web",
        (object) => container(object).volumeMounts.pop(),
        `${web}.volumeMounts[/etc/slipway]`,
      ],
      [
        "security settings",
        "Deployment web",
        (object) => Object.assign(container(object).securityContext, { readOnlyRootFilesystem: false }),
        `${web}.securityContext.readOnlyRootFilesystem`,
      ],
      [
        "the presence of a limit",
        "Deployment web",
        (object) => delete container(object).resources.limits.memory,
        `${web}.resources.limits.memory`,
      ],
      [
        "containers",
        "Deployment web",
        (object) => pod(object).containers.push({ name: "x" }),
        "spec.template.spec.containers[x]",
      ],
      [
        "the image's digest",
        "Deployment web",
        (object) => Object.assign(container(object), { image: `x@sha256:${"e".repeat(64)}` }),
        `${web}.image.digest`,
      ],
      [
        "a pod's annotations",
        "Deployment web",
        ({ spec }) => Object.assign(spec.template.metadata, { annotations: { a: "b" } }),
        "spec.template.metadata.annotations",
      ],
      [
        "allowed clients",
        "NetworkPolicy database-clients",
        ({ spec }) => Object.assign(spec, { ingress: [{}] }),
        "spec.ingress[0].from",
      ],
      [
        "the namespace's security level",
        "Namespace app",
        ({ metadata }) => Object.assign(metadata.labels, { "pod-security.kubernetes.io/enforce": "baseline" }),
        "metadata.labels[pod-security.kubernetes.io/enforce]",
      ],
      [
        "the ingress path",
        "Ingress web",
        ({ spec }) => Object.assign(spec.rules[0].http.paths[0], { path: "/app" }),
        "spec.rules[0].http.paths[0].path",
      ],
    ];
    for (const [what, name, edit, field] of edits)
      it(`may not differ in ${what}`, () => {
        const differing = afterEdit(prod, name, edit);
        assert.ok(differing.includes(`${name} ${field}`), `${name} ${field} is not in:\n${differing.join("\n")}`);
      });

    it("may give a pod as much longer to stop as it serves longer, and no more", () => {
      // biome-ignore lint/suspicious/noExplicitAny: a Deployment, whose fields are known
      const stops = (pause: number, grace: number) => (deployment: any) => {
        const { spec } = deployment.spec.template;
        spec.containers[0].lifecycle.preStop.sleep.seconds = pause;
        spec.terminationGracePeriodSeconds = grace;
      };
      for (const stop of [30, 45]) {
        const before: Resource[] = structuredClone(prod);
        stops(5, 5 + stop)(before.find(({ kind }) => kind === "Deployment")?.object);
        assert.deepEqual(afterEdit(before, "Deployment web", stops(60, 60 + stop)), []);
        assert.deepEqual(afterEdit(before, "Deployment web", stops(60, 61 + stop)), [
          "Deployment web spec.template.spec.terminationGracePeriodSeconds",
        ]);
        assert.deepEqual(afterEdit(before, "Deployment web", stops(5, 6 + stop)), [
          "Deployment web spec.template.spec.terminationGracePeriodSeconds",
        ]);
      }
    });

    it("may not lack an object", () => {
      const less = prod.filter(({ name }) => name !== "app-deny");
      assert.deepEqual(titles(differences(prod, less)), ["NetworkPolicy app-deny"]);
    });
  });

  it("are compared with the one that they promote from; a new file is enough for a fifth one", async () => {
    const config = structuredClone(fileOf("prod").config);
    config["slipway:web"].host = "eu.example.com";
    const five = [...files, { ...fileOf("prod"), stack: "prod-eu", config }];
    assert.deepEqual(
      neighbours(five).map(([left, right]) => `${left.stack} → ${right.stack}`),
      ["dev → test", "test → staging", "staging → prod", "staging → prod-eu"],
    );
    const fifth = (await compareEnvironments(five)).at(-1);
    assert.ok(fifth);
    assert.ok(fifth.differences.some(({ right }) => right === "eu.example.com"));
    assert.deepEqual(notAllowed(fifth), []);
  });
});
