import { DockerfileParser, type Instruction, type ModifiableInstruction } from "dockerfile-ast";
import { expandWord, splitWords, type Variables } from "./dockerfile-words.ts";

/** An image that a Dockerfile uses. */
export interface BaseImage {
  /** Name with its variables expanded, as in `python:3.13-slim`. */
  readonly name: string;
  /** Whether the built image begins with its layers; otherwise the build only copies or mounts files from it. */
  readonly providesLayers: boolean;
}

interface Stage {
  readonly name?: string;
  readonly from: string;
  /** Images and stages that its instructions copy or mount from. */
  readonly sources: string[];
}

/** Inputs of a build that decide which images it uses. */
interface BuildInputs {
  /** Build arguments. @default none */
  readonly args?: Variables;
  /** Build stage to stop at. @default the last */
  readonly target?: string;
  /** Only the first counts, as in all attestations. @default linux/amd64 */
  readonly platforms?: readonly string[];
}

/**
 * Lists the images that a build uses: those that its target stage depends on.
 *
 * @see https://docs.docker.com/reference/dockerfile/#from
 */
export function baseImages(text: string, inputs: BuildInputs = {}): BaseImage[] {
  const { target } = inputs;
  const stages = stagesOf(text, inputs);
  const images = new Map<string, BaseImage>();
  const visit = (name: string, before: number, providesLayers: boolean) => {
    const index = stageIndex(name, stages.slice(0, before));
    const stage = stages[index];
    if (!stage) {
      if (name !== "scratch" && !images.get(name)?.providesLayers) images.set(name, { name, providesLayers });
      return;
    }
    visit(stage.from, index, providesLayers);
    for (const source of stage.sources) visit(source, index, false);
  };
  visit(target ?? String(stages.length - 1), stages.length, true);
  return [...images.values()];
}

/** Finds a stage by its name, in any case, or by its number; -1 if there is none. */
function stageIndex(name: string, stages: Stage[]): number {
  if (/^\d+$/.test(name)) return Number(name) < stages.length ? Number(name) : -1;
  return stages.findLastIndex((stage) => stage.name?.toLowerCase() === name.toLowerCase());
}

function stagesOf(text: string, inputs: BuildInputs): Stage[] {
  const dockerfile = DockerfileParser.parse(text);
  const escapeCharacter = dockerfile.getEscapeCharacter();
  const { args = {} } = inputs;
  const froms = dockerfile.getFROMs();
  const values: Record<string, string> = {
    ...platformArgs("BUILD", machinePlatform),
    ...platformArgs("TARGET", inputs.platforms?.[0] ?? "linux/amd64"),
    TARGETSTAGE: inputs.target ?? froms.at(-1)?.getBuildStage() ?? "default",
  };
  for (const name of Object.keys(values)) values[name] = args[name] ?? values[name] ?? "";
  const initial = dockerfile.getInitialARGs().map((arg) => arg.getArgumentsContent() ?? "");
  for (const word of initial.flatMap((words) => splitWords(words, escapeCharacter))) {
    const [name = "", ...value] = word.split("=");
    if (Object.hasOwn(args, name)) values[name] = args[name] ?? "";
    else if (word.includes("=")) values[name] = expandWord(value.join("="), values, escapeCharacter);
    // An argument without a value keeps the one that it has.
  }
  const stages: Stage[] = [];
  for (const instruction of dockerfile.getInstructions()) {
    const from = instruction.getKeyword() === "FROM" ? froms[stages.length] : undefined;
    if (from) {
      const name = from.getBuildStage() ?? undefined;
      stages.push({ name, from: expandWord(from.getImage() ?? "", values, escapeCharacter), sources: [] });
    } else stages.at(-1)?.sources.push(...sourcesOf(instruction));
  }
  return stages;
}

/** Platform of this machine, which is the builder's own unless it is remote. */
const machinePlatform = `linux/${process.arch === "x64" ? "amd64" : process.arch}`;

/** Arguments that BuildKit sets itself: https://docs.docker.com/build/building/variables/#multi-platform-build-arguments */
function platformArgs(prefix: "BUILD" | "TARGET", platform: string): Record<string, string> {
  const [os = "", architecture = "", variant = ""] = platform.split("/");
  return {
    [`${prefix}PLATFORM`]: platform,
    [`${prefix}OS`]: os,
    [`${prefix}OSVERSION`]: "",
    [`${prefix}ARCH`]: architecture,
    [`${prefix}VARIANT`]: variant,
  };
}

/** Names in `COPY --from=NAME` and `RUN --mount=type=bind,from=NAME`. */
function sourcesOf(instruction: Instruction): string[] {
  const flags = "getFlags" in instruction ? (instruction as ModifiableInstruction).getFlags() : [];
  const options = flags.filter((flag) => flag.getName() === "mount").flatMap((flag) => flag.getOptions());
  return [...flags, ...options]
    .filter((each) => each.getName() === "from")
    .map((each) => each.getValue() ?? "")
    .filter(Boolean);
}
