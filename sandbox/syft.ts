import { delimiter } from "node:path";
import { type CompiledPart, ensureCompiled, syftPart } from "./compile.ts";
import { findProgram } from "./debian-packages.ts";
import { paths } from "./paths.ts";

/** What has to be compiled for listing what is in a release: nothing where the machine has a syft of its own. */
export function syftParts(path = process.env.PATH ?? ""): readonly CompiledPart[] {
  const outside = path.split(delimiter).filter((folder) => !folder.startsWith(paths.root));
  return findProgram("syft", outside.join(delimiter)) ? [] : [syftPart];
}

/** Sees to it that there is a syft: the machine's own, else a compiled one. @throws UserError */
export async function ensureSyft(): Promise<void> {
  for (const part of syftParts()) await ensureCompiled(part);
}
