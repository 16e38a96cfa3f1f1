import grpc from "@grpc/grpc-js";
import engineRpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engineProto from "@pulumi/pulumi/proto/engine_pb.js";

/** The engine's log, where a plugin tells the user what it is doing. Failures to log are ignored: they change nothing. */
export class Engine {
  private client: InstanceType<typeof engineRpc.EngineClient> | undefined;

  /** @param address host and port of the engine; empty when there is none to talk to, and nothing is logged */
  constructor(address: string) {
    this.connect(address);
  }

  /** Logs to another engine from now on. */
  connect(address: string): void {
    this.client = /:\d+$/.test(address)
      ? new engineRpc.EngineClient(address, grpc.credentials.createInsecure())
      : undefined;
  }

  /** Shows a message beside the resource while its operation runs; the next one takes its place. */
  status(urn: string, message: string): void {
    this.log(urn, message, engineProto.LogSeverity.INFO, true);
  }

  /** Prints a warning that stays. */
  warn(urn: string, message: string): void {
    this.log(urn, message, engineProto.LogSeverity.WARNING, false);
  }

  private log(urn: string, message: string, severity: 0 | 1 | 2 | 3, ephemeral: boolean): void {
    if (!this.client) return;
    const request = new engineProto.LogRequest();
    request.setUrn(urn);
    request.setMessage(message);
    request.setSeverity(severity);
    request.setEphemeral(ephemeral);
    this.client.log(request, () => {});
  }
}
