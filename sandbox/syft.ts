import { delimiter } from "node:path";
import { ensureCompiled } from "./compile.ts";
import { findProgram } from "./debian-packages.ts";
import { type CompiledPart, syftPart } from "./parts.ts";
import { paths } from "./paths.ts";

/** Parts to compile for SBOMs: none if the machine has a syft of its own. */
export function syftParts(path = process.env.PATH ?? ""): readonly CompiledPart[] {
  const outside = path.split(delimiter).filter((folder) => !folder.startsWith(paths.root));
  return findProgram("syft", outside.join(delimiter)) ? [] : [syftPart];
}

/** Compiles syft unless the machine has its own. @throws UserError if the compiler fails */
export async function ensureSyft(): Promise<void> {
  for (const part of syftParts()) await ensureCompiled(part);
}
