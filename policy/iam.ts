import { type Props, resourceRule } from "./rule.ts";
import { list } from "./unknown-values.ts";

/** Policies of Amazon's own that are as good as a wildcard. */
const broad = /^arn:aws:iam::aws:policy\/(AdministratorAccess|PowerUserAccess|IAMFullAccess|\w+FullAccess)$/;

/** What only looks at what there is. Not all that begins with Get does: it may read every secret, file and row of an account. */
const looking = /^[a-z0-9-]+:(Describe|List)/;

/** What can't be held to one thing: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html */
const ofNothing = [
  "cloudwatch:GetMetricData",
  "cloudwatch:GetMetricStatistics",
  "ecr-public:GetAuthorizationToken",
  "ecr:GetAuthorizationToken",
  "sts:GetCallerIdentity",
  "sts:GetServiceBearerToken",
  "tag:GetResources",
];

const harmless = (action: string): boolean => looking.test(action) || ofNothing.includes(action);

export const iamWildcard = resourceRule(
  {
    id: "iam-wildcard",
    level: "mandatory",
    reason: "A permission for everything holds for what comes later too, and whoever gets hold of it has the account.",
    remedy: "name the actions, the resources and who may use them; what has to be for all, with a Condition",
  },
  ({ type, props }) => {
    if (!type.startsWith("aws:")) return [];
    const attached = [props.policyArn, ...list(props.managedPolicyArns)].filter((arn) => broad.test(String(arn)));
    const documents = [props.policy, props.assumeRolePolicy, ...list(props.inlinePolicies).map(({ policy }) => policy)];
    return [
      ...attached.map((arn) => `${String(arn).split("/").at(-1)} permits everything`),
      ...documents.flatMap(statementsOf).flatMap((statement) => permitsAll(statement, type.startsWith("aws:kms/"))),
    ];
  },
);

/** The statements of a policy, which is JSON; none of what is something else, or not known yet. */
function statementsOf(document: unknown): Props[] {
  if (typeof document !== "string") return [];
  try {
    return list([JSON.parse(document).Statement].flat()).filter((statement) => statement !== undefined);
  } catch {
    return [];
  }
}

/** @param key whether it is the policy of a key, in which every resource is that key */
function permitsAll(statement: Props, key: boolean): string[] {
  const { Sid = "a statement", Effect, Condition } = statement;
  if (Effect !== "Allow") return [];
  const actions = list([statement.Action ?? []].flat());
  // The account itself, which then decides by its own policies: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
  const leftToTheAccount = key && principals(statement).every((each) => /^(arn:aws:iam::)?\d{12}(:root)?$/.test(each));
  const found = ["NotAction", "NotResource", "NotPrincipal"].filter((field) => statement[field] !== undefined);
  const all = leftToTheAccount ? [] : actions.filter((action) => /^\*$|:\*$/.test(action));
  if (all.length > 0) found.push(`the action ${all.join(", ")}`);
  if (principals(statement).includes("*") && !Condition) found.push("everybody");
  const everywhere = list([statement.Resource ?? []].flat()).includes("*");
  if (everywhere && !Condition && !key && !actions.every(harmless)) found.push("every resource");
  return found.map((what) => `${Sid} permits ${what}`);
}

const principals = ({ Principal }: Props): string[] =>
  typeof Principal === "string"
    ? [Principal]
    : Object.values(Principal ?? {})
        .flat()
        .map(String);
