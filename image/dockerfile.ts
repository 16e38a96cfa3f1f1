import { DockerfileParser, type Instruction, type ModifiableInstruction } from "dockerfile-ast";

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

/**
 * Lists the images that a build uses: those that its target stage depends on.
 *
 * @see https://docs.docker.com/reference/dockerfile/#from
 */
export function baseImages(
  text: string,
  { args = {}, target }: { readonly args?: Record<string, string>; readonly target?: string } = {},
): BaseImage[] {
  const stages = stagesOf(text, args);
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

function stagesOf(text: string, args: Record<string, string>): Stage[] {
  const dockerfile = DockerfileParser.parse(text);
  const values: Record<string, string> = {};
  for (const property of dockerfile.getInitialARGs().map((arg) => arg.getProperty())) {
    if (!property) continue;
    values[property.getName()] = args[property.getName()] ?? expand(property.getValue() ?? "", values);
  }
  const froms = dockerfile.getFROMs();
  const stages: Stage[] = [];
  for (const instruction of dockerfile.getInstructions()) {
    const from = instruction.getKeyword() === "FROM" ? froms[stages.length] : undefined;
    if (from) {
      const name = from.getBuildStage() ?? undefined;
      stages.push({ name, from: expand(from.getImage() ?? "", values), sources: [] });
    } else stages.at(-1)?.sources.push(...sourcesOf(instruction));
  }
  return stages;
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

/** https://docs.docker.com/reference/dockerfile/#environment-replacement */
const expand = (text: string, values: Record<string, string>): string =>
  text.replaceAll(
    /\$(?:(\w+)|\{(\w+)(?::?([-+])([^}]*))?\})/g,
    (_, plain?: string, braced?: string, sign?: string, word = "") => {
      const value = values[plain ?? braced ?? ""] ?? "";
      if (sign === "+") return value && word;
      return value === "" && sign === "-" ? word : value;
    },
  );
