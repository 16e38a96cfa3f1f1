import { PolicyPack } from "@pulumi/policy";
import { rules } from "./rules.ts";

new PolicyPack("slipway", { policies: [...rules], enforcementLevel: "mandatory" });
