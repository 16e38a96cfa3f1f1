import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { type BaseImage, ensureImage, imageRecipeHash } from "../base-images.ts";
import { cluster, paths } from "../paths.ts";

/**
 * Builds the image of a compiled program and pushes it to the sandbox's registry, unless it is there.
 *
 * @param program file name in the sandbox's bin folder
 * @returns its name, with a tag that changes with the program, so that a changed one rolls out
 * @throws UserError with the end of the builder's log
 */
export async function ensureProgramImage(program: string): Promise<string> {
  const file = join(paths.bin, program);
  const image: BaseImage = {
    repository: `slipway/${program}`,
    tag: "1",
    folder: "program",
    prepare: async (context) => copyFileSync(file, join(context, "program")),
    ingredients: [file],
  };
  await ensureImage(image);
  return `${cluster.registry}/${image.repository}:recipe-${imageRecipeHash(image)}`;
}
