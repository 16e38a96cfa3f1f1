/**
 * An error for people: what is wrong, where, what is allowed, and what to type. Pulumi and `runMain` print it without a
 * stack trace. Any other error is a defect of Slipway and keeps its trace.
 */
export class UserError extends Error {
  /** Pulumi's mark of such an error (`pulumi.RunError.isInstance`). Not inherited: loading the SDK takes a command half a second. */
  readonly __pulumiRunError = true;
  /** Settings to correct, each with an example, below `slipway:release.build`. The caller that knows the stack turns them into commands. */
  readonly settings: Readonly<Record<string, string>>;

  constructor(message: string, settings: Readonly<Record<string, string>> = {}) {
    super(message);
    this.settings = settings;
  }
}
