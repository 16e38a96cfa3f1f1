import { DockerfileParser, type Instruction, type ModifiableInstruction } from "dockerfile-ast";

/** An image that a Dockerfile takes something from. */
export interface BaseImage {
  /** As the Dockerfile names it, with its variables filled in: `python:3.13-slim`. */
  readonly name: string;
  /** Whether what is built begins with its layers; otherwise files are copied from it, or it serves the build alone. */
  readonly underneath: boolean;
}

interface Stage {
  readonly name?: string;
  readonly from: string;
  /** What its instructions copy or mount from. */
  readonly others: string[];
}

/**
 * Every image that goes into a build: those that its last stage, or the one that it stops at, is made from.
 *
 * @see https://docs.docker.com/reference/dockerfile/#from
 */
export function baseImages(
  text: string,
  { args = {}, target }: { readonly args?: Record<string, string>; readonly target?: string } = {},
): BaseImage[] {
  const stages = stagesOf(text, args);
  const found = new Map<string, BaseImage>();
  const visit = (name: string, before: number, underneath: boolean) => {
    const place = placeOf(name, stages.slice(0, before));
    const stage = stages[place];
    if (!stage) {
      if (name !== "scratch" && !found.get(name)?.underneath) found.set(name, { name, underneath });
      return;
    }
    visit(stage.from, place, underneath);
    for (const other of stage.others) visit(other, place, false);
  };
  visit(target ?? String(stages.length - 1), stages.length, true);
  return [...found.values()];
}

/** A stage is known by its name, whatever the case, or by its number; -1 for what is none. */
function placeOf(name: string, stages: Stage[]): number {
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
      stages.push({ name, from: expand(from.getImage() ?? "", values), others: [] });
    } else stages.at(-1)?.others.push(...sourcesOf(instruction));
  }
  return stages;
}

/** As in `COPY --from=NAME` and `RUN --mount=type=bind,from=NAME`. */
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
