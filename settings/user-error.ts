/**
 * An error for people: what is wrong, where, what is allowed, and what to type. Printed without a stack trace: by Pulumi in the program, by
 * `runMain` in a command. Anything else that is thrown is a defect of Slipway, and keeps its trace.
 */
export class UserError extends Error {
  /** Pulumi's mark of such an error (`pulumi.RunError.isInstance`). Set here, not inherited: loading the SDK takes a command half a second. */
  readonly __pulumiRunError = true;
  /** Settings to correct, each with an example: below `slipway:release.build`. Whoever knows the stack turns them into commands. */
  readonly settings: Readonly<Record<string, string>>;

  constructor(message: string, settings: Readonly<Record<string, string>> = {}) {
    super(message);
    this.settings = settings;
  }
}
