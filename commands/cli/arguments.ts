import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { UserError } from "../../settings/user-error.ts";

/** Option that names a stack, as in `-s prod`. */
export const stackOption = { type: "string", short: "s" } as const;

/** Option with a text, as in `--output FILE`. */
export const textOption = { type: "string" } as const;

/**
 * Reads a command line.
 *
 * @param usage how to call the command; every error ends with it
 * @param most maximum number of positional arguments
 * @throws UserError if an option is unknown, or an argument is too many
 */
export function readArguments<Options extends ParseArgsOptionsConfig>(
  usage: string,
  { options, most }: { readonly options: Options; readonly most: number },
  args: readonly string[] = process.argv.slice(2),
) {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    if (positionals.length <= most) return { values, positionals };
  } catch (error) {
    throw new UserError(`${(error as Error).message}\n${usage}`);
  }
  throw new UserError(`${args.join(" ")} has more arguments than allowed: ${most}\n${usage}`);
}

/**
 * Checks an argument that a command needs.
 *
 * @param allowed description of the allowed values
 * @throws UserError if the argument is missing or does not match the pattern
 */
export function required(
  usage: string,
  name: string,
  value: string | undefined,
  allowed: string,
  pattern = /./,
): string {
  if (value !== undefined && pattern.test(value)) return value;
  throw new UserError(`${name} is ${value || "missing"}; allowed: ${allowed}\n${usage}`);
}
