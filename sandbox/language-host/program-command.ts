/** Used fields of RunRequest, as from `toObject()`. */
export interface ProgramRequest {
  readonly project: string;
  readonly stack: string;
  readonly organization: string;
  readonly pwd: string;
  readonly program: string;
  readonly argsList: readonly string[];
  readonly configMap: readonly (readonly [string, string])[];
  readonly configsecretkeysList: readonly string[];
  readonly dryrun: boolean;
  readonly parallel: number;
  readonly monitorAddress: string;
  readonly info?: {
    readonly rootDirectory: string;
    readonly programDirectory: string;
    readonly entryPoint: string;
    readonly options?: {
      readonly fieldsMap: readonly (readonly [
        string,
        { readonly stringValue?: string; readonly boolValue?: boolean },
      ])[];
    };
  };
}

/**
 * Arguments for Node and environment of a program.
 *
 * @param engine address of the engine
 * @param findRunner finds the SDK's starter among the packages of a folder
 */
export function programCommand(
  request: ProgramRequest,
  engine: string,
  findRunner: (folder: string) => string,
): { argv: string[]; env: Record<string, string> } {
  const options = new Map(request.info?.options?.fieldsMap ?? []);
  const nodeArguments = (options.get("nodeargs")?.stringValue ?? "").split(/\s+/).filter((each) => each !== "");
  const flag = (name: string, value: string | undefined): string[] => (value ? [`--${name}`, value] : []);
  return {
    argv: [
      ...nodeArguments,
      findRunner(request.info?.programDirectory || request.pwd),
      ...flag("monitor", request.monitorAddress),
      ...flag("engine", engine),
      ...flag("organization", request.organization),
      ...flag("project", request.project),
      ...flag("stack", request.stack),
      ...flag("pwd", request.pwd),
      ...flag("root-directory", request.info?.rootDirectory),
      ...flag("parallel", String(request.parallel)),
      ...(request.dryrun ? ["--dry-run"] : []),
      request.info?.entryPoint || request.program,
      ...request.argsList,
    ],
    env: {
      PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.configMap)),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.configsecretkeysList),
      // As in the official host, the SDK compiles TypeScript unless the project disables it.
      PULUMI_NODEJS_TYPESCRIPT: String(options.get("typescript")?.boolValue ?? true),
    },
  };
}
