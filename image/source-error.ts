/** What is wrong with the source of an image, in words for whoever builds it: no fault of the program, so told without a trace. */
export class SourceError extends Error {
  /** Settings below `slipway:release.build` that say what is read, each with an example; none where they are not to blame. */
  readonly settings: Readonly<Record<string, string>>;

  constructor(message: string, settings: Readonly<Record<string, string>> = {}) {
    super(message);
    this.settings = settings;
  }
}
